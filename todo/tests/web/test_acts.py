"""Setting values, moving, acting on several tasks, and undoing that."""

import json
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import List, Task
from todo.tests.helpers import read_row, web_client
from todo.tests.web.acts import (
    DAY,
    VALUES,
    headers,
    send,
    undo,
    undo_token,
    url_of,
    values_of,
)
from todo.web.list_views import CANNOT_UNDO
from todo.web.value_form import MAX_POSITION

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("route", "form"),
    [("task_set", VALUES), ("task_move", {"after": ""}), ("task_bulk", {})],
)
def test_an_act_needs_post(web, make_task, route, form):
    arguments = [] if route == "task_bulk" else [make_task()]

    assert web.get(url_of(route, *arguments)).status_code == 405


@pytest.mark.parametrize("value", VALUES.items(), ids=VALUES)
def test_one_value_is_set_and_undone(web, make_task, value):
    task = make_task(labels=["old"], due_date="2026-01-01", priority=1)
    before = read_row(task.pk)

    response = send(web, "task_set", dict([value]), task)
    after = read_row(task.pk)
    undo(web, response)

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {value[0], "updated_at"}
    restored = read_row(task.pk)
    assert restored | {"updated_at": None} == before | {"updated_at": None}


def test_setting_values_takes_two_round_trips(
    web, make_task, django_assert_num_queries
):
    task = make_task()

    with django_assert_num_queries(2):
        send(web, "task_set", VALUES, task)


def test_removing_the_date_removes_the_time_and_the_rule_and_undo_restores_them(
    web, make_task
):
    task = make_task(due_date="2026-12-24", due_time="17:00", repeat="FREQ=DAILY")
    names = ("due_date", "due_time", "repeat")
    before = values_of(task, *names)

    response = send(web, "task_set", {"due_date": ""}, task)

    assert values_of(task, *names) == [None, None, None]
    undo(web, response)
    assert values_of(task, *names) == before


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"due_date": "x"}, "Enter a valid date."),
        ({"due_date": "12026-01-01"}, "Enter a valid date."),
        ({"priority": "9"}, "Select a valid choice."),
        ({"list": "x"}, "There is no such list."),
        ({"list": str(uuid4())}, "There is no such list."),
        ({"labels": "x" * 51}, "A label has at most 50 characters"),
        ({"due_time": "17:00"}, "A time needs a due date."),
    ],
    ids=["date", "year", "priority", "list", "unknown list", "label", "time"],
)
@pytest.mark.django_db(transaction=True)
def test_an_invalid_value_is_refused_with_a_text(web, make_task, form, text):
    task = make_task()
    before = read_row(task.pk)

    fragment = send(web, "task_set", form, task)
    page = web.post(url_of("task_set", task), form, follow=True)

    assert fragment.status_code == 422
    assert fragment["Content-Type"].startswith("text/plain")
    assert text in fragment.text
    assert text in unescape(page.text)
    assert read_row(task.pk) == before


@pytest.mark.django_db(transaction=True)
def test_a_task_is_not_put_into_another_users_list(web, stranger, make_task, make_list):
    task, other = make_task(), make_list(owner=stranger)

    response = send(web, "task_set", {"list": str(other.pk)}, task)

    assert response.status_code == 422
    assert values_of(task, "list_id") == [None]


@pytest.mark.parametrize("route", ["task_set", "task_move"])
def test_another_users_task_is_not_changed(stranger, make_task, route):
    task = make_task(title="Secret")
    before = read_row(task.pk)
    form = VALUES | {"after": ""}

    response = send(web_client(stranger), route, form, task)

    assert "Secret" not in response.text
    assert "This task is gone." in response.text
    assert f'<li id="task-{task.pk}" hidden></li>' in response.text
    assert read_row(task.pk) == before


def test_a_task_that_leaves_the_view_is_hidden(web, user, make_task):
    task = make_task(due_date=user.today)

    response = send(web, "task_set", {"due_date": ""}, task, url="/today")

    assert f'<li id="task-{task.pk}" hidden></li>' in response.text


def test_a_task_under_another_heading_shows_the_list_again(web, user, make_task):
    task = make_task(due_date=user.today + DAY)
    later = (user.today + 2 * DAY).isoformat()

    response = send(web, "task_set", {"due_date": later}, task, url="/upcoming")

    assert '<ul id="tasks"' in response.text
    assert f'id="group-{later}"' in response.text
    assert undo_token(response)


def test_setting_a_value_that_is_there_already_offers_no_undo(web, make_task):
    task = make_task(priority=2)

    response = send(web, "task_set", {"priority": "2"}, task)

    assert response.status_code == 200
    assert undo_token(response) is None


def test_without_script_the_next_page_offers_to_undo(web, make_task):
    task = make_task(priority=2)
    form = {"priority": "3", "next": "/inbox?q=milk"}

    page = web.post(url_of("task_set", task), form, follow=True)

    assert page.redirect_chain[0][0].startswith("/inbox?q=milk&undo=")
    token = undo_token(page)
    assert json.loads(token) == [[str(task.pk), {"priority": 2}]]
    web.post(reverse("undo_all"), {"undo": token})
    assert values_of(task, "priority") == [2]


