"""Requests at the same time, and repeated ones. Each thread has its own connection."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction

from todo.models import Session, Task, User
from todo.tests.api.conftest import client_of, wait_until_blocked
from todo.tests.api.helpers import LISTS, TASKS
from todo.tests.conftest import PASSWORD

KEY = "01a202a8-526f-7022-82f9-8a7867c49a93"

pytestmark = pytest.mark.django_db(transaction=True)


def call(function):
    try:
        return function()
    finally:
        connection.close()


def run_at_once(functions):
    """Call functions in threads at the same time; return what they return."""
    with ThreadPoolExecutor(len(functions)) as threads:
        return list(threads.map(call, functions))


def run_behind_lock(rows, functions):
    """Call functions in threads while the rows are locked.

    The rows are unlocked when all threads wait for a lock. So each thread has read what
    it can read without one, and acts on that at the same time as the others.
    """
    with ThreadPoolExecutor(len(functions)) as threads:
        with transaction.atomic():
            assert list(rows.select_for_update(of=("self",)))
            results = threads.map(call, functions)
            wait_until_blocked(len(functions))
        return list(results)


def test_one_of_two_writes_with_the_same_etag_fails(user, make_task):
    task = make_task()
    url = f"{TASKS}/{task.pk}"
    headers = {"If-Match": client_of(user).get(url).headers["ETag"]}

    def write(title):
        return client_of(user).patch(url, {"title": title}, headers=headers)

    responses = run_behind_lock(
        Task.objects.all(), [partial(write, title) for title in ("one", "two")]
    )

    assert sorted(response.status_code for response in responses) == [200, 412]
    (success,) = [response for response in responses if response.status_code == 200]
    task.refresh_from_db()
    assert task.title == success.json()["title"]


def test_writes_of_different_fields_do_not_overwrite_each_other(user, make_task):
    task = make_task()
    url = f"{TASKS}/{task.pk}"
    bodies = [{"title": "one"}, {"description": "two"}, {"priority": 3}]

    responses = run_behind_lock(
        Task.objects.all(),
        [partial(client_of(user).patch, url, body) for body in bodies],
    )

    assert [response.status_code for response in responses] == [200] * 3
    task.refresh_from_db()
    assert (task.title, task.description, task.priority) == ("one", "two", 3)


def create(user, key, **body):
    return client_of(user).post(
        TASKS, {"title": "Buy milk"} | body, headers={"Idempotency-Key": key}
    )


def test_twenty_requests_with_the_same_key_create_one_task(user):
    key = str(uuid4())

    responses = run_at_once([lambda: create(user, key)] * 20)

    assert [response.status_code for response in responses] == [201] * 20
    assert {response.content for response in responses} == {responses[0].content}
    assert str(Task.objects.get().pk) == responses[0].json()["id"] == key


def test_a_repeated_request_returns_the_task_as_it_is_now(user, api):
    key = str(uuid4())
    create(user, key)
    api.patch(f"{TASKS}/{key}", {"title": "Buy bread"})

    response = create(user, key)

    assert response.status_code == 201
    assert response.json()["title"] == "Buy bread"


@pytest.mark.parametrize("is_changed", [False, True], ids=["unchanged", "changed"])
def test_another_body_with_the_same_key_is_a_conflict(user, api, is_changed):
    key = str(uuid4())
    create(user, key)
    if is_changed:
        api.patch(f"{TASKS}/{key}", {"title": "Buy bread"})

    response = create(user, key, title="Buy bread")

    assert response.status_code == 409
    assert response.json()["code"] == "idempotency_key_reused"


def test_another_users_key_is_a_conflict(user, stranger):
    key = str(uuid4())
    create(user, key)

    response = create(stranger, key)

    assert response.status_code == 409
    assert "Buy milk" not in response.text
    assert Task.objects.get().owner == user


@pytest.mark.parametrize(
    "key",
    ["", "x", "1", f"{{{KEY}}}", KEY.replace("-", "")],
    ids=["empty", "letter", "digit", "in braces", "without hyphens"],
)
def test_a_key_that_is_not_a_uuid_is_rejected(user, key):
    response = create(user, key)

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency_key_invalid"


def test_concurrent_sign_ups_with_the_same_email_create_one_user(anonymous):
    body = {"email": "new@example.com", "password": PASSWORD}

    responses = run_at_once([lambda: anonymous.post("/api/v1/auth/signup", body)] * 4)

    statuses = sorted(response.status_code for response in responses)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {400, 409}
    assert User.objects.count() == 1


def test_concurrent_refreshes_both_return_tokens_that_work(user, anonymous):
    def refresh(token):
        return anonymous.post("/api/v1/tokens/refresh", {"refresh_token": token})

    body = {"email": user.email, "password": PASSWORD}
    login = anonymous.post("/api/v1/auth/login", body)
    token = login.json()["meta"]["refresh_token"]

    responses = run_behind_lock(Session.objects.all(), [partial(refresh, token)] * 2)

    assert [response.status_code for response in responses] == [200, 200]
    for response in responses:
        assert refresh(response.json()["data"]["refresh_token"]).status_code == 200


def test_concurrent_imports_of_the_same_file_add_its_tasks_once(user):
    file = [{"id": str(uuid4()), "title": f"Task {number}"} for number in range(3)]

    responses = run_behind_lock(
        User.objects.all(),
        [lambda: client_of(user).post(f"{TASKS}/import", file)] * 2,
    )

    assert [response.status_code for response in responses] == [200, 200]
    assert sorted(response.json()["created"] for response in responses) == [0, 3]
    assert Task.objects.count() == 3


def test_a_deleted_users_token_is_rejected(user, make_task):
    task = make_task()
    client = client_of(user)
    user.delete()

    responses = [
        client.get(TASKS),
        client.post(TASKS, {"title": "x"}),
        client.post(TASKS, {"title": "x"}, headers={"Idempotency-Key": str(uuid4())}),
        client.get(f"{TASKS}/{task.pk}"),
        client.patch(f"{TASKS}/{task.pk}", {"title": "x"}),
        client.put(f"{TASKS}/{task.pk}", {"title": "x"}),
        client.delete(f"{TASKS}/{task.pk}"),
        client.post(f"{TASKS}/{task.pk}/restore"),
        client.post(f"{TASKS}/bulk", {"action": "trash", "ids": [str(task.pk)]}),
        client.get(LISTS),
        client.post(LISTS, {"name": "x"}),
        client.delete(f"{LISTS}/{KEY}"),
        client.get(f"{TASKS}/export"),
        client.post(f"{TASKS}/import", [{"title": "x"}]),
        client.get("/api/v1/account"),
        client.patch("/api/v1/account", {"name": "x"}),
        client.delete("/api/v1/account", {"password": "x"}),
        client.post(
            "/api/v1/account/password/change",
            {"current_password": "x", "new_password": PASSWORD},
        ),
    ]

    assert [response.status_code for response in responses] == [401] * len(responses)
    assert not Task.objects.exists()
