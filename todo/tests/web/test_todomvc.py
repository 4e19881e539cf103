"""What every to-do list does, by TodoMVC's conventions and in its test's order."""

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.conftest import add, edit_box, items, titles

CHEESE, CAT, DOCTOR = "buy some cheese", "feed the cat", "book a doctors appointment"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user):
    page = open_page(site, user)
    yield page
    assert page.problems == []


@pytest.fixture
def three(page):
    add(page, CHEESE, CAT, DOCTOR)
    expect(titles(page)).to_have_text([CHEESE, CAT, DOCTOR])
    return page


def test_tasks_are_added_at_the_end_and_the_box_is_empty_again(three):
    expect(three.get_by_placeholder("What needs to be done?")).to_be_empty()
    expect(three.get_by_test_id("todo-count")).to_have_text("3 items left")
    assert Task.objects.in_status("open").count() == 3


def test_all_are_completed_and_opened_again(three):
    every = three.get_by_label("Mark all as complete")

    every.check()
    expect(items(three)).to_have_class(["completed"] * 3)
    expect(every).to_be_checked()
    assert Task.objects.in_status("completed").count() == 3

    every.uncheck()
    expect(items(three)).to_have_class([""] * 3)
    assert Task.objects.in_status("open").count() == 3


def test_all_are_completed_and_opened_again_at_once(three):
    every = three.get_by_label("Mark all as complete")

    every.check()
    every.uncheck()

    expect(items(three)).to_have_class([""] * 3)


def test_the_box_for_all_follows_the_items(three):
    every = three.get_by_label("Mark all as complete")
    every.check()
    expect(items(three)).to_have_class(["completed"] * 3)

    items(three).nth(0).get_by_role("checkbox").uncheck()
    expect(every).not_to_be_checked()
    items(three).nth(0).get_by_role("checkbox").check()
    expect(every).to_be_checked()


def test_an_item_is_completed_and_opened_again(three):
    box = items(three).nth(0).get_by_role("checkbox")

    box.check()
    expect(items(three).nth(0)).to_have_class("completed")
    expect(items(three).nth(1)).not_to_have_class("completed")
    box.uncheck()
    expect(items(three).nth(0)).not_to_have_class("completed")


def test_an_item_is_edited(three):
    edit = edit_box(three)
    expect(edit).to_have_value(CAT)

    edit.fill("   buy some sausages   ")
    edit.press("Enter")

    expect(items(three)).to_have_text([CHEESE, "buy some sausages", DOCTOR])
    assert Task.objects.filter(title="buy some sausages").exists()


def test_other_controls_are_hidden_while_editing(three):
    edit_box(three)

    expect(items(three).nth(1).get_by_role("checkbox")).not_to_be_visible()
    expect(titles(three).nth(1)).not_to_be_visible()


def test_an_edit_is_saved_when_it_is_left(three):
    edit = edit_box(three)
    edit.fill("buy some sausages")

    edit.dispatch_event("blur")

    expect(items(three)).to_have_text([CHEESE, "buy some sausages", DOCTOR])


def test_an_item_without_text_is_removed(three):
    edit = edit_box(three)
    edit.fill("")

    edit.press("Enter")

    expect(items(three)).to_have_text([CHEESE, DOCTOR])


def test_escape_cancels_an_edit(three):
    edit = edit_box(three)
    edit.fill("buy some sausages")

    edit.press("Escape")

    expect(items(three)).to_have_text([CHEESE, CAT, DOCTOR])
    assert not Task.objects.filter(title="buy some sausages").exists()


def test_the_number_of_items_left(page):
    add(page, CHEESE)
    expect(page.get_by_test_id("todo-count")).to_have_text("1 item left")
    add(page, CAT)
    expect(page.get_by_test_id("todo-count")).to_have_text("2 items left")


def test_completed_items_are_cleared(three):
    clear = three.get_by_role("button", name="Clear completed")
    expect(clear).to_be_hidden()

    items(three).nth(1).get_by_role("checkbox").check()
    clear.click()

    expect(items(three)).to_have_text([CHEESE, DOCTOR])
    expect(clear).to_be_hidden()
    assert Task.objects.in_status("trash").get().title == CAT


def test_items_are_there_after_a_reload(three):
    items(three).nth(0).get_by_role("checkbox").check()
    expect(items(three)).to_have_class(["completed", "", ""])

    three.reload()

    expect(items(three)).to_have_text([CHEESE, CAT, DOCTOR])
    expect(items(three)).to_have_class(["completed", "", ""])


def test_filters_have_addresses_and_the_back_button_works(three):
    items(three).nth(1).get_by_role("checkbox").check()
    expect(items(three).nth(1)).to_have_class("completed")
    expect(three.get_by_role("link", name="All")).to_have_class("selected")

    three.get_by_role("link", name="Active").click()
    expect(items(three)).to_have_text([CHEESE, DOCTOR])
    expect(three.get_by_role("link", name="Active")).to_have_class("selected")
    three.get_by_role("link", name="Completed").click()
    expect(items(three)).to_have_text([CAT])
    three.go_back()
    expect(items(three)).to_have_text([CHEESE, DOCTOR])
    three.go_back()
    expect(items(three)).to_have_text([CHEESE, CAT, DOCTOR])
    three.go_forward()
    expect(items(three)).to_have_text([CHEESE, DOCTOR])
