"""Dates, priorities and lists are set from the row."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from todo.models import List, Task
from todo.tests.web.helpers import PHONE, get_items, wait_until_saved

pytestmark = pytest.mark.browser
on_phones_too = pytest.mark.parametrize(
    "page", [{}, PHONE], indirect=True, ids=["desktop", "phone"]
)


@pytest.fixture
def task(make_task):
    return make_task(title="Buy milk")


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.fixture
def page(open_page, site, user, task, home, request):
    page = open_page(site, user, **getattr(request, "param", {}))
    yield page
    assert page.problems == []


def open_popover(page, part):
    row = get_items(page).nth(0)
    row.focus()
    row.press({"date": "d", "list": "l", "priority": "p"}[part])
    expect(page.locator("#quick")).to_be_visible()


def choose(page, part, name):
    open_popover(page, part)
    page.locator("#quick").get_by_role("button", name=name).click()
    wait_until_saved(page)


@pytest.mark.parametrize(("name", "days"), [("Today", 0), ("Tomorrow", 1)])
def test_a_date_is_set(page, user, task, name, days):
    choose(page, "date", name)

    expect(get_items(page).nth(0)).to_contain_text(name)
    task.refresh_from_db()
    assert task.due_date == user.today + timedelta(days)


def test_next_week_is_the_next_monday(page, user, task):
    choose(page, "date", "Next week")

    task.refresh_from_db()
    assert task.due_date == user.today + timedelta(7 - user.today.weekday())


def test_a_date_is_removed(page, user, task):
    Task.objects.update(due_date=user.today)
    page.reload()

    choose(page, "date", "No date")

    task.refresh_from_db()
    assert task.due_date is None


@on_phones_too
def test_a_date_is_typed(page, task):
    open_popover(page, "date")
    box = page.locator("#quick").get_by_label("Another day")

    box.fill("2030-02-03")
    box.press("Enter")

    wait_until_saved(page)
    task.refresh_from_db()
    assert task.due_date.isoformat() == "2030-02-03"


def test_a_priority_is_set_and_the_current_one_is_marked(page, task):
    choose(page, "priority", "High")
    expect(get_items(page).nth(0)).to_have_class("p3")
    task.refresh_from_db()
    assert task.priority == 3

    open_popover(page, "priority")
    high = page.locator("#quick").get_by_role("button", name="High")
    expect(high).to_have_attribute("aria-pressed", "true")
    expect(high).to_be_focused()


@on_phones_too
def test_a_list_is_set(page, task, home):
    choose(page, "list", "Home")

    expect(get_items(page).nth(0)).to_contain_text("Home")
    task.refresh_from_db()
    assert task.list == home


@pytest.mark.parametrize(
    ("part", "name", "text"),
    [
        ("date", "Tomorrow", "Tomorrow"),
        ("priority", "Low", "Low"),
        ("list", "H", "Home"),
    ],
)
def test_a_change_shows_before_the_server_has_it(page, part, name, text):
    page.route("**/set", lambda route: None)

    open_popover(page, part)
    page.locator("#quick").get_by_role("button", name=name).click()

    expect(get_items(page).nth(0)).to_contain_text(text)
    expect(page.locator("#tasks .pending")).to_have_count(1)


def test_a_change_that_is_refused_is_put_back(page):
    page.route("**/set", lambda route: route.fulfill(status=422, body="No."))

    open_popover(page, "date")
    page.locator("#quick").get_by_role("button", name="Today").click()

    expect(page.locator("#toast")).to_contain_text("No.")
    expect(get_items(page).nth(0)).not_to_contain_text("Today")
    page.problems.clear()  # the browser reports the response


def test_a_task_that_is_moved_leaves_the_inbox_at_once(page, site):
    page.goto(f"{site}/inbox")
    page.route("**/set", lambda route: None)

    open_popover(page, "list")
    page.locator("#quick").get_by_role("button", name="Home").click()

    expect(get_items(page).filter(visible=True)).to_have_count(0)


def test_a_change_is_undone(page, task):
    choose(page, "priority", "High")

    page.get_by_role("button", name="Undo").click()

    expect(get_items(page).nth(0)).not_to_have_class("p3")
    wait_until_saved(page)
    task.refresh_from_db()
    assert task.priority == 0


def test_the_arrow_keys_go_through_the_buttons_and_escape_returns_to_the_row(page):
    open_popover(page, "priority")
    buttons = page.locator("#quick form:not([hidden]) button")
    buttons.nth(0).focus()

    page.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(buttons.last).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#quick")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('[data-testid]') !== null")


@pytest.mark.parametrize("name", ["Schedule", "Move"])
def test_a_button_of_the_row_opens_the_popover_inside_the_window(page, name):
    row = get_items(page).nth(0)
    row.hover()
    row.get_by_role("button", name=name).click()

    popover = page.locator("#quick")
    expect(popover).to_be_visible()
    box, size = popover.bounding_box(), page.viewport_size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]


SCROLL_BAR = 15  # pixels; the tests' browser hides scroll bars
WITH_SCROLL_BAR = """(width) => Object.defineProperty(
    window, "innerWidth", { value: document.documentElement.clientWidth + width })"""


def test_the_popover_is_not_under_the_scroll_bar(page):
    page.evaluate(WITH_SCROLL_BAR, SCROLL_BAR)
    row = get_items(page).nth(0)
    row.hover()

    row.get_by_role("button", name="Move").click()

    box = page.locator("#quick").bounding_box()
    assert box["x"] + box["width"] <= page.viewport_size["width"] - 8  # its margin


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_without_script_a_row_leads_to_the_fields_of_the_quick_actions(
    open_page, site, user, task, options
):
    page = open_page(f"{site}/active", user, java_script_enabled=False, **options)

    page.get_by_role("link", name="Plan").click()
    page.locator(":target").get_by_label("Due date").fill("2026-12-24")
    page.get_by_role("button", name="Save").click()

    expect(page).to_have_url(re.compile("/active"))
    expect(get_items(page)).to_contain_text("Dec 24")
    task.refresh_from_db()
    assert str(task.due_date) == "2026-12-24"


def test_with_script_a_row_has_only_the_buttons(page):
    row = get_items(page).nth(0)
    row.hover()

    expect(row.get_by_role("button", name="Schedule")).to_be_visible()
    expect(row.get_by_role("link")).to_have_count(1)
