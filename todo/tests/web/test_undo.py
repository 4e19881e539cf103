"""Undo in a browser: of what was done with all tasks of a list, and with one."""

import re

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import (
    LAST_YEAR,
    changed_since,
    get_items,
    get_titles,
    snapshot,
    wait_until_saved,
)


@pytest.fixture
def milk_and_bread(make_task):
    make_task(title="milk", priority=1)
    make_task(title="bread", priority=3)
    make_task(title="old milk", completed_at=LAST_YEAR)


@pytest.mark.browser
def test_mark_all_in_a_search_and_back(open_page, site, user, milk_and_bread):
    page = open_page(site, user)
    before = snapshot()
    page.get_by_label("Search").fill("milk")
    expect(get_items(page)).to_have_count(2)
    everything = page.get_by_label("Mark all as complete")
    expect(everything).not_to_be_checked()

    everything.click()
    expect(get_items(page)).to_have_class(["completed p1", "completed"])
    expect(everything).to_be_checked()
    expect(page.locator("#toast")).to_contain_text("Completed.")
    assert changed_since(before) == {"milk"}
    everything.click()
    expect(get_items(page)).to_have_class(["p1", "completed"])
    expect(everything).not_to_be_checked()

    wait_until_saved(page)
    assert snapshot() == before
    assert page.problems == []


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_undo_is_a_button(open_page, site, user, milk_and_bread, script):
    before = snapshot()
    page = open_page(f"{site}/?q=milk", user, java_script_enabled=script)

    page.get_by_role("button", name="Clear completed").click()
    expect(get_titles(page)).to_have_text(["milk"])
    page.get_by_role("button", name="Undo").click()

    expect(get_titles(page)).to_have_text(["milk", "old milk"])
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert snapshot() == before


@pytest.mark.browser
def test_all_of_a_long_list_are_marked_and_can_be_scrolled_to(open_page, site, user):
    Task.objects.bulk_create(Task(owner=user, title=f"{n}") for n in range(120))
    page = open_page(f"{site}/?sort=-created_at", user)

    page.get_by_label("Mark all as complete").check()
    expect(page.locator("#toast")).to_contain_text("Completed: 120 tasks.")
    for _ in range(4):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(300)

    expect(get_items(page)).to_have_count(120)
    expect(get_items(page)).to_have_class(["completed"] * 120)
    expect(page.get_by_label("Mark all as complete")).to_be_checked()
    assert page.problems == []


def delete_and_sort(page):
    page.get_by_role("button", name="Delete bread").click()
    page.get_by_label("Order").select_option("-priority")
    expect(get_titles(page)).to_have_text(["milk", "old milk"])


@pytest.mark.browser
def test_a_deleted_task_is_restored_after_the_order_changed(
    open_page, site, user, milk_and_bread
):
    page = open_page(site, user)
    delete_and_sort(page)
    expect(page).to_have_url(re.compile("sort=-priority"))

    page.get_by_role("button", name="Undo").click()

    expect(get_titles(page)).to_have_text(["bread", "milk", "old milk"])
    expect(page.locator("#toast")).to_have_text("Undone.")
    wait_until_saved(page)
    assert Task.objects.in_status("all").count() == 3
    assert page.problems == []


@pytest.mark.browser
def test_a_deleted_task_is_restored_while_the_order_changes(
    open_page, site, user, milk_and_bread
):
    page = open_page(site, user)
    held = []
    page.route("**/?q=*", lambda route: held.append((route, route.fetch())), times=1)
    delete_and_sort(page)

    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    while not held:  # the response is fetched
        page.wait_for_timeout(50)
    route, response = held[0]
    route.fulfill(response=response)  # the list before Undo

    expect(page).to_have_url(re.compile("sort=-priority"))
    expect(get_titles(page)).to_have_text(["bread", "milk", "old milk"])


@pytest.mark.browser
def test_a_deleted_task_is_restored_after_a_search(
    open_page, site, user, milk_and_bread
):
    page = open_page(site, user)
    page.get_by_role("button", name="Delete bread").click()
    page.get_by_label("Search").fill("old")
    expect(get_titles(page)).to_have_text(["old milk"])

    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#toast")).to_have_text("Undone.")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["old milk"])
    assert Task.objects.in_status("all").count() == 3
    page.get_by_label("Search").fill("")
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
