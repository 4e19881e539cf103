"""The conventions of TodoMVC, in the order of its own tests."""

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

CHEESE, CAT, DOCTOR = "buy some cheese", "feed the cat", "book a doctors appointment"

pytestmark = pytest.mark.browser


@pytest.fixture
def empty_list(open_page, site, user):
    page = open_page(site, user)
    yield page
    assert page.problems == []


@pytest.fixture
def page(open_page, site, user, make_task):
    """A list with three tasks."""
    for title in (CHEESE, CAT, DOCTOR):
        make_task(title=title)
    page = open_page(site, user)
    yield page
    assert page.problems == []


def test_tasks_are_added_at_the_end_and_the_input_is_cleared(empty_list):
    add_tasks(empty_list, CHEESE, CAT, DOCTOR)

    expect(get_titles(empty_list)).to_have_text([CHEESE, CAT, DOCTOR])
    expect(empty_list.get_by_placeholder("What needs to be done?")).to_be_empty()
    expect(get_count(empty_list)).to_have_text("3 items left")
    wait_until_saved(empty_list)
    assert Task.objects.in_status("open").count() == 3


def test_all_are_completed_and_reopened(page):
    toggle_all = page.get_by_label("Mark all as complete")

    toggle_all.check()
    expect(get_items(page)).to_have_class(["completed"] * 3)
    expect(toggle_all).to_be_checked()
    wait_until_saved(page)
    assert Task.objects.in_status("completed").count() == 3

    toggle_all.uncheck()
    expect(get_items(page)).to_have_class([""] * 3)
    wait_until_saved(page)
    assert Task.objects.in_status("open").count() == 3


def test_all_are_completed_and_reopened_in_quick_succession(page):
    toggle_all = page.get_by_label("Mark all as complete")

    toggle_all.check()
    toggle_all.uncheck()

    expect(get_items(page)).to_have_class([""] * 3)


def test_the_checkbox_for_all_follows_the_items(page):
    toggle_all = page.get_by_label("Mark all as complete")
    toggle_all.check()
    expect(get_items(page)).to_have_class(["completed"] * 3)

    get_items(page).nth(0).get_by_role("checkbox").uncheck()
    expect(toggle_all).not_to_be_checked()
    get_items(page).nth(0).get_by_role("checkbox").check()
    expect(toggle_all).to_be_checked()


def test_an_item_is_completed_and_reopened(page):
    checkbox = get_items(page).nth(0).get_by_role("checkbox")

    checkbox.check()
    expect(get_items(page).nth(0)).to_have_class("completed")
    expect(get_items(page).nth(1)).not_to_have_class("completed")
    checkbox.uncheck()
    expect(get_items(page).nth(0)).not_to_have_class("completed")


def test_an_item_is_edited(page):
    box = open_edit_box(page, 1)
    expect(box).to_have_value(CAT)

    box.fill("   buy some sausages   ")
    box.press("Enter")

    expect(get_items(page)).to_have_text([CHEESE, "buy some sausages", DOCTOR])
    wait_until_saved(page)
    assert Task.objects.filter(title="buy some sausages").exists()


def test_other_controls_are_hidden_while_editing(page):
    open_edit_box(page, 1)

    expect(get_items(page).nth(1).get_by_role("checkbox")).not_to_be_visible()
    expect(get_titles(page).nth(1)).not_to_be_visible()


def test_an_edit_is_saved_on_blur(page):
    box = open_edit_box(page, 1)
    box.fill("buy some sausages")

    box.dispatch_event("blur")

    expect(get_items(page)).to_have_text([CHEESE, "buy some sausages", DOCTOR])


def test_an_item_without_text_is_removed(page):
    box = open_edit_box(page, 1)
    box.fill("")

    box.press("Enter")

    expect(get_items(page)).to_have_text([CHEESE, DOCTOR])


def test_escape_cancels_an_edit(page):
    box = open_edit_box(page, 1)
    box.fill("buy some sausages")

    box.press("Escape")

    expect(get_items(page)).to_have_text([CHEESE, CAT, DOCTOR])
    wait_until_saved(page)
    assert not Task.objects.filter(title="buy some sausages").exists()


def test_the_number_of_items_left_is_shown(empty_list):
    add_tasks(empty_list, CHEESE)
    expect(get_count(empty_list)).to_have_text("1 item left")
    add_tasks(empty_list, CAT)
    expect(get_count(empty_list)).to_have_text("2 items left")


def test_completed_items_are_cleared(page):
    clear = page.get_by_role("button", name="Clear completed")
    expect(clear).to_be_hidden()

    get_items(page).nth(1).get_by_role("checkbox").check()
    clear.click()

    expect(get_items(page)).to_have_text([CHEESE, DOCTOR])
    expect(clear).to_be_hidden()
    wait_until_saved(page)
    assert Task.objects.in_status("trash").get().title == CAT


def test_items_survive_a_reload(page):
    get_items(page).nth(0).get_by_role("checkbox").check()
    expect(get_items(page)).to_have_class(["completed", "", ""])

    page.reload()

    expect(get_items(page)).to_have_text([CHEESE, CAT, DOCTOR])
    expect(get_items(page)).to_have_class(["completed", "", ""])


def test_filters_have_addresses_and_the_back_button_works(page):
    get_items(page).nth(1).get_by_role("checkbox").check()
    expect(get_items(page).nth(1)).to_have_class("completed")
    expect(page.get_by_role("link", name="All")).to_have_class("selected")

    page.get_by_role("link", name="Active").click()
    expect(get_items(page)).to_have_text([CHEESE, DOCTOR])
    expect(page.get_by_role("link", name="Active")).to_have_class("selected")
    page.get_by_role("link", name="Completed").click()
    expect(get_items(page)).to_have_text([CAT])
    page.go_back()
    expect(get_items(page)).to_have_text([CHEESE, DOCTOR])
    page.go_back()
    expect(get_items(page)).to_have_text([CHEESE, CAT, DOCTOR])
    page.go_forward()
    expect(get_items(page)).to_have_text([CHEESE, DOCTOR])
