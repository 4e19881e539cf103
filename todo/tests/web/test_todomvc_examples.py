"""The suite in Playwright's repository, `examples/todomvc/tests`, case by case.

All of its 24 cases hold. Two files that expect the same are one test; `seed.spec.ts` is
the fixture. What differs is how elements are found, because it serves people better:

- A checkbox is named by its task and not "Toggle Todo", and a button "Delete Buy milk",
  so that screen readers tell them apart. Buttons can be reached without a mouse.
- An empty list is an empty list with a hint in it, not a hidden one.
- The text of a task is also in the message that announces it, so titles are looked for
  in the list.
- Filters are pages, `/active`, and not fragments, `#/active`: they work without script.
"""

import re

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import (
    add_tasks,
    get_count,
    get_items,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

MILK, DOG, REPORT = TITLES = "Buy milk", "Walk the dog", "Finish report"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user):
    page = open_page(site, user)
    yield page
    assert page.problems == []


def get_box(page):
    return page.get_by_role("textbox", name="New task")


def get_checkbox(page, title):
    return page.get_by_role("checkbox", name=title, exact=True)


def get_clear_button(page):
    return page.get_by_role("button", name="Clear completed")


# adding-todos, todo-creation


def test_should_add_single_todo(page):
    expect(get_box(page)).to_be_visible()
    get_box(page).fill(MILK)
    expect(get_box(page)).to_have_value(MILK)

    page.keyboard.press("Enter")

    expect(get_titles(page)).to_have_text([MILK])
    expect(get_box(page)).to_have_value("")
    expect(get_count(page)).to_have_text("1 item left")
    expect(get_checkbox(page, MILK)).not_to_be_checked()


def test_should_add_multiple_todos(page):
    for number, title in enumerate(TITLES, 1):
        add_tasks(page, title)
        expect(get_titles(page)).to_have_text(list(TITLES[:number]))
        expect(get_count(page)).to_contain_text(f"{number} item")

    expect(get_checkbox(page, MILK)).not_to_be_checked()


def test_should_not_add_empty_todo(page):
    get_box(page).click()
    expect(get_box(page)).to_be_focused()

    page.keyboard.press("Enter")

    expect(get_items(page)).to_have_count(0)
    expect(get_box(page)).to_have_value("")
    expect(get_box(page)).to_be_focused()


def test_should_not_add_whitespace_only_todo(page):
    add_tasks(page, "   ")

    expect(get_items(page)).to_have_count(0)


def test_should_trim_whitespace_from_new_todo(page):
    add_tasks(page, "   Todo with spaces   ")

    expect(get_titles(page)).to_have_text(["Todo with spaces"])
    expect(get_count(page)).to_have_text("1 item left")
    wait_until_saved(page)
    assert Task.objects.get().title == "Todo with spaces"


def test_should_add_todo_with_special_characters(page):
    add_tasks(page, "Buy @groceries & supplies (urgent!)")

    expect(get_titles(page)).to_have_text(["Buy @groceries & supplies (urgent!)"])
    expect(get_count(page)).to_have_text("1 item left")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Buy @groceries & supplies (urgent!)"])


# completing-todos


def test_should_complete_single_todo(page):
    add_tasks(page, MILK)
    expect(get_count(page)).to_have_text("1 item left")

    get_checkbox(page, MILK).click()

    expect(get_checkbox(page, MILK)).to_be_checked()
    expect(get_count(page)).to_have_text("0 items left")
    expect(get_clear_button(page)).to_be_visible()


def test_should_complete_multiple_todos(page):
    add_tasks(page, *TITLES)
    expect(get_count(page)).to_have_text("3 items left")

    get_checkbox(page, MILK).click()
    expect(get_checkbox(page, MILK)).to_be_checked()
    expect(get_count(page)).to_have_text("2 items left")
    get_checkbox(page, REPORT).click()

    expect(get_checkbox(page, REPORT)).to_be_checked()
    expect(get_count(page)).to_have_text("1 item left")
    expect(get_clear_button(page)).to_be_visible()


