"""The details of a task on a page of their own: saving waits in the outbox, too."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import get_titles, wait_until_saved

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user, make_task):
    task = make_task(title="Buy milk")
    return open_page(f"{site}/tasks/{task.pk}?next=/active", user)


def save(page, title):
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save").click()


def refuse(page):
    """Answer changes as a server without its database does."""
    page.route("**/tasks/*", lambda route: route.fulfill(status=503))


def accept(page):
    page.unroute("**/tasks/*")  # what waits is sent again after some seconds


def expect_waiting(page):
    expect(page.locator("#outbox")).to_contain_text("waiting to be sent")
    expect(page.get_by_label("Title")).to_be_visible()


def test_a_change_is_saved_and_can_be_undone_in_the_list(page, site):
    save(page, "Buy bread")
    expect(page).to_have_url(f"{site}/active")
    expect(get_titles(page)).to_have_text(["Buy bread"])
    expect(page.locator("#toast")).to_contain_text("Saved: Buy bread")

    page.get_by_role("button", name="Undo").click()

    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Buy milk"])
    page.reload()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert page.problems == []


def test_a_change_waits_for_the_network_and_is_sent_once(page, site):
    posts = []
    page.context.set_offline(True)
    save(page, "Buy bread")
    expect_waiting(page)
    page.on("request", lambda request: posts.append(request.method))
    page.context.set_offline(False)

    expect(page).to_have_url(f"{site}/active")

    expect(get_titles(page)).to_have_text(["Buy bread"])
    assert posts.count("POST") == 1


def test_a_change_that_is_changed_while_it_waits_is_no_conflict(page, site):
    refuse(page)
    for title in ("Buy bread", "Buy cheese"):
        save(page, title)
        expect_waiting(page)

    accept(page)

    expect(page).to_have_url(f"{site}/active")
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Buy cheese"])
    assert Task.objects.get().title == "Buy cheese"


def test_a_change_that_waits_is_shown_in_the_list_and_saved_from_there(page, site):
    refuse(page)
    save(page, "Buy bread")
    expect_waiting(page)

    page.get_by_role("link", name="Back to the list").click()

    expect(get_titles(page)).to_have_text(["Buy bread"])
    assert Task.objects.get().title == "Buy milk"
    expect(page.locator("#outbox")).to_be_visible()
    accept(page)
    wait_until_saved(page)
    assert Task.objects.get().title == "Buy bread"


def test_a_conflict_that_is_found_in_the_list_keeps_what_was_typed(page, site):
    refuse(page)
    save(page, "Buy bread")
    expect_waiting(page)
    Task.objects.update(title="Buy butter", updated_at=timezone.now())
    page.goto(f"{site}/active")
    expect(page.locator("#outbox")).to_be_visible()

    accept(page)

    expect(page.locator("#toast")).to_contain_text("“Buy bread” was not saved.")
    page.get_by_role("link", name="Details of Buy butter").click()
    expect(page.get_by_label("Title")).to_have_value("Buy bread")


def test_a_task_is_deleted_and_the_list_offers_to_undo_it(page, site):
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{site}/active")
    expect(get_titles(page)).to_have_count(0)

    page.get_by_role("button", name="Undo").click()

    expect(get_titles(page)).to_have_text(["Buy milk"])
