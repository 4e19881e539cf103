"""Journeys that begin in the middle: at an address, signed out, in a second tab."""

import pytest
from playwright.sync_api import expect

from todo.models import Session, Task
from todo.tests.conftest import PASSWORD
from todo.tests.web.helpers import (
    LAST_YEAR,
    add_tasks,
    get_count,
    get_items,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def tasks(make_task):
    make_task(title="Buy milk", priority=1)
    make_task(title="Milk the cow", priority=3)
    make_task(title="Call Ann")
    make_task(title="Old milk", completed_at=LAST_YEAR)


def test_from_the_address_of_a_search(open_page, site, user, tasks):
    page = open_page(f"{site}/active?q=milk&sort=-priority", user)
    expect(get_titles(page)).to_have_text(["Milk the cow", "Buy milk"])

    get_items(page).first.get_by_role("checkbox").click()
    expect(get_titles(page)).to_have_text(["Buy milk"])
    page.get_by_role("link", name="Completed").first.click()
    expect(get_titles(page)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(get_titles(page)).to_have_text(["Old milk"])
    page.go_back()

    expect(get_titles(page)).to_have_text(["Milk the cow", "Buy milk"])
    wait_until_saved(page)
    assert Task.objects.in_status("open").count() == 3


def test_from_a_page_whose_session_has_ended(open_page, site, user, tasks):
    page = open_page(site, user)
    Session.objects.all().delete()
    page.context.clear_cookies(name="sessionid")

    add_tasks(page, "Dust")
    box = open_edit_box(page, 0)
    box.fill("Buy bread")
    box.press("Enter")
    page.get_by_role("checkbox", name="Call Ann").check()
    expect(page.locator("#outbox")).to_contain_text("3 changes are waiting")
    with page.context.expect_page() as opened:
        page.locator("#toast").get_by_role("link", name="Sign in").click()
    opened.value.get_by_label("Email").fill(user.email)
    opened.value.get_by_label("Password", exact=True).fill(PASSWORD)
    main = opened.value.get_by_role("main")
    main.get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_text("Dust", exact=True)).to_be_visible()
    opened.value.close()

    wait_until_saved(page)
    expect(page.locator("#outbox")).to_be_hidden()
    expect(get_items(page)).to_have_count(5)
    done = Task.objects.in_status("completed").values_list("title", flat=True)
    assert {*done} == {"Call Ann", "Old milk"}
    assert Task.objects.filter(title__in=["Buy bread", "Dust"]).count() == 2


def test_from_the_completed_tasks(open_page, site, user, tasks):
    page = open_page(f"{site}/completed", user)

    get_items(page).first.get_by_role("checkbox").click()
    expect(get_items(page)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(get_titles(page)).to_have_text(["Old milk"])
    page.get_by_role("button", name="Clear completed").click()
    expect(get_items(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["Old milk"])

    wait_until_saved(page)
    assert Task.objects.get(title="Old milk").completed_at == LAST_YEAR


def test_two_tabs_show_what_each_other_does(open_page, site, user, tasks):
    first = open_page(site, user)
    second = first.context.new_page()
    second.goto(f"{site}/active")

    add_tasks(first, "Dust")
    expect(get_titles(second)).to_have_text(
        ["Buy milk", "Milk the cow", "Call Ann", "Dust"]
    )
    second.get_by_role("button", name="Delete Buy milk").click()
    expect(get_titles(first)).to_have_text(
        ["Milk the cow", "Call Ann", "Old milk", "Dust"]
    )
    second.get_by_role("button", name="Undo").click()

    expect(get_items(first)).to_have_count(5)
    expect(get_count(first)).to_have_text("4 items left")


def test_from_a_page_that_is_offline(open_page, site, user, tasks):
    page = open_page(site, user)
    page.context.set_offline(True)

    add_tasks(page, "Dust", "Eat")
    page.get_by_role("checkbox", name="Dust").check()
    page.get_by_role("button", name="Delete Call Ann").click()
    page.keyboard.press("Control+z")
    box = open_edit_box(page, 0)
    box.fill("Buy bread")
    box.press("Enter")
    page.get_by_label("Search").fill("bread")
    page.context.set_offline(False)
    wait_until_saved(page)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(get_titles(page)).to_have_text(["Buy bread"])
    assert Task.objects.in_status("trash").count() == 0
    assert Task.objects.get(title="Dust").completed_at
    assert Task.objects.count() == 6
