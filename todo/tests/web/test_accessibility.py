"""No page violates a rule of axe-core in any state: wide and light, narrow and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import expect

from todo.models import List
from todo.models.list import Color
from todo.tests.web.helpers import get_items, open_edit_box

OPEN_PATHS = [
    *("/", "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"),
    *("/accounts/password/reset/done/", "/accounts/password/reset/key/1-x/"),
    *("/accounts/password/reset/key/done/", "/accounts/inactive/", "/offline"),
]
PATHS = [
    *("/", "/active", "/completed", "/trash", "/inbox", "/today", "/upcoming"),
    *("/labels/a", "/inbox?q=nothing", "/?print=1", "/lists/new", "/trash/empty"),
    *("/profile", "/profile/import", "/profile/delete", "/profile/email"),
    *("/profile/sessions", "/accounts/password/change/", "/accounts/logout/"),
    *("/profile/email/x", "/nowhere"),
]
ADMIN_PATHS = [
    *("/admin/", "/admin/todo/task/", "/admin/todo/task/add/", "/admin/todo/user/"),
    *("/admin/todo/list/", "/admin/todo/user/add/"),
]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 740}
ERRORS = [400, 403, 404, 429, 500, 503]

END_TRANSITIONS = """document.getAnimations()
    .filter((each) => each instanceof CSSTransition).forEach((each) => each.finish())"""
FIND_VIOLATIONS = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.map(({ id, nodes: [{ html }] }) => [id, html.slice(0, 200)]);
}"""

pytestmark = pytest.mark.browser


def find_violations(page, sizes=(WIDE, NARROW)):
    """Return what axe-core finds: in light colors and the first size, then in dark."""
    page.evaluate(Axe().axe_script)
    violations = []
    for scheme, size in zip(("light", "dark"), sizes, strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.evaluate(END_TRANSITIONS)
        violations += page.evaluate(FIND_VIOLATIONS)
    return violations


def test_the_pages_of_anonymous_users(open_page, site):
    page = open_page(site)

    for path in OPEN_PATHS:
        page.goto(site + path)
        assert find_violations(page) == [], path


def test_a_form_with_errors(open_page, site):
    page = open_page(f"{site}/accounts/signup/")
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_label("Password").fill("123")

    page.get_by_role("main").get_by_role("button", name="Sign up").click()

    expect(page.get_by_text("This password is too short")).to_be_visible()
    assert find_violations(page) == []


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_page(open_page, site, status):
    body = render_to_string(f"{status}.html", {"wait": 5, "path": "/", "method": "get"})
    page = open_page(site)
    page.route("**/broken", lambda route: route.fulfill(body=body, status=status))

    page.goto(f"{site}/broken")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert find_violations(page) == []


def test_the_pages_of_users(open_page, site, user, make_task):
    for priority in range(4):
        make_task(title=f"{priority}", priority=priority, due_date="2000-01-01")
    make_task(due_date=user.today, description="More of it")
    for color in ["", *Color.values]:
        task_list = List.objects.create(owner=user, name=color or "none", color=color)
        make_task(list=task_list, labels=["a", "b"], description="- [ ] milk")
    task = make_task(due_date=user.today, due_time="17:00", repeat="FREQ=DAILY")
    make_task(completed_at=timezone.now())
    make_task(deleted_at=timezone.now())
    page = open_page(site, user)

    of_list = f"/lists/{task_list.pk}"
    of_lists = [of_list, f"{of_list}/edit", f"{of_list}/delete"]
    for path in [*PATHS, f"/tasks/{task.pk}", *of_lists]:
        page.goto(site + path)
        assert find_violations(page) == [], path


def test_the_empty_views(open_page, site, user):
    page = open_page(site, user)

    for path in ("/", "/inbox", "/today", "/upcoming", "/completed", "/trash"):
        page.goto(site + path)
        assert find_violations(page) == [], path


def test_the_states_of_the_list(open_page, site, user, make_task):
    make_task(title="Buy milk", description="- [ ] two litres\n- [x] fresh\n\n**Now**")
    make_task(title="Call Ann")
    page = open_page(f"{site}/inbox", user)

    get_items(page).nth(0).hover()
    assert find_violations(page) == [], "hover"
    open_edit_box(page, 0)
    assert find_violations(page) == [], "rename"
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Details of Buy milk").click()
    expect(page.get_by_label("Title")).to_be_focused()
    assert find_violations(page) == [], "details"
    page.keyboard.press("Escape")
    get_items(page).nth(1).hover()
    page.get_by_role("button", name="Delete Call Ann").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert find_violations(page) == [], "undo"


def test_what_opens_over_the_list(open_page, site, user, make_task):
    List.objects.create(owner=user, name="Home", color="teal")
    make_task(title="Buy milk")
    page = open_page(f"{site}/inbox", user)

    for key, name in (("d", "Tomorrow"), ("p", "High"), ("l", "Home")):
        get_items(page).nth(0).focus()
        page.keyboard.press(key)
        button = page.locator("#quick").get_by_role("button", name=name)
        expect(button).to_be_visible()
        assert find_violations(page) == [], name
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    assert find_violations(page) == [], "help"
    page.keyboard.press("Escape")
    page.get_by_label("Menu").click()
    expect(page.get_by_role("link", name="Print")).to_be_visible()
    assert find_violations(page) == [], "menu"


def test_what_is_typed_and_chosen(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(f"{site}/inbox", user)

    page.get_by_label("New task").fill("Call Ann tomorrow #phone !high")
    expect(page.locator("#chips .chip")).to_have_count(3)
    assert find_violations(page) == [], "chips"
    get_items(page).nth(0).focus()
    page.keyboard.press("v")
    expect(page.locator("#bulk")).to_be_visible()
    assert find_violations(page) == [], "bulk"


def test_what_waits_to_be_sent(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user)
    page.context.set_offline(True)

    page.get_by_role("checkbox", name="Buy milk").click()

    expect(page.get_by_role("button", name="Send now")).to_be_visible()
    assert find_violations(page) == []


def test_the_drawer_on_a_narrow_page(open_page, site, user):
    page = open_page(site, user, viewport=NARROW)

    page.get_by_role("button", name="Views").click()

    expect(page.get_by_role("link", name="Upcoming")).to_be_visible()
    assert find_violations(page, sizes=(NARROW, NARROW)) == []


def test_the_page_of_the_api(open_page, site):
    page = open_page(f"{site}/api/docs")
    operation = page.locator(".opblock-summary-control").nth(0)
    expect(operation).to_be_visible()
    assert find_violations(page) == []

    operation.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    assert find_violations(page) == []


def test_the_admin(open_page, site, user, make_task):
    user.is_staff = user.is_superuser = True
    user.save()
    task = make_task()
    page = open_page(f"{site}/admin/", user)

    for path in [*ADMIN_PATHS, f"/admin/todo/task/{task.pk}/change/"]:
        page.goto(site + path)
        assert find_violations(page) == [], path
