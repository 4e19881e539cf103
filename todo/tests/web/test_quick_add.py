"""The add box understands words."""

import json
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from todo import quick
from todo.models import List, Task
from todo.tests.helpers import HTMX
from todo.tests.web.acts import undo_token
from todo.tests.web.helpers import add_tasks, get_items, get_titles

TEXT = "Call Bob tomorrow 5pm #home !high @work"
UNDERSTOOD = "Added, due tomorrow 17:00, #home, high, in Work."

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(user):
    return List.objects.create(owner=user, name="Work", color="blue")


def add(client, title, **options):
    return client.post(reverse("task_add"), {"title": title}, **options)


def test_the_words_are_understood_and_reported(web, user, work):
    fragment = add(web, TEXT, headers=HTMX)
    page = web.post(reverse("task_add"), {"title": TEXT}, follow=True)

    for response in (fragment, page):
        assert 'role="status"' in response.text
        assert UNDERSTOOD in response.text
    task, _ = Task.objects.all()
    assert (task.title, task.priority, task.labels) == ("Call Bob", 3, ["home"])
    assert (task.list, task.due_date) == (work, user.today + timedelta(1))
    assert task.due_time.isoformat() == "17:00:00"


def test_a_plain_title_is_reported_and_can_be_undone(web):
    response = add(web, "Call Bob", headers=HTMX)

    assert "Added: <bdi>Call Bob</bdi>" in response.text
    assert json.loads(undo_token(response)) == [
        [str(Task.objects.get().pk), {"is_new": True}]
    ]


def test_the_name_of_an_unknown_list_stays_in_the_title(web):
    response = add(web, "Call <Bob> @Work #home", headers=HTMX)

    assert "Added, #home." in response.text
    assert Task.objects.get().title == "Call <Bob> @Work"
    assert not List.objects.exists()


def test_the_day_is_that_of_the_users_time_zone(web, user):
    user.time_zone = "Pacific/Kiritimati"
    user.save()

    add(web, "Call Bob today", headers=HTMX)

    assert Task.objects.get().due_date == user.today


@pytest.mark.parametrize(("title", "count"), [("Call Bob today", 2), (TEXT, 3)])
def test_only_a_list_takes_a_third_round_trip(
    web, work, django_assert_num_queries, title, count
):
    with django_assert_num_queries(count):
        add(web, title, headers=HTMX)


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_adds_one_task(web, work):
    form = {"title": TEXT, "key": str(uuid4())}

    for _ in range(2):
        response = web.post(reverse("task_add"), form, headers=HTMX)
        assert response.status_code == 200

    assert Task.objects.get().title == "Call Bob"


@pytest.mark.django_db(transaction=True)
def test_a_list_that_is_deleted_meanwhile_is_reported(web, monkeypatch):
    values = {"title": "Call Bob", "list": uuid4()}
    monkeypatch.setattr(quick, "read_text", lambda *args: quick.QuickTask(values, []))

    fragment = add(web, "Call Bob @Work", headers=HTMX)
    page = add(web, "Call Bob @Work")

    for response in (fragment, page):
        assert response.status_code == 409
        assert "There is no such list." in unescape(response.text)
    assert 'name="title" value="Call Bob @Work"' in page.text
    assert not Task.objects.exists()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_words_are_understood_in_a_browser(open_page, site, user, work, script):
    page = open_page(site, user, java_script_enabled=script)

    add_tasks(page, TEXT)

    expect(get_titles(page)).to_have_text(["Call Bob"])
    for text in ("Tomorrow 17:00", "High", "Work", "#home"):
        expect(get_items(page)).to_contain_text(text)
    expect(page.get_by_text(UNDERSTOOD)).to_be_visible()
    expect(page.get_by_label("New task")).to_have_value("")
