"""The list is fresh when one returns to it, and at the same place after Back."""

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import get_count, get_items, get_titles, open_edit_box

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann", "Dust"):
        make_task(title=title)
    page = open_page(site, user)
    page.wait_for_timeout(2_100)  # it does not read more often than this
    return page


def return_to(page):
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def test_what_another_tab_changed_is_shown_on_return(page, make_task):
    make_task(title="Eat")
    Task.objects.filter(title="Buy milk").delete()
    Task.objects.filter(title="Call Ann").update(priority=3)

    return_to(page)

    expect(get_titles(page)).to_have_text(["Call Ann", "Dust", "Eat"])
    assert page.problems == []


def test_what_is_open_and_typed_stays(page):
    page.get_by_role("link", name="Details of Call Ann").click()
    page.get_by_label("Title").fill("Call Bob")
    Task.objects.filter(title="Buy milk").delete()
    Task.objects.filter(title="Dust").update(position=1)

    return_to(page)

    expect(get_items(page)).to_have_count(2)
    expect(page.get_by_label("Title")).to_have_value("Call Bob")
    expect(page.get_by_label("Title")).to_be_focused()


def test_a_rename_goes_on(page):
    box = open_edit_box(page, 1)
    box.fill("Call Bob")
    Task.objects.filter(title="Buy milk").delete()

    return_to(page)

    expect(get_items(page)).to_have_count(2)
    box = page.get_by_role("textbox", name="Edit")
    expect(box).to_have_value("Call Bob")
    expect(box).to_be_focused()


def test_nothing_happens_if_nothing_changed(page):
    page.evaluate("document.querySelector('#tasks > [data-testid]').marked = true")
    with page.expect_response(lambda response: response.status == 200):
        return_to(page)
    page.wait_for_timeout(200)

    assert page.evaluate("document.querySelector('#tasks > [data-testid]').marked")


def test_a_page_of_another_view_is_updated_by_the_tab_that_changed_it(page, site):
    other = page.context.new_page()
    other.goto(f"{site}/active")
    get_items(other).first.get_by_role("checkbox").click()
    expect(get_titles(other)).to_have_text(["Call Ann", "Dust"])

    expect(get_items(page).first).to_have_class("completed")
    expect(get_count(page)).to_have_text("2 items left")


@pytest.mark.parametrize("number", [120], ids=["two pages of More"])
def test_back_shows_the_same_rows_at_the_same_place(open_page, site, user, number):
    Task.objects.bulk_create(Task(owner=user, title=f"task {n}") for n in range(number))
    page = open_page(site, user)
    while get_items(page).count() < number:
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(100)
    page.get_by_text("task 70", exact=True).scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.goto(f"{site}/profile")

    page.go_back()

    expect(get_items(page)).to_have_count(number)
    page.wait_for_function(f"() => Math.abs(scrollY - {before}) < 5")


def test_a_list_that_was_read_before_a_change_was_saved_is_read_again(
    open_page, site, user, make_task
):
    page = open_page(f"{site}/profile", user)
    page.add_init_script(f"localStorage['aido:{user.pk}:sent'] = Date.now() + 1")

    old = page.request.get(f"{site}/").text()
    make_task(title="Buy milk")  # as if the page before had sent it just now

    def answer(route):
        is_page = route.request.is_navigation_request()
        route.fulfill(
            body=old, content_type="text/html"
        ) if is_page else route.continue_()

    page.route(f"{site}/", answer)
    page.goto(f"{site}/")

    expect(get_titles(page)).to_have_text(["Buy milk"])
