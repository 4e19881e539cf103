"""axe-core on every page and state, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from todo.tests.web.conftest import edit_box, items

pytestmark = pytest.mark.browser

OPEN = ["/", "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"]
CLOSED = [
    *("/", "/active", "/completed", "/trash", "/profile", "/profile/import"),
    *("/profile/delete", "/accounts/password/change/", "/accounts/logout/"),
    *("/accounts/email/", "/nowhere"),
]
ADMIN = ["/admin/", "/admin/todo/task/", "/admin/todo/task/add/", "/admin/todo/user/"]


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_pages(open_page, site, scheme):
    page = open_page(site, color_scheme=scheme)

    for path in OPEN:
        page.goto(site + path)
        assert violations(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ones_own_pages(open_page, site, user, make_task, scheme):
    for priority in range(4):
        make_task(title=f"{priority}", priority=priority, due_date="2000-01-01")
    make_task(due_date=user.today, description="More of it")
    make_task(completed_at=timezone.now())
    make_task(deleted_at=timezone.now())
    page = open_page(site, user, color_scheme=scheme)

    for path in CLOSED:
        page.goto(site + path)
        assert violations(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_states_of_the_list(open_page, site, user, make_task, scheme):
    make_task(title="Buy milk")
    make_task(title="Call Ann")
    page = open_page(site, user, color_scheme=scheme)

    items(page).nth(0).hover()
    assert violations(page) == []
    edit_box(page, 0)
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Details of Buy milk").click()
    expect(page.get_by_label("Title")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="Delete Call Ann").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert violations(page) == []
    page.get_by_text("Keyboard").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_admin(open_page, site, user, make_task, scheme):
    user.is_staff = user.is_superuser = True
    user.save()
    task = make_task()
    page = open_page(f"{site}/admin/", user, color_scheme=scheme)

    for path in [*ADMIN, f"/admin/todo/task/{task.pk}/change/"]:
        page.goto(site + path)
        assert violations(page) == [], path
