"""Completing and reopening over HTTP, tasks that repeat too."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from todo import completions
from todo.models import Task
from todo.tests.api.helpers import MISSING_ID, TASKS, task_url

DUE = date(2100, 1, 1)  # not the current day, which could end during a test
NEXT_DAY = str(DUE + timedelta(days=1))


@pytest.fixture
def repeating(make_task):
    return make_task(due_date=DUE, repeat="FREQ=DAILY")


def completed_copy():
    return Task.objects.get(copy_of__isnull=False)


def test_a_task_is_completed_and_reopened(api, make_task):
    task = make_task()

    completed = api.post(f"{task_url(task)}/complete")
    reopened = api.post(f"{task_url(task)}/reopen")

    assert (completed.status_code, completed.json()["completed"]) == (200, True)
    assert completed.headers["ETag"] != reopened.headers["ETag"]
    assert (reopened.status_code, reopened.json()["completed"]) == (200, False)


@pytest.mark.parametrize(("verb", "completed"), [("complete", True), ("reopen", False)])
def test_a_verb_that_is_repeated_changes_nothing(api, make_task, verb, completed):
    task = make_task(completed_at=None if completed else timezone.now())

    first, second = [api.post(f"{task_url(task)}/{verb}") for _ in range(2)]

    assert first.json() == second.json()
    assert first.json()["completed"] is completed


def test_a_task_that_repeats_moves_on(api, repeating):
    response = api.post(f"{task_url(repeating)}/complete")

    assert response.status_code == 200
    body = response.json()
    assert (body["id"], body["due_date"]) == (str(repeating.pk), NEXT_DAY)
    assert body["completed"] is False
    assert body.keys() == api.get(task_url(repeating)).json().keys()
    assert response.headers["ETag"] == api.get(task_url(repeating)).headers["ETag"]
    [copy] = api.get(f"{TASKS}?status=completed").json()["results"]
    assert copy["due_date"] == str(DUE)


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_task_that_repeats_moves_on_by_a_change(api, repeating, method):
    body = {"title": "Buy bread", "completed": True}
    body |= {"due_date": str(DUE), "repeat": "FREQ=DAILY"}

    response = getattr(api, method)(task_url(repeating), body)

    assert response.json()["due_date"] == NEXT_DAY
    assert response.json()["title"] == "Buy bread"


@pytest.mark.parametrize("method", ["patch", "put"])
@pytest.mark.parametrize(
    "change",
    [
        {"repeat": None},
        {"due_date": None},
        {"repeat": None, "due_date": None},
        {"repeat": None, "due_date": NEXT_DAY},
    ],
    ids=["rule", "date", "rule and date", "rule and another date"],
)
def test_a_change_that_ends_a_series_completes_it(api, repeating, method, change):
    body = {"title": "Buy bread", "completed": True} | change

    response = getattr(api, method)(task_url(repeating), body)

    assert response.status_code == 200
    assert (response.json()["completed"], response.json()["repeat"]) == (True, None)
    assert Task.objects.get().completed_at


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_change_that_adds_a_rule_and_completes_moves_the_task_on(
    api, make_task, method
):
    task = make_task(due_date=DUE)
    body = {"title": "Buy bread", "completed": True, "repeat": "FREQ=DAILY"}

    response = getattr(api, method)(task_url(task), body | {"due_date": str(DUE)})

    assert response.json()["due_date"] == NEXT_DAY
    assert response.json()["completed"] is False
    assert completed_copy().due_date == DUE


@pytest.mark.parametrize(
    ("change", "due_date"),
    [
        ({"repeat": "FREQ=WEEKLY"}, DUE + timedelta(days=7)),
        ({"due_date": NEXT_DAY}, DUE + timedelta(days=2)),
    ],
    ids=["rule", "date"],
)
def test_a_change_that_completes_a_task_that_repeats_counts_from_the_new_values(
    api, repeating, change, due_date
):
    response = api.patch(task_url(repeating), {"completed": True} | change)

    assert response.json()["due_date"] == str(due_date)
    assert Task.objects.in_status("completed").count() == 1


def test_a_rule_without_a_date_is_refused_when_the_task_is_completed(api, repeating):
    body = {"completed": True, "due_date": None, "repeat": "FREQ=DAILY"}

    assert api.patch(task_url(repeating), body).status_code == 400


def test_a_completed_task_keeps_its_time_when_its_rule_is_removed(api, repeating):
    api.post(f"{task_url(repeating)}/complete")
    completed_at = completed_copy().completed_at

    api.patch(task_url(completed_copy()), {"completed": True, "repeat": None})

    assert completed_copy().completed_at == completed_at


def test_a_task_that_repeats_takes_two_queries(
    api, repeating, django_assert_num_queries
):
    with django_assert_num_queries(2):
        api.post(f"{task_url(repeating)}/complete")
    copy = completed_copy()
    with django_assert_num_queries(2):
        api.post(f"{task_url(copy)}/reopen")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda tag: {"If-Match": tag}, id="If-Match"),
        pytest.param(lambda tag: {"Idempotency-Key": MISSING_ID}, id="Idempotency-Key"),
    ],
)
def test_a_completion_that_is_sent_again_advances_once(api, repeating, headers):
    headers = headers(api.get(task_url(repeating)).headers["ETag"])

    for _ in range(3):
        api.post(f"{task_url(repeating)}/complete", headers=headers)

    repeating.refresh_from_db()
    assert repeating.due_date == DUE + timedelta(days=1)


def test_a_completion_that_is_sent_again_with_its_key_answers_the_same(api, repeating):
    headers = {"Idempotency-Key": str(uuid4())}

    responses = [
        api.post(f"{task_url(repeating)}/complete", headers=headers) for _ in range(2)
    ]

    assert responses[0].status_code == responses[1].status_code == 200
    assert responses[0].json() == responses[1].json()


def test_a_key_that_is_no_uuid_is_refused(api, repeating):
    headers = {"Idempotency-Key": "x"}

    response = api.post(f"{task_url(repeating)}/complete", headers=headers)

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency_key_invalid"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Idempotency-Key": MISSING_ID}],
    ids=["no header", "Idempotency-Key"],
)
def test_a_task_whose_date_is_changed_meanwhile_is_completed_all_the_same(
    api, repeating, meanwhile, headers
):
    meanwhile(lambda: api.patch(task_url(repeating), {"due_date": "2100-06-01"}))

    response = api.post(f"{task_url(repeating)}/complete", headers=headers)

    assert response.json()["due_date"] == "2100-06-02"
    assert completed_copy().due_date == date(2100, 6, 1)


def test_a_version_that_is_changed_meanwhile_is_not_completed(
    api, repeating, meanwhile
):
    tag = api.get(task_url(repeating)).headers["ETag"]
    meanwhile(lambda: api.patch(task_url(repeating), {"due_date": "2100-06-01"}))

    response = api.post(f"{task_url(repeating)}/complete", headers={"If-Match": tag})

    assert response.status_code == 412
    assert not Task.objects.in_status("completed").exists()


def test_a_task_that_is_changed_again_and_again_is_refused(api, repeating, meanwhile):
    change = {"priority": 1}
    meanwhile(lambda: api.patch(task_url(repeating), change), completions.TRIES)

    response = api.post(f"{task_url(repeating)}/complete")

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert not Task.objects.in_status("completed").exists()


def test_a_task_that_is_moved_to_the_trash_meanwhile_is_not_found(
    api, repeating, meanwhile
):
    meanwhile(lambda: api.delete(task_url(repeating)))

    assert api.post(f"{task_url(repeating)}/complete").status_code == 404


def test_a_completion_is_taken_back_by_reopening_the_copy(api, repeating):
    api.post(f"{task_url(repeating)}/complete")

    response = api.post(f"{task_url(completed_copy())}/reopen")

    assert response.status_code == 200
    assert response.json()["id"] == str(repeating.pk)
    assert response.json()["due_date"] == str(DUE)
    assert api.get(f"{TASKS}?status=completed").json()["results"] == []


def test_a_completion_is_taken_back_by_changing_the_copy(api, repeating):
    api.post(f"{task_url(repeating)}/complete")

    response = api.patch(task_url(completed_copy()), {"completed": False})

    assert response.json()["id"] == str(repeating.pk)


@pytest.mark.parametrize(
    "values",
    [
        {"title": "Buy bread", "priority": 3, "labels": ["garden"]},
        {"due_date": "2100-06-01", "due_time": "17:00"},
        {"repeat": "FREQ=WEEKLY"},
        {"repeat": None},
        {"due_date": None},
    ],
    ids=["title", "date", "rule", "no rule", "no date"],
)
def test_a_change_that_reopens_a_copy_writes_its_other_values_too(
    api, repeating, values
):
    api.post(f"{task_url(repeating)}/complete")
    body = {"completed": False} | values

    response = api.patch(task_url(completed_copy()), body)

    assert response.status_code == 200
    row = api.get(f"{TASKS}/{response.json()['id']}").json()
    assert row == response.json()
    assert {name: row[name] for name in body} == body


def test_a_change_that_reopens_an_earlier_copy_can_give_it_a_rule(api, repeating):
    for _ in range(2):
        api.post(f"{task_url(repeating)}/complete")
    first = Task.objects.get(copy_of__isnull=False, due_date=DUE)

    response = api.patch(task_url(first), {"completed": False, "repeat": "FREQ=DAILY"})

    assert response.json()["id"] == str(first.pk)
    assert response.json()["repeat"] == "FREQ=DAILY"


def test_a_copy_that_is_replaced_by_an_open_task_is_as_it_was_sent(api, repeating):
    api.post(f"{task_url(repeating)}/complete")
    copy, body = completed_copy(), {"title": "Buy bread", "due_date": str(DUE)}
    tag = api.get(task_url(copy)).headers["ETag"]

    response = api.put(task_url(copy), body, headers={"If-Match": tag})

    assert response.status_code == 200
    assert response.json()["title"] == "Buy bread"
    assert (response.json()["completed"], response.json()["repeat"]) == (False, None)


@pytest.mark.parametrize("verb", ["complete", "reopen"])
def test_a_task_in_the_trash_is_not_found(api, make_task, verb):
    task = make_task(deleted_at=timezone.now())

    assert api.post(f"{task_url(task)}/{verb}").status_code == 404


@pytest.mark.parametrize("verb", ["complete", "reopen"])
def test_another_version_is_refused(api, make_task, verb):
    task = make_task()

    response = api.post(f"{task_url(task)}/{verb}", headers={"If-Match": '"1"'})

    assert response.status_code == 412


@pytest.mark.parametrize("verb", ["complete", "reopen", "move"])
def test_a_stranger_finds_nothing(strangers_api, repeating, verb):
    response = strangers_api.post(f"{task_url(repeating)}/{verb}", {})

    assert response.status_code == 404
    repeating.refresh_from_db()
    assert (repeating.due_date, repeating.completed_at) == (DUE, None)


@pytest.mark.parametrize("verb", ["complete", "reopen", "move"])
def test_nobody_else_may_ask(anonymous, repeating, verb):
    assert anonymous.post(f"{task_url(repeating)}/{verb}", {}).status_code == 401


def test_many_tasks_are_completed_those_that_repeat_too(api, make_task, repeating):
    ids = [str(make_task().pk), str(repeating.pk)]

    response = api.post(f"{TASKS}/bulk", {"action": "complete", "ids": ids})

    assert response.json() == {"changed": 2}
    repeating.refresh_from_db()
    assert repeating.due_date == DUE + timedelta(days=1)
    assert Task.objects.in_status("completed").count() == 2


def test_many_tasks_are_reopened_copies_too(api, make_task, repeating):
    api.post(f"{task_url(repeating)}/complete")
    ids = [str(make_task(completed_at=timezone.now()).pk), str(completed_copy().pk)]

    response = api.post(f"{TASKS}/bulk", {"action": "reopen", "ids": ids})

    assert response.json() == {"changed": 2}
    repeating.refresh_from_db()
    assert repeating.due_date == DUE
    assert Task.objects.in_status("open").count() == 2
