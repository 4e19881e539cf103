"""What is private is not kept by browsers or proxies."""

from contextlib import ExitStack
from functools import cache

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from playwright.sync_api import Error, expect

from aido.testing.components import find_chromium
from todo.models import Task
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import HTMX, web_client
from todo.tests.web.conftest import sign_in
from todo.tests.web.helpers import get_items, get_titles, wait_until_saved

PUBLIC = {"api/schema", "api/docs", "manifest.webmanifest"}
PUBLIC |= {"favicon.ico", "offline", "sw.js"}
ONE_TASK = "api/v1/tasks/<task_id:pk>"
VERBS_OF_ONE_TASK = ("complete", "reopen", "restore", "move")
OF_ONE_TASK = {ONE_TASK, *(f"{ONE_TASK}/{verb}" for verb in VERBS_OF_ONE_TASK)}
ARGUMENTS = {"verb": "complete", "label": "home", "uidb36": "x", "key": "set-password"}


def patterns(resolver, prefix=""):
    """Yield the route and the keyword arguments of each URL, but for the admin's."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and route != "admin/":
            yield from patterns(pattern, route)
        elif not isinstance(pattern, URLResolver):
            yield route, pattern


ROUTES = dict(patterns(get_resolver()))


def address(pattern, route, task):
    """Return a URL of this route."""
    if pattern.name:
        names = pattern.pattern.regex.groupindex
        values = {name: ARGUMENTS.get(name, task.pk) for name in names}
        return reverse(pattern.name, kwargs=values)
    return "/" + route.replace("<task_id:pk>", str(task.pk))


@pytest.fixture
def clients(user):
    """Clients that are signed in to the pages and to the API."""
    web, api = web_client(user), Client()
    form = {"email": user.email, "password": PASSWORD}
    response = api.post("/api/v1/auth/login", form, content_type="application/json")
    token = response.json()["meta"]["access_token"]
    api.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return web, api


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", ROUTES)
def test_private_responses_are_not_stored(clients, make_task, route, method):
    client = clients[route.startswith("api/v1")]
    url = address(ROUTES[route], route, make_task())

    response = getattr(client, method)(url)

    if route in PUBLIC and method == "get":
        assert "public" in response["Cache-Control"]
    elif "ETag" in response:
        assert route in OF_ONE_TASK
        assert response["Cache-Control"] == "private, no-cache"
    else:
        assert "no-store" in response["Cache-Control"].split(", ")


@pytest.mark.django_db
def test_fragments_exports_and_lists_are_not_stored(clients, make_task):
    make_task()
    web, api = clients

    for response in (
        web.get("/?q=milk", headers=HTMX),
        web.get("/profile/export?as=csv"),
        api.get("/api/v1/tasks"),
        api.get("/api/v1/tasks/export"),
    ):
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_a_task_of_the_api_is_revalidated(clients, make_task):
    _, api = clients
    url = f"/api/v1/tasks/{make_task().pk}"
    etag = api.get(url)["ETag"]

    response = api.get(url, headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response["Cache-Control"] == "private, no-cache"


# In browsers that keep pages in memory for the Back button, and in those that do not.


KEEPING = {"kept in memory": ("--disable-back-forward-cache",), "not kept": ()}


@pytest.fixture
def keeping():
    return KEEPING["kept in memory"]


@pytest.fixture(scope="module")
def launch(browser):
    """Launches browsers without some of Playwright's default arguments."""
    with ExitStack() as browsers:

        @cache
        def launch(keeping):
            browser_without = browser.browser_type.launch(
                executable_path=find_chromium(),
                args=["--no-sandbox"],
                ignore_default_args=list(keeping),
            )
            return browsers.enter_context(browser_without)

        yield launch


@pytest.fixture
def page(launch, keeping, transactional_db, site, user, make_task):
    make_task(title="Buy milk")
    with launch(keeping).new_context() as context:
        sign_in(context, site, user)
        page = context.new_page()
        page.goto(site)
        expect(get_titles(page)).to_have_text(["Buy milk"])
        yield page
        page.unroute_all(behavior="ignoreErrors")  # of requests in progress


def go_back(page):
    page.evaluate("history.back()")


def remove_cache_control(page):
    """Let the browser keep pages in memory that it may not store."""

    def remove_header(route):
        response = route.fetch()
        headers = response.headers
        headers.pop("cache-control", None)
        route.fulfill(response=response, headers=headers)

    page.route("**/*", remove_header)


@pytest.mark.browser
@pytest.mark.parametrize("keeping", KEEPING.values(), ids=KEEPING)
def test_the_back_button_shows_the_list_as_it_is_now(page, site):
    page.get_by_label("New task").fill("Call Ann")
    page.keyboard.press("Enter")
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    get_items(page).first.get_by_role("checkbox").check()
    expect(get_items(page).first).to_have_class("completed")
    get_items(page).last.dblclick()
    page.keyboard.type("Call Bob")
    page.keyboard.press("Enter")
    expect(get_titles(page).last).to_have_text("Call Bob")
    page.goto(f"{site}/profile")

    go_back(page)

    expect(get_titles(page)).to_have_text(["Buy milk", "Call Bob"])
    expect(get_items(page).first).to_have_class("completed")
    get_items(page).last.dblclick()
    page.keyboard.type("Call Cid")
    page.keyboard.press("Enter")
    expect(get_titles(page).last).to_have_text("Call Cid")
    wait_until_saved(page)
    assert Task.objects.filter(title="Call Cid").exists()


@pytest.mark.browser
@pytest.mark.parametrize("keeping", KEEPING.values(), ids=KEEPING)
def test_the_back_button_shows_nothing_after_signing_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    go_back(page)

    expect(page.get_by_role("heading", name="A calm to-do list")).to_be_visible()
    assert "Buy milk" not in page.content()


NOTE_RETURN = """
    () => { onpageshow = ({ persisted }) => { sessionStorage.kept = persisted } }
"""


def was_kept(page):
    """Return whether the page came from memory."""
    try:
        page.wait_for_function("() => sessionStorage.kept === 'true'", timeout=5_000)
    except Error:
        return False
    return True


@pytest.mark.browser
def test_a_page_that_is_kept_in_memory_all_the_same_is_loaded_again(page, site, user):
    remove_cache_control(page)
    for _ in range(5):  # a busy Chromium does not keep every page
        sign_in(page.context, site, user)
        page.goto(f"{site}/active")
        page.evaluate(NOTE_RETURN)
        expect(get_titles(page)).to_have_text(["Buy milk"])
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        go_back(page)
        if was_kept(page):
            break

    assert page.evaluate("sessionStorage.kept") == "true"
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Buy milk" not in page.content()
