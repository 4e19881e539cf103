"""Changes wait in the browser until the server has them, and are sent once."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from todo.models import Session, Task
from todo.tests.conftest import PASSWORD
from todo.tests.web.helpers import (
    add_tasks,
    get_count,
    get_items,
    get_titles,
    wait_until_saved,
)

AT_ONCE = 100  # milliseconds

pytestmark = pytest.mark.browser


def fail_posts(page, **response):
    """Answer each POST with this response, or with none; return what was posted."""
    posts = []

    def handle(route):
        if route.request.method != "POST":
            return route.fallback()
        posts.append(route.request)
        return route.fulfill(**response) if response else route.abort()

    page.route("**/tasks/**", handle)
    return posts


def answer_posts(page):
    page.unroute_all(behavior="ignoreErrors")


def return_to(page):
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def sign_in_elsewhere(page, user):
    tab = page.context.new_page()
    tab.goto(urljoin(page.url, "/accounts/login/"))
    tab.get_by_label("Email").fill(user.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(tab.get_by_label("New task")).to_be_visible()
    tab.close()


NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"
FILL_STORAGE = """() => {
  for (let size = 2 ** 22; size >= 1; size /= 2) {
    try {
      for (let i = 0;; i++) localStorage.setItem(`x${size}-${i}`, "x".repeat(size));
    } catch {}
  }
}"""
TEMPORARY = {
    "no connection": {},
    "a proxy's 502": {"status": 502, "content_type": "text/html", "body": "<p>Bad"},
    "an outage": {"status": 503, "content_type": "text/plain", "body": "Away."},
    "a proxy's 504": {"status": 504},
    "rate limit": {"status": 429, "headers": {"Retry-After": "600"}},
}


@pytest.mark.parametrize("response", TEMPORARY.values(), ids=TEMPORARY)
def test_tasks_typed_during_an_outage_are_kept_and_sent_once(
    open_page, site, user, response
):
    page = open_page(site, user)
    fail_posts(page, **response)
    names = [f"task {number}" for number in range(12)]

    add_tasks(page, *names)
    expect(get_titles(page)).to_have_text(names)
    expect(page.locator("#outbox")).to_contain_text("12 changes are waiting")
    page.reload()
    expect(get_titles(page)).to_have_text(names)
    expect(get_items(page).first).to_have_class(re.compile("waiting"))
    answer_posts(page)
    page.get_by_role("button", name="Send now").click()

    wait_until_saved(page)
    expect(page.locator("#outbox")).to_be_hidden()
    expect(page.locator(".pending, .waiting")).to_have_count(0)
    saved = Task.objects.order_by("created_at").values_list("title", flat=True)
    assert list(saved) == names


def test_changes_are_sent_by_themselves_when_the_connection_is_back(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    page.context.set_offline(True)

    get_items(page).first.get_by_role("checkbox").check()
    expect(page.locator("#outbox")).to_contain_text("1 change is waiting to be sent.")
    page.context.set_offline(False)

    wait_until_saved(page)
    assert Task.objects.get().completed_at


def test_a_lost_answer_doubles_nothing(open_page, site, user):
    page = open_page(site, user)

    def lose_answer(route):
        route.fetch()
        route.abort()

    page.route("**/tasks/new", lose_answer, times=1)
    add_tasks(page, "Buy milk")

    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Buy milk"])
    assert Task.objects.get().title == "Buy milk"


def test_changes_wait_as_long_as_the_server_asks(open_page, site, user):
    page = open_page(site, user)
    posts = fail_posts(page, status=429, headers={"Retry-After": "600"})
    add_tasks(page, "Buy milk")
    expect(page.locator("#outbox")).to_contain_text("waiting")

    return_to(page)
    add_tasks(page, "Call Ann")
    page.wait_for_timeout(300)

    assert len(posts) == 1


def test_an_ended_session_is_said_and_changes_are_sent_after_signing_in(
    open_page, site, user
):
    page = open_page(site, user)
    Session.objects.all().delete()
    page.context.clear_cookies(name="sessionid")

    add_tasks(page, "Buy milk", "Call Ann")
    expect(page.locator("#toast")).to_contain_text("You are signed out.")
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    assert Task.objects.count() == 0
    sign_in_elsewhere(page, user)
    return_to(page)

    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    assert Task.objects.count() == 2


def test_a_token_that_a_new_sign_in_replaced_is_read_again(open_page, site, user):
    page = open_page(site, user)
    page.context.clear_cookies(name="csrftoken")

    add_tasks(page, "Buy milk")

    wait_until_saved(page)
    assert Task.objects.get().title == "Buy milk"


def test_another_user_neither_sends_nor_sees_what_waits(
    open_page, site, user, stranger
):
    page = open_page(site, user)
    page.context.set_offline(True)
    add_tasks(page, "Buy milk")
    expect(page.locator("#outbox")).to_contain_text("1 change is waiting")
    page.context.clear_cookies()
    page.context.set_offline(False)

    other = page.context.new_page()
    other.goto(f"{site}/accounts/login/")
    other.get_by_label("Email").fill(stranger.email)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(other.get_by_label("New task")).to_be_visible()
    return_to(page)
    expect(page.locator("#toast")).to_contain_text("Another account")

    expect(get_items(other)).to_have_count(0)
    expect(other.locator("#outbox")).to_be_hidden()
    assert Task.objects.count() == 0


@pytest.mark.parametrize("script", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_one_tab_sends_what_all_tabs_queue(open_page, site, user, script):
    first = open_page(site, user)
    second = first.context.new_page()
    for page in (first, second):
        page.add_init_script(script)
        page.goto(site)
    first.context.set_offline(True)
    add_tasks(first, "Buy milk")
    add_tasks(second, "Call Ann")
    expect(second.locator("#outbox")).to_contain_text("2 changes are waiting")
    posts = []
    for page in (first, second):
        page.on("requestfinished", lambda request: posts.append(request.method))
    first.context.set_offline(False)

    wait_until_saved(first)
    expect(first.locator(".pending")).to_have_count(0)
    expect(second.locator(".pending")).to_have_count(0)
    assert Task.objects.count() == posts.count("POST") == 2


def test_signing_out_with_unsent_changes_asks(open_page, site, user):
    page = open_page(site, user)
    fail_posts(page)
    add_tasks(page, "Buy milk")
    question = page.get_by_role("dialog", name="Sign out?")

    for way in ("Stay", "Escape"):
        page.get_by_role("button", name="Sign out").dblclick()
        expect(question).to_contain_text("1 change is not sent yet.")
        expect(question.get_by_role("button", name="Stay")).to_be_focused()
        if way == "Escape":
            page.keyboard.press("Escape")
        else:
            question.get_by_role("button", name=way).click()
        expect(question).to_have_count(0)
        expect(get_titles(page)).to_have_text(["Buy milk"])

    page.get_by_role("button", name="Sign out").click()
    question.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not Task.objects.exists()


def test_a_full_storage_is_said_and_nothing_is_lost(open_page, site, user):
    page = open_page(site, user)
    held = []
    page.route("**/tasks/new", lambda route: held.append(route), times=1)
    page.evaluate(FILL_STORAGE)

    add_tasks(page, "Buy milk")
    expect(page.locator("#toast")).to_contain_text("no space left")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()

    expect(page.locator(".pending")).to_have_count(0)
    assert Task.objects.get().title == "Buy milk"


def test_a_refused_task_leaves_the_list_and_returns_to_its_box(open_page, site, user):
    page = open_page(site, user)
    fail_posts(page, status=422, content_type="text/plain", body="Too long.")

    add_tasks(page, "Buy milk")

    expect(page.locator("#toast")).to_contain_text("Too long.")
    expect(page.get_by_label("New task")).to_have_value("Buy milk")
    expect(get_items(page)).to_have_count(0)
    expect(get_count(page)).to_have_text("0 items left")


def test_a_refused_change_is_put_back(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user)
    fail_posts(page, status=404, content_type="text/plain", body="This task is gone.")
    box = get_items(page).first.get_by_role("checkbox")

    box.click()

    expect(page.locator("#toast")).to_contain_text("This task is gone.")
    expect(box).not_to_be_checked()
    expect(get_count(page)).to_have_text("1 item left")


def test_a_refused_title_may_be_left_when_its_task_is_gone(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    fail_posts(page, status=422, content_type="text/plain", body="Too long.")
    row = get_items(page).first
    row.get_by_test_id("todo-title").dblclick()
    page.get_by_label("Edit", exact=True).fill("Buy oat milk")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Too long.")
    expect(page.get_by_label("Edit", exact=True)).to_be_focused()
    page.problems.clear()  # the console reports the 422

    row.evaluate("""(li) => {
      li.removeAttribute("data-testid"); // as of a task that is gone
      document.activeElement.blur();
    }""")

    assert page.problems == []


# Each act shows within 100 ms, whatever the latency.

MEASURE = """
(act) => new Promise((resolve) => {
  const start = performance.now();
  const list = document.querySelector("#tasks");
  const look = () => {
    if (list.querySelector(".pending")) resolve(performance.now() - start);
    else requestAnimationFrame(look);
  };
  document.querySelector(act).click();
  look();
})
"""


@pytest.mark.parametrize(
    "control", [".toggle", ".destroy", "#toggle-all"], ids=["tick", "delete", "all"]
)
def test_a_click_shows_at_once(open_page, site, user, make_task, control):
    make_task(title="Buy milk")
    page = open_page(site, user)
    slow = []
    page.route("**/tasks/**", lambda route: slow.append(route))

    milliseconds = page.evaluate(MEASURE, control)

    assert milliseconds < AT_ONCE
    assert Task.objects.filter(completed_at=None, deleted_at=None).exists()


def test_a_link_is_followed_at_once_and_the_change_is_sent(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    held = []
    page.route("**/tasks/*/trash", lambda route: held.append(route), times=1)
    page.get_by_role("button", name="Delete Buy milk").click()

    page.get_by_role("link", name="Trash").click()

    expect(page).to_have_url(f"{site}/trash")
    expect(get_titles(page)).to_have_text(["Buy milk"])
    wait_until_saved(page)
    assert Task.objects.in_status("trash").count() == 1
