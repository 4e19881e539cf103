"""The pages under a path: all that scripts send has SCRIPT_NAME, and works."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import expect

from aido.testing.processes import running_server
from todo.models import List, Task
from todo.tests.web.helpers import (
    get_items,
    get_titles,
    open_edit_box,
    wait_until_saved,
)
from todo.tests.web.test_order import drag
from todo.tests.web.test_paste import paste

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sub_site(test_database_url):
    variables = {"DATABASE_URL": test_database_url, "SCRIPT_NAME": "/todo"}
    with running_server("manage.py", "runserver", "--noreload", **variables) as url:
        yield f"{url}/todo"


@pytest.fixture
def page(open_page, sub_site, user, make_task):
    for title in ["One", "Two", "Three"]:
        make_task(title=title)
    List.objects.create(owner=user, name="Home")
    page = open_page(f"{sub_site}/inbox?sort=position", user)
    paths = []
    page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    yield page
    assert [path for path in paths if not path.startswith("/todo/")] == []
    assert page.problems == []


def test_a_task_is_added_with_its_words(page):
    box = page.get_by_label("New task")
    box.press_sequentially("Call Bob tomorrow")
    expect(page.locator("#chips")).to_contain_text("Tomorrow")
    box.press("Enter")

    wait_until_saved(page)
    assert Task.objects.get(title="Call Bob").due_date


def test_a_date_is_set_from_the_row(page, user):
    get_items(page).nth(0).press("t")

    wait_until_saved(page)
    assert Task.objects.get(title="One").due_date == user.today


def test_a_task_is_renamed(page):
    box = open_edit_box(page, 0)
    box.fill("Uno")
    box.press("Enter")

    wait_until_saved(page)
    assert Task.objects.filter(title="Uno").exists()


def test_chosen_tasks_are_completed(page):
    for index in (0, 1):
        get_items(page).nth(index).press("v")
    page.keyboard.press("x")

    wait_until_saved(page)
    assert Task.objects.filter(completed_at=None).get().title == "Three"


def test_a_task_is_moved_by_a_key(page):
    get_items(page).nth(0).press("Alt+ArrowDown")

    wait_until_saved(page)
    order = Task.objects.order_by("position").values_list("title", flat=True)
    assert [*order] == ["Two", "One", "Three"]


def test_tasks_are_dragged_to_a_list_and_to_today(page, user):
    side = page.locator("#side")
    drag(page, 0, side.get_by_role("link", name="Home"))
    expect(get_items(page)).to_have_count(2)
    drag(page, 0, side.get_by_role("link", name="Today"))

    wait_until_saved(page)
    assert Task.objects.get(title="One").list.name == "Home"
    assert Task.objects.get(title="Two").due_date == user.today


def test_pasted_lines_become_tasks(page):
    paste(page, "Four\nFive")
    page.get_by_role("button", name="Add 2 tasks").click()

    expect(get_titles(page)).to_have_count(5)
    wait_until_saved(page)
    assert Task.objects.count() == 5


def test_a_change_that_is_being_sent_is_undone(page):
    with connection.cursor() as cursor:  # the answer has to wait
        cursor.execute("BEGIN; LOCK TABLE task IN SHARE MODE")
        get_items(page).nth(0).get_by_role("checkbox").click()
        page.keyboard.press("z")
        cursor.execute("COMMIT")

    wait_until_saved(page)
    assert not Task.objects.exclude(completed_at=None).exists()


@pytest.mark.parametrize(
    ("key", "path"), [("t", "today"), ("a", ""), ("c", "completed")]
)
def test_keys_go_to_another_view(page, sub_site, key, path):
    get_items(page).nth(0).focus()
    for each in ("g", key):
        page.keyboard.press(each)

    page.wait_for_url(f"{sub_site}/{path}")
