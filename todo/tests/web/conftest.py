"""A real browser in front of a real server, on the test database."""

import os

import pytest
from django.test import Client

from aido.testing.servers import chromium


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright  # which musl has no wheel of

    # Django takes Playwright's event loop for one of its own, and refuses to query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"]  # which root needs
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, transactional_db):
    """Opens a page of a window of its own, signed in if a user is given."""
    contexts = []

    def open_page(url, user=None, **options):
        context = browser.new_context(timezone_id="Asia/Tokyo", **options)
        contexts.append(context)
        if user:
            sign_in(context, url, user)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: note(page, message))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def note(page, message):
    if message.type == "error":
        page.problems.append(message.text)


def sign_in(context, url, user):
    client = Client()
    client.force_login(user)
    key = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": key, "url": url}])