def test_should_uncomplete_completed_todo(page):
    add_tasks(page, MILK)

    get_checkbox(page, MILK).click()
    get_checkbox(page, MILK).click()

    expect(get_checkbox(page, MILK)).not_to_be_checked()
    expect(get_count(page)).to_have_text("1 item left")


def test_should_toggle_all_todos_complete_and_incomplete(page):
    add_tasks(page, *TITLES)
    toggle_all = page.get_by_role("checkbox", name="Mark all as complete")

    toggle_all.click()
    expect(get_count(page)).to_have_text("0 items left")
    expect(get_clear_button(page)).to_be_visible()
    toggle_all.click()

    expect(get_count(page)).to_have_text("3 items left")


# deleting-todos


def test_should_clear_all_completed_todos(page):
    add_tasks(page, *TITLES)
    expect(get_titles(page)).to_have_text(list(TITLES))
    get_checkbox(page, MILK).click()
    get_checkbox(page, REPORT).click()
    expect(get_count(page)).to_have_text("1 item left")

    get_clear_button(page).click()

    expect(get_titles(page)).to_have_text([DOG])
    expect(get_count(page)).to_have_text("1 item left")


def test_should_delete_single_todo(page):
    add_tasks(page, MILK)
    expect(get_count(page)).to_have_text("1 item left")

    get_items(page).hover()
    page.get_by_role("button", name="Delete").filter(visible=True).first.click()

    expect(get_items(page)).to_have_count(0)


def test_should_delete_specific_todo_from_multiple(page):
    add_tasks(page, *TITLES)
    expect(get_count(page)).to_have_text("3 items left")

    get_items(page).nth(1).hover()
    page.get_by_role("button", name=f"Delete {DOG}").click()

    expect(get_titles(page)).to_have_text([MILK, REPORT])
    expect(get_count(page)).to_have_text("2 items left")


# editing-todos


@pytest.fixture
def box(page):
    """The edit box of a task."""
    add_tasks(page, MILK)
    expect(get_titles(page)).to_have_text([MILK])
    box = open_edit_box(page, 0)
    expect(box).to_have_value(MILK)
    return box


def test_should_cancel_edit_on_escape(page, box):
    box.fill("Modified text")

    page.keyboard.press("Escape")

    expect(get_titles(page)).to_have_text([MILK])


def test_should_delete_todo_when_edited_to_empty(page, box):
    box.fill("")

    box.press("Enter")

    expect(get_titles(page)).to_have_count(0)


def test_should_edit_todo_by_double_clicking(page, box):
    box.fill("Buy organic milk")

    box.press("Enter")

    expect(get_titles(page)).to_have_text(["Buy organic milk"])


def test_should_save_edit_on_blur(page, box):
    box.fill("Schedule dentist appointment")

    page.get_by_role("heading", level=1).click()

    expect(get_titles(page)).to_have_text(["Schedule dentist appointment"])


def test_should_trim_whitespace_when_editing(page, box):
    box.fill("   Edited task   ")
    expect(box).to_have_value("   Edited task   ")

    page.keyboard.press("Enter")

    expect(get_titles(page)).to_have_text(["Edited task"])
    wait_until_saved(page)
    assert Task.objects.get().title == "Edited task"


# filtering-todos


def test_should_filter_active_todos(page):
    add_tasks(page, *TITLES)
    get_checkbox(page, REPORT).click()
    expect(get_checkbox(page, REPORT)).to_be_checked()
    expect(get_count(page)).to_have_text("2 items left")

    page.get_by_role("link", name="Active").click()

    expect(page).to_have_url(re.compile("/active$"))
    expect(get_titles(page)).to_have_text([MILK, DOG])
    expect(page.get_by_role("link", name="Active")).to_have_class("selected")
