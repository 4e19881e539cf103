"""The page that the service worker shows without a network."""

import pytest
from playwright.sync_api import expect

from bench.scripts import WORKER_READY
from todo.models import Task
from todo.tests.web.helpers import add_tasks, get_titles, wait_until_saved

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user, service_workers="allow")
    page.evaluate(WORKER_READY)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.context.set_offline(True)
    return page


def test_a_page_opened_offline_says_so_and_shows_no_tasks(page, site):
    for path in ("/", "/active", "/profile"):
        page.goto(site + path)

        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
        assert "Buy milk" not in page.content()


def test_a_task_added_offline_is_sent_when_the_network_is_back(page, site):
    page.goto(site)
    add_tasks(page, "Call Ann")
    expect(page.locator("#waiting li")).to_have_text(["Add “Call Ann”"])
    page.reload()
    expect(page.locator("#waiting li")).to_have_text(["Add “Call Ann”"])
    page.context.set_offline(False)

    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    wait_until_saved(page)
    assert Task.objects.count() == 2


def test_nobody_can_add_offline_after_signing_out(page, site):
    page.context.set_offline(False)
    page.goto(site)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.set_offline(True)

    page.goto(site)

    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_label("New task")).to_be_hidden()


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "again"])
def test_details_that_cannot_be_read_say_that_the_network_is_away(page, is_first):
    details = page.get_by_role("link", name="Details of Buy milk")
    if not is_first:
        page.context.set_offline(False)
        details.click()
        expect(page.get_by_label("Title")).to_be_visible()
        page.keyboard.press("Escape")
        page.context.set_offline(True)

    details.click()

    expect(page.locator("#toast")).to_contain_text("You are offline.")
