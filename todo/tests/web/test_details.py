"""The details of a row: opened in place, read before they are edited."""

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import (
    add_tasks,
    get_items,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def open_list(open_page, site, user, make_task):
    pages = []

    def open_list(**fields):
        make_task(**fields)
        pages.append(open_page(site, user))
        return pages[0]

    yield open_list
    assert pages[0].problems == []


def test_a_click_on_the_title_opens_and_closes(open_list):
    page = open_list(title="Buy milk")

    get_titles(page).click()
    expect(page.get_by_label("Title")).to_be_focused()
    get_titles(page).click()

    expect(page.get_by_label("Title")).to_have_count(0)
    expect(get_items(page).nth(0)).to_be_focused()


def test_the_link_closes_what_it_opened(open_list):
    page = open_list(title="Buy milk")
    link = page.get_by_role("link", name="Details of Buy milk")

    link.click()
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_label("Title")).to_be_focused()
    link.click()

    expect(page.get_by_label("Title")).to_have_count(0)
    expect(link).to_have_attribute("aria-expanded", "false")


def test_a_double_click_renames_and_does_not_open(open_list):
    page = open_list(title="Buy milk")

    open_edit_box(page, 0)

    page.wait_for_timeout(400)
    expect(page.get_by_label("Title")).to_have_count(0)


def test_a_link_in_a_title_is_followed(open_list):
    page = open_list(title="Read https://example.com/a today")
    link = get_titles(page).get_by_role("link", name="https://example.com/a")

    expect(link).to_have_attribute("href", "https://example.com/a")
    link.click(trial=True)
    assert link.evaluate(
        """link => {
            let isStopped;
            window.addEventListener("click", (event) => {
                isStopped = event.defaultPrevented;
                event.preventDefault();
            }, {once: true});
            link.click();
            return isStopped === false;
        }"""
    )


def test_looking_at_a_title_with_line_breaks_does_not_change_it(open_list):
    page = open_list(title="Call\nMum")
    methods = []
    page.on("request", lambda request: methods.append(request.method))

    box = open_edit_box(page, 0)
    expect(box).to_have_value("Call\nMum")
    page.get_by_role("heading", level=1).click()

    expect(box).to_have_count(0)
    assert "POST" not in methods
    assert Task.objects.get().title == "Call\nMum"


def test_line_breaks_in_a_title_survive_a_change(open_list):
    page = open_list(title="Call\nMum")

    box = open_edit_box(page, 0)
    box.press("End")
    box.press_sequentially("!")
    box.press("Enter")

    wait_until_saved(page)
    assert Task.objects.get().title.replace("\r", "") in ("Call!\nMum", "Call\nMum!")


def test_a_change_of_ones_own_is_no_conflict_while_renaming(open_list):
    page = open_list(title="Buy milk")
    requests = []
    page.route("**/complete", lambda route: requests.append(route))
    get_items(page).nth(0).get_by_role("checkbox").check()
    box = open_edit_box(page, 0)
    requests[0].continue_()
    wait_until_saved(page)

    box.fill("Buy bread")
    box.press("Enter")

    wait_until_saved(page)
    task = Task.objects.get()
    assert (task.title, task.completed) == ("Buy bread", True)


def test_a_description_is_shown_as_markdown_until_it_is_edited(open_list):
    page = open_list(title="Buy milk", description="two **litres**")
    get_titles(page).click()

    expect(page.locator(".more-of-it strong")).to_have_text("litres")
    expect(page.get_by_label("Description")).to_be_hidden()
    page.get_by_role("button", name="Edit description").click()

    expect(page.get_by_label("Description")).to_be_focused()
    expect(page.get_by_label("Description")).to_have_value("two **litres**")


def test_a_description_with_a_draft_is_shown_to_edit(open_list):
    page = open_list(title="Buy milk", description="two **litres**")
    get_titles(page).click()
    page.get_by_role("button", name="Edit description").click()
    page.get_by_label("Description").fill("three")
    page.keyboard.press("Escape")

    get_titles(page).click()

    expect(page.get_by_label("Description")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("three")


def test_a_box_of_the_checklist_is_ticked(open_list):
    page = open_list(title="Buy milk", description="- [ ] fresh\n- [ ] cold")
    get_titles(page).click()

    page.get_by_role("checkbox", name="fresh").check()

    wait_until_saved(page)
    expect(get_items(page).nth(0)).to_contain_text("1/2")
    assert Task.objects.get().description == "- [x] fresh\n- [ ] cold"


def test_what_was_typed_survives_escape(open_list):
    page = open_list(title="Buy milk")
    get_titles(page).click()
    page.get_by_label("Description").fill("two litres")

    page.keyboard.press("Escape")
    expect(page.get_by_label("Description")).to_have_count(0)
    page.keyboard.press("Enter")

    expect(page.get_by_label("Description")).to_have_value("two litres")


def test_details_of_a_task_that_is_not_saved_yet_do_not_open(open_list, site):
    page = open_list(title="Buy milk")
    requests = []
    page.route("**/tasks/new", lambda route: requests.append(route))
    add_tasks(page, "Call Ann")

    page.get_by_role("link", name="Details of Call Ann").click()

    expect(page.locator("#toast")).to_contain_text("not saved yet")
    assert page.url == f"{site}/"
    requests[0].continue_()
    wait_until_saved(page)
    page.get_by_role("link", name="Details of Call Ann").click()
    expect(page.get_by_label("Title")).to_have_value("Call Ann")
