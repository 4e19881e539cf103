"""Conflicts, outages and navigation in a browser: input is never lost."""

import time

import pytest
from playwright.sync_api import expect

from aido.testing.processes import get, running_server
from todo.models import Session, Task
from todo.tests.conftest import PASSWORD
from todo.tests.web.helpers import (
    add_tasks,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

OUTAGE_TIMEOUT = 20_000  # milliseconds; aido retries for 10 seconds

pytestmark = pytest.mark.browser


def test_titles_edited_in_two_tabs_do_not_overwrite_each_other(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    first, second = open_page(site, user), open_page(site, user)
    first_box, second_box = open_edit_box(first, 0), open_edit_box(second, 0)

    first_box.fill("Buy bread")
    first_box.press("Enter")
    wait_until_saved(first)
    second_box.fill("Buy cheese")
    second_box.press("Enter")

    expect(second.locator("#toast")).to_contain_text("Its title is now “Buy bread”")
    expect(second_box).to_have_value("Buy cheese")
    assert Task.objects.get().title == "Buy bread"
    second_box.press("Enter")
    expect(get_titles(second)).to_have_text(["Buy cheese"])


def test_details_edited_in_two_tabs_do_not_overwrite_each_other(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    first, second = open_page(site, user), open_page(site, user)
    for tab in (first, second):
        tab.get_by_role("link", name="Details of Buy milk").click()
        expect(tab.get_by_label("Title")).to_be_focused()

    first.get_by_label("Description").fill("two litres")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_label("Title")).to_have_count(0)
    wait_until_saved(first)
    second.get_by_label("Description").fill("skimmed")
    second.get_by_role("button", name="Save").click()

    expect(second.get_by_text("was changed in another window")).to_be_visible()
    expect(second.get_by_label("Description")).to_have_value("skimmed")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_label("Title")).to_have_count(0)
    wait_until_saved(second)
    assert Task.objects.get().description == "skimmed"


def test_a_session_that_ends_during_an_edit_loses_no_text(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    box = open_edit_box(page, 0)
    Session.objects.all().delete()

    box.fill("Buy bread")
    box.press("Enter")
    expect(page.locator("#toast")).to_contain_text("You are signed out")
    expect(get_titles(page)).to_have_text(["Buy bread"])
    tab = page.context.new_page()
    tab.goto(f"{site}/accounts/login/")
    tab.get_by_label("Email").fill(user.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(tab.get_by_label("New task")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    wait_until_saved(page)
    assert Task.objects.get().title == "Buy bread"


def wait_until_healthy(site):
    give_up_at = time.monotonic() + 30
    while get(f"{site}/health")[0] != 200:
        assert time.monotonic() < give_up_at
        time.sleep(0.2)


@pytest.mark.long
def test_an_outage_of_the_database_loses_no_text(open_page, user, proxied_url, proxy):
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url) as site:
        page = open_page(site, user)
        add_tasks(page, "Buy milk")
        wait_until_saved(page)
        proxy.stop()

        add_tasks(page, "Buy bread")
        expect(page.locator("#outbox")).to_contain_text(
            "database is unavailable", timeout=OUTAGE_TIMEOUT
        )
        plain = open_page(site, user, java_script_enabled=False)
        expect(plain.get_by_role("heading", name="Back in a moment")).to_be_visible()
        proxy.start()
        wait_until_healthy(site)

        plain.get_by_role("button", name="Try again").click()
        first = get_titles(plain).first
        expect(first).to_have_text("Buy milk", timeout=OUTAGE_TIMEOUT)
        wait_until_saved(page)
        expect(get_titles(page)).to_have_text(["Buy milk", "Buy bread"])
    assert Task.objects.count() == 2
