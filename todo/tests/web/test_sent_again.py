"""What a browser sends again, how it undoes a rename, and pages of other users."""

import json
import re
from html import unescape

import pytest

from todo.models import Task
from todo.tests.helpers import HTMX, page_url, read_row, version, web_client

pytestmark = pytest.mark.django_db
EDIT = {
    "title": "Buy bread",
    "description": "- [ ] two\r\nloaves",
    "due_date": "2026-12-24",
    "due_time": "17:00",
    "repeat": "FREQ=WEEKLY",
    "priority": "2",
    "labels": "#home",
}
FORMS = {"task_rename": {"title": "Buy bread"}, "task_edit": EDIT}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_whose_answer_was_lost_is_no_conflict(user, make_task, name):
    task = make_task(title="Buy milk")
    form = FORMS[name] | {"version": version(task)}
    web = web_client(user)
    web.post(page_url(name, task), form, headers=HTMX)
    saved = read_row(task.pk)

    response = web.post(page_url(name, task), form, headers=HTMX)

    assert response.status_code == 200
    assert f'<li id="task-{task.pk}"' in response.text
    assert read_row(task.pk) == saved


@pytest.mark.parametrize("name", FORMS)
def test_another_form_of_the_same_version_is_a_conflict(user, make_task, name):
    task = make_task(title="Buy milk")
    form = FORMS[name] | {"version": version(task)}
    web = web_client(user)
    web.post(page_url(name, task), form, headers=HTMX)

    response = web.post(page_url(name, task), form | {"title": "Buy tea"}, headers=HTMX)

    assert "changed in another window" in response.text
    assert read_row(task.pk)["title"] == "Buy bread"


def test_a_page_of_another_user_is_told_so(user, stranger):
    web = web_client(stranger)
    headers = HTMX | {"Aido-User": str(user.pk)}

    responses = [
        web.get("/", headers=headers),
        web.post("/tasks/new", {"title": "Buy milk"}, headers=headers),
    ]

    for response in responses:
        assert response.status_code == 401
        assert response.text.startswith("Another account is signed in")
    assert not Task.objects.exists()


def test_a_page_of_the_same_user_is_served(user):
    headers = HTMX | {"Aido-User": str(user.pk)}

    response = web_client(user).post("/tasks/new", {"title": "x"}, headers=headers)

    assert response.status_code == 200


def test_a_rename_is_undone(user, make_task):
    task, web = make_task(title="Buy milk"), web_client(user)
    form = {"title": "Buy bread", "was": "Buy milk", "version": version(task)}
    response = web.post(page_url("task_rename", task), form, headers=HTMX)
    token = unescape(re.search('name="undo" value="(.*?)"', response.text)[1])

    web.post("/tasks/undo", {"undo": token}, headers=HTMX)

    assert read_row(task.pk)["title"] == "Buy milk"


@pytest.mark.parametrize("title", ["", " ", "x" * 201, None])
def test_an_invalid_title_is_not_restored(user, make_task, title):
    task = make_task(title="Buy milk")
    token = json.dumps([[str(task.pk), {"title": title}]])

    response = web_client(user).post("/tasks/undo", {"undo": token}, headers=HTMX)

    assert response.status_code == 404
    assert read_row(task.pk)["title"] == "Buy milk"
