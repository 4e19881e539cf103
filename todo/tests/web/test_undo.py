"""Undo in a browser: of what was done with all tasks of a list, and with one."""

import re

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import (
    LAST_YEAR,
    add_tasks,
    changed_since,
    get_count,
    get_items,
    get_titles,
    open_edit_box,
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
    if script:
        wait_until_saved(page)
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


# Several steps, and keys.


@pytest.mark.browser
def test_several_changes_are_undone_the_newest_first(
    open_page, site, user, milk_and_bread
):
    before = snapshot()
    page = open_page(site, user)
    page.get_by_role("checkbox", name="bread").check()
    page.get_by_role("button", name="Delete bread").click()
    open_edit_box(page, 0).fill("cheese")
    page.keyboard.press("Enter")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["cheese", "old milk"])

    page.keyboard.press("Control+z")
    expect(get_titles(page)).to_have_text(["milk", "old milk"])
    page.keyboard.press("Control+z")
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    page.keyboard.press("Control+z")
    expect(page.get_by_role("checkbox", name="bread")).not_to_be_checked()

    wait_until_saved(page)
    assert snapshot() == before
    page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    wait_until_saved(page)
    assert snapshot() == before
    assert page.problems == []


@pytest.mark.browser
def test_a_change_that_is_not_sent_yet_is_withdrawn(
    open_page, site, user, milk_and_bread
):
    page = open_page(site, user)
    page.context.set_offline(True)
    page.get_by_role("button", name="Delete bread").click()
    expect(page.locator("#outbox")).to_be_visible()

    page.keyboard.press("Control+z")
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    page.context.set_offline(False)

    wait_until_saved(page)
    assert Task.objects.in_status("all").count() == 3


@pytest.mark.browser
@pytest.mark.parametrize("reload", [False, True], ids=["same page", "after a reload"])
def test_undo_before_the_answer_waits_for_it(
    open_page, site, user, milk_and_bread, reload
):
    page = open_page(site, user)
    held = []
    page.route("**/tasks/*/trash", lambda route: held.append(route), times=1)
    page.get_by_role("button", name="Delete bread").click()
    while not held:
        page.wait_for_timeout(20)

    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    if reload:
        page.reload()
        expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    else:
        held[0].continue_()

    wait_until_saved(page)
    expect(page.locator(".pending")).to_have_count(0)
    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])
    assert Task.objects.in_status("all").count() == 3


@pytest.mark.browser
def test_undo_works_on_the_next_page(open_page, site, user, milk_and_bread):
    page = open_page(site, user)
    page.get_by_role("button", name="Delete bread").click()
    wait_until_saved(page)
    page.get_by_role("link", name="Active").click()
    expect(get_titles(page)).to_have_text(["milk"])

    page.keyboard.press("Control+z")

    expect(get_titles(page)).to_have_text(["milk", "bread"])


@pytest.mark.browser
def test_undo_ends_after_a_minute(open_page, site, user, milk_and_bread):
    page = open_page(site, user)
    page.get_by_role("button", name="Delete bread").click()
    wait_until_saved(page)
    page.evaluate("() => { const now = Date.now() + 61_000; Date.now = () => now; }")

    page.keyboard.press("Control+z")

    page.wait_for_timeout(300)
    assert Task.objects.in_status("trash").count() == 1


@pytest.mark.browser
def test_the_browser_undoes_what_is_typed(open_page, site, user, milk_and_bread):
    page = open_page(site, user)
    page.get_by_role("button", name="Delete bread").click()
    wait_until_saved(page)
    page.get_by_label("New task").fill("half a")
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    assert Task.objects.in_status("trash").count() == 1

    page.get_by_label("New task").fill("")
    page.keyboard.press("Control+z")

    expect(get_titles(page)).to_have_text(["milk", "bread", "old milk"])


@pytest.mark.browser
def test_undo_is_next_in_the_tab_order_and_the_toast_can_be_closed(
    open_page, site, user, milk_and_bread
):
    page = open_page(site, user)
    box = page.get_by_role("checkbox", name="bread")
    box.focus()
    page.keyboard.press("Space")
    wait_until_saved(page)

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(box).to_be_focused()
    expect(box).to_be_checked()


# Tasks that were just added.


def undo_by(page, way):
    if way == "key":
        page.keyboard.press("Control+z")
    else:
        page.get_by_role("button", name="Undo").click()


@pytest.mark.browser
@pytest.mark.parametrize("way", ["key", "button"])
def test_a_task_that_was_just_added_is_moved_to_the_trash(
    open_page, site, user, make_task, way
):
    make_task(title="bread")
    page = open_page(site, user)
    add_tasks(page, "milk")
    wait_until_saved(page)
    expect(page.locator("#toast")).to_contain_text("Added: milk")

    undo_by(page, way)

    expect(get_titles(page)).to_have_text(["bread"])
    expect(get_count(page)).to_have_text("1 item left")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["bread"])
    assert Task.objects.in_status("trash").get().title == "milk"
    assert page.problems == []


@pytest.mark.browser
@pytest.mark.parametrize("way", ["key", "button"])
def test_a_task_that_is_not_sent_yet_is_typed_again(open_page, site, user, way):
    page = open_page(site, user)
    page.context.set_offline(True)
    add_tasks(page, "milk")
    expect(page.locator("#outbox")).to_be_visible()

    undo_by(page, way)

    expect(get_items(page)).to_have_count(0)
    expect(page.get_by_label("New task")).to_have_value("milk")
    page.context.set_offline(False)
    wait_until_saved(page)
    assert not Task.objects.exists()


@pytest.mark.browser
def test_a_task_that_is_undone_while_it_is_sent_leaves_the_list(open_page, site, user):
    page = open_page(site, user)
    held = []
    page.route("**/tasks/new", lambda route: held.append(route), times=1)
    add_tasks(page, "milk")
    while not held:
        page.wait_for_timeout(20)

    page.keyboard.press("Control+z")
    expect(get_items(page)).to_have_count(0)
    held[0].continue_()

    wait_until_saved(page)
    expect(get_items(page)).to_have_count(0)
    assert Task.objects.in_status("trash").get().title == "milk"


@pytest.mark.browser
def test_tasks_that_were_added_are_undone_one_by_one(open_page, site, user):
    page = open_page(site, user)
    add_tasks(page, "milk", "bread")
    page.get_by_role("checkbox", name="milk").check()
    page.get_by_role("checkbox", name="milk").blur()

    for titles in (["milk", "bread"], ["milk"], []):
        page.keyboard.press("Control+z")
        expect(get_titles(page)).to_have_text(titles)
        wait_until_saved(page)

    assert Task.objects.in_status("trash").count() == 2
    page.reload()
    expect(get_items(page)).to_have_count(0)


@pytest.mark.browser
def test_adding_a_task_is_undone_without_script(open_page, site, user):
    page = open_page(f"{site}/inbox", user, java_script_enabled=False)
    page.get_by_label("New task").fill("milk #shop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Added, #shop")).to_be_visible()

    page.get_by_role("button", name="Undo").click()

    expect(get_items(page)).to_have_count(0)
    assert Task.objects.in_status("trash").get().title == "milk"
