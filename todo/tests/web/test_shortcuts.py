"""Keyboard shortcuts, their help, and the switch that turns letters off."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import get_items, get_titles, wait_until_saved

TITLES = ["One", "Two", "Three"]

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user, make_task):
    for title in TITLES:
        make_task(title=title)
    page = open_page(site, user)
    page.evaluate("document.activeElement.blur()")
    yield page
    assert page.problems == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def focused_title(page):
    return page.locator(":focus [data-testid=todo-title]")


def saved(page):
    wait_until_saved(page)
    return Task.objects.get(title="Two")


def test_letters_lead_to_the_add_box_and_the_search(page):
    press(page, "n")
    expect(page.get_by_label("New task")).to_be_focused()
    press(page, "Escape", "/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    ("down", "up"), [("j", "k"), ("ArrowDown", "ArrowUp")], ids=["letters", "arrows"]
)
def test_keys_go_from_row_to_row(page, down, up):
    press(page, "j")
    expect(focused_title(page)).to_have_text("One")
    press(page, down, down, down)
    expect(focused_title(page)).to_have_text("Three")
    press(page, up)
    expect(focused_title(page)).to_have_text("Two")


def test_a_row_is_completed(page):
    press(page, "j", "j", "x")

    expect(get_items(page).nth(1)).to_have_class("completed")
    assert saved(page).completed_at


def test_a_row_is_renamed(page):
    press(page, "j", "j", "e")

    expect(page.get_by_role("textbox", name="Edit")).to_have_value("Two")


@pytest.mark.parametrize("key", ["Enter", "o"])
def test_the_details_are_opened_and_closed(page, key):
    press(page, "j", "j", key)
    expect(page.get_by_label("Title")).to_have_value("Two")

    press(page, "Escape")
    expect(page.get_by_label("Title")).to_have_count(0)
    expect(focused_title(page)).to_have_text("Two")
    press(page, key)
    expect(page.get_by_label("Title")).to_have_value("Two")


def test_a_row_is_due_today(page, user):
    press(page, "j", "j", "t")

    expect(get_items(page).nth(1)).to_contain_text("Today")
    assert saved(page).due_date == user.today


def test_a_date_is_chosen(page, user):
    press(page, "j", "j", "d", "ArrowDown", "Enter")

    expect(get_items(page).nth(1)).to_contain_text("Tomorrow")
    assert saved(page).due_date == user.today + timedelta(1)
    expect(focused_title(page)).to_have_text("Two")


def test_a_digit_sets_the_priority_and_zero_removes_it(page):
    press(page, "j", "j")

    for priority in (1, 2, 3, 0):
        press(page, str(priority))
        css_class = f"p{priority}" if priority else ""
        expect(get_items(page).nth(1)).to_have_class(css_class)
        assert saved(page).priority == priority


@pytest.mark.parametrize("key", ["#", "Delete"])
def test_a_row_is_deleted_and_the_next_has_the_focus(page, key):
    press(page, "j", "j", key)

    expect(get_titles(page)).to_have_text(["One", "Three"])
    expect(focused_title(page)).to_have_text("Three")
    assert saved(page).deleted_at


@pytest.mark.parametrize("key", ["z", "ControlOrMeta+z"])
def test_several_steps_are_undone(page, key):
    press(page, "j", "j", "#", "x")
    expect(get_titles(page)).to_have_text(["One", "Three"])

    press(page, key)
    expect(page.locator("#tasks .completed")).to_have_count(0)
    press(page, key)

    expect(get_titles(page)).to_have_text(TITLES)
    wait_until_saved(page)
    assert Task.objects.in_status("open").count() == 3


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("i", "/inbox"),
        ("t", "/today"),
        ("u", "/upcoming"),
        ("a", "/"),
        ("c", "/completed"),
    ],
)
def test_two_letters_lead_to_a_view(page, site, key, path):
    page.goto(f"{site}/trash")

    press(page, "g", key)

    expect(page).to_have_url(site + path)


def test_the_focus_goes_to_the_next_row_if_the_row_leaves(page, site):
    page.goto(f"{site}/active")
    get_items(page).nth(0).focus()

    press(page, "x")
    expect(focused_title(page)).to_have_text("Two")
    press(page, "j", "x")

    expect(focused_title(page)).to_have_text("Two")


def test_keys_are_for_the_help_while_it_is_open(page):
    get_items(page).nth(0).focus()

    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_focused()
    press(page, "x", "Escape")

    expect(focused_title(page)).to_have_text("One")
    expect(get_items(page).nth(0)).to_have_class("")


def test_the_help_is_shown_and_closed(page):
    help_text = page.get_by_role("dialog", name="Keyboard shortcuts")

    press(page, "?")
    expect(help_text).to_be_visible()
    expect(help_text).to_contain_text("Undo")
    press(page, "Escape")

    expect(help_text).to_be_hidden()


def test_letters_are_typed_in_boxes(page):
    page.get_by_label("New task").press_sequentially("jkx#z?0")

    expect(page.get_by_label("New task")).to_have_value("jkx#z?0")
    expect(get_items(page)).to_have_count(3)


def test_an_input_method_that_composes_keeps_its_keys(page):
    press(page, "j", "e")
    box = page.get_by_role("textbox", name="Edit")

    for key in ("Escape", "Enter"):
        box.dispatch_event("keydown", {"key": key, "isComposing": True})

    expect(box).to_be_visible()


def test_letters_can_be_turned_off(page, user):
    type(user).objects.update(shortcuts=False)
    page.reload()
    get_items(page).nth(1).focus()

    press(page, "x", "#", "?", "1")

    expect(get_items(page).nth(1)).to_have_class("")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "Delete")
    expect(get_titles(page)).to_have_text(["One", "Three"])
