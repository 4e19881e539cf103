"""No page violates a rule of axe-core, in any state, light or dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from todo.models import List
from todo.models.list import Color
from todo.tests.web.helpers import get_items, open_edit_box

OPEN_PATHS = ["/", "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"]
PATHS = [
    *("/", "/active", "/completed", "/trash", "/profile", "/profile/import"),
    *("/profile/delete", "/accounts/password/change/", "/accounts/logout/"),
    *("/profile/email", "/profile/sessions", "/nowhere"),
]
ADMIN_PATHS = [
    *("/admin/", "/admin/todo/task/", "/admin/todo/task/add/", "/admin/todo/user/"),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("scheme", ["light", "dark"]),
]


def find_violations(page):
    violations = Axe().run(page).response["violations"]
    return [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in violations
    ]


def test_the_pages_of_anonymous_users(open_page, site, scheme):
    page = open_page(site, color_scheme=scheme)

    for path in OPEN_PATHS:
        page.goto(site + path)
        assert find_violations(page) == [], path


def test_the_pages_of_users(open_page, site, user, make_task, scheme):
    for priority in range(4):
        make_task(title=f"{priority}", priority=priority, due_date="2000-01-01")
    make_task(due_date=user.today, description="More of it")
    for color in ["", *Color.values]:
        task_list = List.objects.create(owner=user, name=color or "none", color=color)
        make_task(list=task_list, labels=["a", "b"], description="- [ ] milk")
    task = make_task(due_date=user.today, due_time="17:00", repeat="FREQ=DAILY")
    make_task(completed_at=timezone.now())
    make_task(deleted_at=timezone.now())
    page = open_page(site, user, color_scheme=scheme)

    for path in [*PATHS, f"/tasks/{task.pk}"]:
        page.goto(site + path)
        assert find_violations(page) == [], path


def test_the_states_of_the_list(open_page, site, user, make_task, scheme):
    make_task(title="Buy milk", description="- [ ] two litres\n- [x] fresh")
    make_task(title="Call Ann")
    page = open_page(site, user, color_scheme=scheme)

    get_items(page).nth(0).hover()
    assert find_violations(page) == []
    open_edit_box(page, 0)
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Details of Buy milk").click()
    expect(page.get_by_label("Title")).to_be_focused()
    assert find_violations(page) == []
    page.get_by_role("button", name="Delete Call Ann").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert find_violations(page) == []
    page.get_by_text("Keyboard").click()
    assert find_violations(page) == []


def test_the_admin(open_page, site, user, make_task, scheme):
    user.is_staff = user.is_superuser = True
    user.save()
    task = make_task()
    page = open_page(f"{site}/admin/", user, color_scheme=scheme)

    for path in [*ADMIN_PATHS, f"/admin/todo/task/{task.pk}/change/"]:
        page.goto(site + path)
        assert find_violations(page) == [], path