@pytest.mark.parametrize(
    "token",
    ["[", "[]", "[[]]", "[1]", '[["x", {}]]', '[["{pk}", {"owner": "x"}]]']
    + ['[["{pk}", {"priority": 9}]]', '[["{pk}", {"position": "1e400000"}]]']
    + ['[["{pk}", {"title": " "}]]', '[["{pk}", {"title": "\\ud800"}]]']
    + ['[["{pk}", {"labels": ["\\ud800"]}]]']
    + [f'[["{{pk}}", {{"position": "0.{"7" * 5_000}"}}]]']
    + ['[["{pk}", {"position": ""}]]', '[["{pk}", []]]', "[" * 100_000],
)
def test_a_forged_token_changes_nothing(web, make_task, token):
    task = make_task()
    before = read_row(task.pk)

    response = web.post(
        reverse("undo_all"), {"undo": token.replace("{pk}", str(task.pk))}
    )

    assert response.status_code == 404
    assert read_row(task.pk) == before


def test_the_longest_position_is_restored(web, make_task, make_list):
    task = make_task(list=make_list(), due_date="2026-12-24")
    position = f"1.{('31415926535' * 500)[: MAX_POSITION - 2]}"
    token = json.dumps([[str(task.pk), {"position": position}]])

    assert send(web, "undo_all", {"undo": token}).status_code == 200

    assert str(values_of(task, "position")[0]) == position


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["deleted", "another user's"])
def test_a_task_is_not_put_back_into_a_list_that_is_gone(
    web, stranger, make_task, make_list, kind
):
    home = make_list()
    task = make_task(list=home)
    moved = send(web, "task_set", {"list": ""}, task)
    if kind == "deleted":
        home.delete()
    else:
        List.objects.update(owner=stranger)
    before = read_row(task.pk)

    fragment = undo(web, moved)
    page = web.post(reverse("undo_all"), {"undo": undo_token(moved)}, follow=True)

    assert fragment.status_code == 422
    for text in (fragment.text, unescape(page.text)):
        assert f"There is no such list. {CANNOT_UNDO}" in text
    assert read_row(task.pk) == before


@pytest.mark.parametrize("name", ["due_time", "repeat"])
@pytest.mark.django_db(transaction=True)
def test_what_needs_a_date_is_not_restored_without_one(web, user, make_task, name):
    task = make_task(due_date=user.today, due_time="10:00", repeat="FREQ=DAILY")
    cleared = send(web, "task_set", {name: ""}, task)
    send(web, "task_set", {"due_date": ""}, task)
    before = read_row(task.pk)

    response = undo(web, cleared)

    assert response.status_code == 422
    assert f"needs a due date. {CANNOT_UNDO}" in response.text
    assert read_row(task.pk) == before


def test_nobody_restores_the_values_of_another_users_task(stranger, make_task):
    task = make_task()
    token = json.dumps([[str(task.pk), {"priority": 3}]])

    web_client(stranger).post(reverse("undo_all"), {"undo": token})

    assert values_of(task, "priority") == [0]


@pytest.mark.parametrize("verb", ["complete", "reopen", "trash", "restore"])
def test_a_verb_is_undone(web, make_task, verb):
    state = {"reopen": "completed_at", "restore": "deleted_at"}.get(verb)
    task = make_task(**({state: timezone.now()} if state else {}))
    names = ("completed_at", "deleted_at")
    before = [bool(value) for value in values_of(task, *names)]

    response = web.post(reverse("task_apply", args=[task.pk, verb]), headers=headers())
    assert [bool(value) for value in values_of(task, *names)] != before
    undo(web, response)

    assert [bool(value) for value in values_of(task, *names)] == before


@pytest.mark.parametrize("route", ["task_apply", "task_bulk"])
@pytest.mark.parametrize(
    ("verb", "state"),
    [("complete", None), ("reopen", "completed_at"), ("restore", "deleted_at")],
)
def test_a_verb_is_undone_after_a_later_change_was(web, make_task, route, verb, state):
    task = make_task(**({state: timezone.now()} if state else {}))
    before = values_of(task, "completed_at", "priority")
    trashed_before = bool(read_row(task.pk)["deleted_at"])
    url = reverse(route, args=[task.pk, verb] if route == "task_apply" else [])

    first = web.post(url, {"ids": [task.pk], "action": verb}, headers=headers())
    second = send(web, "task_set", {"priority": "2"}, task)
    undo(web, second)
    undo(web, first)

    assert values_of(task, "completed_at", "priority") == before
    assert bool(read_row(task.pk)["deleted_at"]) == trashed_before


@pytest.mark.parametrize("verb", ["complete", "reopen", "trash", "restore"])
def test_a_verb_that_is_sent_again_is_a_success_with_the_same_undo(
    web, make_task, verb
):
    state = {"reopen": "completed_at", "restore": "deleted_at"}.get(verb)
    task = make_task(**({state: timezone.now()} if state else {}))
    url = reverse("task_apply", args=[task.pk, verb])

    first, second = (web.post(url, headers=headers()) for _ in range(2))

    assert undo_token(first) == undo_token(second) is not None


def test_a_task_that_repeats_moves_on_once_for_a_key(web, user, make_task):
    task = make_task(due_date=user.today, repeat="FREQ=DAILY")
    url, form = reverse("task_apply", args=[task.pk, "complete"]), {"key": uuid4()}

    for _ in range(2):
        response = web.post(url, form, headers=headers())
        assert response.status_code == 200

    assert values_of(task, "due_date") == [user.today + DAY]
    assert Task.objects.in_status("completed").count() == 1


def test_ticking_a_task_in_the_trash_says_that_it_is_gone(web, make_task):
    task = make_task(deleted_at=timezone.now())

    response = web.post(
        reverse("task_apply", args=[task.pk, "complete"]), headers=headers()
    )

    assert "This task is gone." in response.text
    assert values_of(task, "completed_at") == [None]
