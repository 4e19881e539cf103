"""What is typed survives Escape, links, reloads and searches, until it is saved."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import (
    add_tasks,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

pytestmark = pytest.mark.browser
RESTORED = "Restored what you typed."


@pytest.fixture
def page(open_page, site, user, make_task):
    make_task(title="Buy milk", description="two litres")
    make_task(title="Call Ann")
    return open_page(site, user)


def open_details(page, title="Buy milk"):
    page.get_by_role("link", name=f"Details of {title}").click()
    expect(page.get_by_label("Title")).to_be_visible()


def describe(page, text):
    button = page.get_by_role("button", name="Edit description")
    if button.is_visible():
        button.click()
    page.get_by_label("Description").fill(text)


def reload(page):
    page.reload()


def follow_a_link(page):
    page.get_by_role("link", name="Active").click()
    page.wait_for_url("**/active")


def search(page):
    page.get_by_label("Search").fill("ann")
    expect(get_titles(page)).to_have_text(["Call Ann"])
    page.get_by_label("Search").fill("")
    expect(get_titles(page)).to_have_count(2)


def press_escape(page):
    page.keyboard.press("Escape")


def tick(page):
    page.get_by_role("checkbox", name="Call Ann").check()
    wait_until_saved(page)


def tick_all(page):
    page.get_by_label("Mark all as complete").check()
    wait_until_saved(page)


WAYS = [reload, follow_a_link, search, press_escape, tick, tick_all]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_half_typed_task_is_kept(page, way):
    box = page.get_by_label("New task")
    box.fill("Buy bre")

    way(page)

    expect(box).to_have_value("Buy bre")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_half_typed_details_are_kept(page, way):
    open_details(page)
    describe(page, "skimmed")

    way(page)
    if not page.get_by_label("Title").is_visible():
        open_details(page)
        expect(page.get_by_text(RESTORED)).to_be_visible()

    expect(page.get_by_label("Description")).to_have_value("skimmed")
    page.get_by_role("button", name="Save").click()
    wait_until_saved(page)
    assert Task.objects.get(title="Buy milk").description == "skimmed"


def test_details_on_a_page_of_their_own_are_kept(page, site):
    task = Task.objects.get(title="Buy milk")
    page.goto(f"{site}/tasks/{task.pk}")
    describe(page, "skimmed")
    page.goto(site)
    page.goto(f"{site}/tasks/{task.pk}")

    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.locator("textarea[name=description]")).to_have_value("skimmed")
    page.get_by_role("button", name="Save").click()
    expect(get_titles(page)).to_have_count(2)
    page.goto(f"{site}/tasks/{task.pk}")
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_a_rename_that_was_refused_is_offered(page):
    open_edit_box(page, 0).fill("x" * 250)
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("at most 200 characters")

    page.get_by_role("heading").first.click()
    open_edit_box(page, 0)

    expect(page.get_by_text("You typed")).to_contain_text("x" * 250)


def test_a_rename_that_was_left_is_offered(page):
    box = open_edit_box(page, 0)
    box.fill("Buy bread")
    page.keyboard.press("Escape")

    box = open_edit_box(page, 0)
    expect(box).to_have_value("Buy milk")
    page.get_by_role("button", name="Use it").click()
    expect(box).to_have_value("Buy bread")
    box.press("Enter")

    expect(get_titles(page).first).to_have_text("Buy bread")
    wait_until_saved(page)
    assert Task.objects.filter(title="Buy bread").exists()


def test_a_draft_can_be_discarded(page):
    page.get_by_label("New task").fill("Buy bre")
    page.reload()

    page.get_by_role("button", name="Discard").click()

    expect(page.get_by_label("New task")).to_have_value("")
    page.reload()
    expect(page.get_by_label("New task")).to_have_value("")


def test_a_draft_is_removed_when_it_is_saved(page):
    page.get_by_label("New task").fill("Buy bre")
    page.reload()
    add_tasks(page, "Buy bread")

    page.reload()

    expect(page.get_by_label("New task")).to_have_value("")
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_half_typed_details_of_a_restored_task_are_kept(page):
    open_details(page)
    page.get_by_label("Title").fill("Buy oat milk")
    page.get_by_role("button", name="Delete Buy milk").dispatch_event("click")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Call Ann"])

    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    wait_until_saved(page)

    open_details(page)
    expect(page.get_by_label("Title")).to_have_value("Buy oat milk")


def test_another_user_does_not_see_a_draft(page, open_page, site, stranger):
    page.get_by_label("New task").fill("a secret")
    page.context.clear_cookies()
    other = open_page(site, stranger)
    cookies = other.context.cookies()
    page.context.add_cookies(cookies)

    page.goto(site)

    expect(page.get_by_label("New task")).to_have_value("")


def test_a_conflict_with_a_draft_is_said(page):
    open_details(page)
    describe(page, "skimmed")
    page.keyboard.press("Escape")
    Task.objects.filter(title="Buy milk").update(
        description="three litres", updated_at=timezone.now()
    )
    page.reload()
    open_details(page)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("was changed in another window")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("skimmed")


def test_escape_during_composition_does_not_close_a_box(page):
    box = open_edit_box(page, 0)
    box.fill("かいもの")

    box.evaluate(
        "(box) => box.dispatchEvent(new KeyboardEvent("
        "'keydown', { key: 'Escape', isComposing: true, bubbles: true }))"
    )

    expect(box).to_have_value("かいもの")
