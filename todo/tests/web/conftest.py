"""Chromium in front of a development server, and the elements of the list page."""

import os
import time
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test import Client

from aido.testing.components import find_chromium_shell
from aido.testing.processes import WAIT_TIMEOUT
from todo.tests.helpers import web_client
from todo.tests.web.contexts import Contexts


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright  # no wheel for musl

    expect.set_options(timeout=WAIT_TIMEOUT * 1000)
    # Playwright runs an event loop in this thread, so Django would refuse to query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium_shell(),
            # Root has no sandbox. A page of a context that has one shares its renderer.
            args=["--no-sandbox", "--disable-gpu", "--renderer-process-limit=1"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(browser, site):
    return Contexts(browser, site)


@pytest.fixture
def open_page(contexts, transactional_db):
    """Opens a URL in a new browser window, signed in if a user is given."""

    def open_page(url, user=None, **options):
        # Workers hide requests from tests.
        context = contexts.open(url, **{"service_workers": "block"} | options)
        if user:
            sign_in(context, url, user)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: record_error(page, message))
        page.goto(url)
        return page

    yield open_page
    contexts.close_pages()
    for _ in range(100):  # a flush could deadlock with the last request
        if is_database_idle():
            break
        time.sleep(0.05)
    contexts.reset()


def is_database_idle():
    """Return whether the server has finished all requests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state NOT LIKE 'idle%'"
        )
        return not cursor.fetchall()


def record_error(page, message):
    if message.type == "error":
        page.problems.append(message.text)


def sign_in(context, url, user):
    client = Client()
    client.force_login(user)
    key = client.cookies["sessionid"].value
    cookie = {"name": "sessionid", "value": key, "url": urljoin(url, "/")}
    context.add_cookies([cookie])


@pytest.fixture
def web(user):
    """A client of the pages in which the user is signed in."""
    return web_client(user)
