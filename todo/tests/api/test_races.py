"""Requests that come at once, or twice. Each runs on its own connection."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from todo.models import Task, User
from todo.tests.api.conftest import client_of

TASKS = "/api/v1/tasks"
KEY = "01a202a8-526f-7022-82f9-8a7867c49a93"

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(requests):
    """The answers to functions that all run at the same time."""

    def run(request):
        try:
            return request()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(run, requests))


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_writers_who_read_the_same_one_is_told(user, make_task, attempt):
    task = make_task()
    url = f"{TASKS}/{task.pk}"
    headers = {"If-Match": client_of(user).get(url).headers["ETag"]}

    def write(title):
        return client_of(user).patch(url, {"title": title}, headers=headers)

    answers = at_once([partial(write, title) for title in ("one", "two")])

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    task.refresh_from_db()
    assert task.title == winner.json()["title"]


def test_writers_of_different_fields_lose_nothing(user, make_task):
    task = make_task()
    url = f"{TASKS}/{task.pk}"
    sent = [{"title": "one"}, {"description": "two"}, {"priority": 3}]

    answers = at_once([partial(client_of(user).patch, url, body) for body in sent])

    assert [answer.status_code for answer in answers] == [200] * 3
    task.refresh_from_db()
    assert (task.title, task.description, task.priority) == ("one", "two", 3)


def create(user, key, **body):
    return client_of(user).post(
        TASKS, {"title": "Buy milk"} | body, headers={"Idempotency-Key": key}
    )


def test_twenty_who_repeat_a_request_make_one_task(user):
    key = str(uuid4())

    answers = at_once([lambda: create(user, key)] * 20)

    assert [answer.status_code for answer in answers] == [201] * 20
    assert {answer.content for answer in answers} == {answers[0].content}
    assert str(Task.objects.get().pk) == answers[0].json()["id"] == key


def test_a_repeated_request_returns_the_task_as_it_is_now(user, api):
    key = str(uuid4())
    create(user, key)
    api.patch(f"{TASKS}/{key}", {"title": "Buy bread"})

    answer = create(user, key)

    assert answer.status_code == 201
    assert answer.json()["title"] == "Buy bread"


@pytest.mark.parametrize("is_changed", [False, True])
def test_another_body_with_the_same_key_is_a_conflict(user, api, is_changed):
    key = str(uuid4())
    create(user, key)
    if is_changed:
        api.patch(f"{TASKS}/{key}", {"title": "Buy bread"})

    answer = create(user, key, title="Buy bread")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"


def test_anothers_key_is_a_conflict_that_tells_nothing(user, stranger):
    key = str(uuid4())
    create(user, key)

    answer = create(stranger, key)

    assert answer.status_code == 409
    assert Task.objects.get().owner == user


@pytest.mark.parametrize("key", ["", "x", "1", f"{{{KEY}}}", KEY.replace("-", "")])
def test_a_key_that_is_no_uuid_is_refused(user, key):
    answer = create(user, key)

    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_invalid"


def test_of_two_who_sign_up_at_once_one_is_told(anonymous):
    body = {"email": "new@example.com", "password": "correct horse battery"}
    requests = [lambda: anonymous.post("/api/v1/auth/signup", body)] * 4

    statuses = sorted(answer.status_code for answer in at_once(requests))

    assert statuses[0] == 200
    assert set(statuses[1:]) <= {400, 409}
    assert User.objects.count() == 1


def test_a_deleted_users_token_opens_nothing(user, make_task):
    task = make_task()
    client = client_of(user)
    user.delete()

    answers = [
        client.get(TASKS),
        client.post(TASKS, {"title": "x"}),
        client.post(TASKS, {"title": "x"}, headers={"Idempotency-Key": str(uuid4())}),
        client.get(f"{TASKS}/{task.pk}"),
        client.patch(f"{TASKS}/{task.pk}", {"title": "x"}),
        client.put(f"{TASKS}/{task.pk}", {"title": "x"}),
        client.delete(f"{TASKS}/{task.pk}"),
        client.post(f"{TASKS}/{task.pk}/restore"),
        client.post(f"{TASKS}/bulk", {"action": "trash", "ids": [str(task.pk)]}),
        client.get(f"{TASKS}/export"),
        client.post(f"{TASKS}/import", [{"title": "x"}]),
        client.get("/api/v1/account"),
        client.patch("/api/v1/account", {"name": "x"}),
        client.delete("/api/v1/account", {"password": "x"}),
        client.post(
            "/api/v1/account/password/change",
            {"current_password": "x", "new_password": "correct horse battery"},
        ),
    ]

    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert not Task.objects.exists()
