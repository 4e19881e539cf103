"""The list in a browser: due dates, keyboard, focus, search, scrolling, headings."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import add_tasks, get_items, get_titles

pytestmark = pytest.mark.browser


def test_due_date_and_priority_are_set_in_the_row(open_page, site, user, make_task):
    user.time_zone = "Asia/Tokyo"
    user.save()
    make_task(title="Buy milk")
    page = open_page(site, user)

    for days, label in ((0, "Today"), (-1, "Overdue: Yesterday"), (1, "Tomorrow")):
        page.get_by_role("link", name="Details of Buy milk").click()
        due_date = user.today + timedelta(days)
        page.get_by_label("Due date").fill(due_date.isoformat())
        page.get_by_label("Priority").select_option("High")
        page.get_by_role("button", name="Save").click()
        expect(get_items(page).locator("time")).to_have_text(label)
    expect(get_items(page)).to_contain_text("High")


def test_the_keyboard_is_enough(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann", "Walk"):
        make_task(title=title)
    page = open_page(site, user)
    press = page.keyboard.press

    press("Escape")
    press("j")
    expect(get_items(page).nth(0)).to_be_focused()
    press("j")
    press("x")
    expect(get_items(page).nth(1)).to_have_class("completed")
    expect(get_items(page).nth(1)).to_be_focused()
    press("k")
    press("e")
    expect(page.get_by_role("textbox", name="Edit")).to_be_focused()
    page.keyboard.type("Buy bread x n")
    press("Enter")
    expect(get_titles(page).nth(0)).to_have_text("Buy bread x n")
    expect(get_items(page).nth(0)).to_be_focused()
    press("n")
    expect(page.get_by_label("New task")).to_be_focused()
    page.keyboard.type("jx?/")
    expect(page.get_by_label("New task")).to_have_value("jx?/")
    press("Escape")
    press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    press("Escape")
    press("?")
    expect(page.get_by_text("next, previous")).to_be_visible()
    press("Escape")
    expect(page.get_by_text("next, previous")).to_be_hidden()
    assert page.problems == []


def test_the_focus_stays_in_the_list_when_a_row_is_removed(
    open_page, site, user, make_task
):
    for title in ("Buy milk", "Call Ann"):
        make_task(title=title)
    page = open_page(site, user)

    page.get_by_role("button", name="Delete Buy milk").focus()
    page.keyboard.press("Enter")

    expect(get_items(page)).to_have_count(1)
    expect(get_items(page).nth(0)).to_be_focused()
    expect(page.locator("#toast")).to_contain_text("Moved to the trash: Buy milk")


def test_the_list_is_searched_while_typing(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann"):
        make_task(title=title)
    page = open_page(site, user)

    page.get_by_label("Search").press_sequentially("ann", delay=20)

    expect(get_titles(page)).to_have_text(["Call Ann"])
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page).to_have_url(re.compile("q=ann"))
    page.get_by_label("Search").fill("")
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])


def test_escape_in_the_search_box_shows_all_tasks(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann"):
        make_task(title=title)
    page = open_page(site, user)
    page.get_by_label("Search").fill("ann")
    expect(page).to_have_url(re.compile("q=ann"))
    expect(get_titles(page)).to_have_text(["Call Ann"])

    page.get_by_label("Search").press("Escape")

    expect(page.get_by_label("Search")).to_have_value("")
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])


def test_a_search_is_part_of_the_links_to_other_views_of_the_list(
    open_page, site, user, make_task
):
    make_task(title="Call Ann")
    page = open_page(site, user)

    page.get_by_label("Search").press_sequentially("ann", delay=20)

    active = page.get_by_role("link", name="Active")
    for link in (active, page.locator("#print")):
        expect(link).to_have_attribute("href", re.compile("q=ann&"))


def test_scrolling_loads_more_tasks_once(open_page, site, user):
    Task.objects.bulk_create(Task(owner=user, title=f"{n}") for n in range(120))
    page = open_page(site, user)
    expect(get_items(page)).to_have_count(50)

    add_tasks(page, "last")  # the page that contains it is not loaded yet
    for _ in range(4):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(300)

    expect(get_items(page)).to_have_count(121)
    expect(get_titles(page).last).to_have_text("last")
    assert page.problems == []


@pytest.mark.parametrize("is_offline", [False, True], ids=["online", "offline"])
def test_a_heading_is_shown_as_long_as_tasks_follow_it(
    open_page, site, user, make_task, is_offline
):
    for title, days in (("Pay", -1), ("Call Ann", 0), ("Buy milk", 0)):
        make_task(title=title, due_date=user.today + timedelta(days))
    page = open_page(f"{site}/today", user)
    page.context.set_offline(is_offline)
    headings = page.locator("#tasks h2").filter(visible=True)
    expect(headings).to_have_text(["Overdue", "Today"])

    page.get_by_role("checkbox", name="Pay").click()
    expect(headings).to_have_text(["Today"])
    page.get_by_role("checkbox", name="Call Ann").click()
    expect(get_titles(page)).to_have_text(["Buy milk"])
    expect(headings).to_have_text(["Today"])
    page.get_by_role("checkbox", name="Buy milk").click()
    expect(headings).to_have_count(0)
