"""Rules of repeats over HTTP."""

import pytest

from todo.models import Task
from todo.tests.api.helpers import TASKS, error_codes, task_url

NEVER_AGAIN = {
    "ended": "FREQ=DAILY;UNTIL=20261130",
    "once": "FREQ=DAILY;COUNT=1",
    "no such weekday": "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
    "no such day": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30",
}
REFUSED = {
    "every second": "FREQ=SECONDLY",
    "no interval": "FREQ=DAILY;INTERVAL=0",
    "hours": "FREQ=DAILY;BYHOUR=9",
    "words": "every day",
    "megabyte": "FREQ=DAILY;BYDAY=" + "MO," * 300_000,
    "empty": "",
    "NUL": "FREQ=DAILY\0",
    "number": 5,
}


def create(api, **fields):
    return api.post(TASKS, {"title": "x", "due_date": "2026-12-01"} | fields)


def test_a_rule_is_kept_in_normal_form(api):
    response = create(api, repeat="RRULE:INTERVAL=2;FREQ=weekly;BYDAY=th,mo")

    assert response.status_code == 201
    assert response.json()["repeat"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"


@pytest.mark.parametrize("rule", NEVER_AGAIN.values(), ids=NEVER_AGAIN)
def test_a_new_task_needs_a_rule_with_another_date(api, rule):
    assert error_codes(create(api, repeat=rule), "repeat") == ["invalid"]
    assert not Task.objects.exists()


def test_a_task_on_the_last_date_of_its_rule_can_be_replaced(api, make_task):
    task = make_task(due_date="2026-12-01", repeat="FREQ=DAILY;COUNT=1")
    body = {"title": "y", "due_date": "2026-12-01", "repeat": task.repeat}

    assert api.put(task_url(task), body).json()["repeat"] == task.repeat


@pytest.mark.parametrize("rule", REFUSED.values(), ids=REFUSED)
def test_a_rule_that_cannot_repeat_is_an_error_of_the_field(api, make_task, rule):
    task = make_task(due_date="2026-12-01")

    assert error_codes(create(api, repeat=rule), "repeat")
    body = {"repeat": rule, "due_date": "2026-12-01"}
    assert error_codes(api.patch(task_url(task), body), "repeat")
    assert Task.objects.get().repeat is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"repeat": "FREQ=DAILY", "due_date": None}, "repeat"),
        ({"due_time": "17:00", "due_date": None}, "due_time"),
    ],
)
def test_a_repeat_or_a_time_needs_a_due_date(api, make_task, fields, field):
    task = make_task()

    assert error_codes(create(api, **fields), field) == ["invalid"]
    del fields["due_date"]
    assert error_codes(api.patch(task_url(task), fields), field) == ["invalid"]
    assert Task.objects.get().updated_at == task.updated_at


def test_a_due_date_that_is_cleared_takes_time_and_repeat_with_it(api, make_task):
    task = make_task(due_date="2026-12-01", due_time="17:00", repeat="FREQ=DAILY")

    body = api.patch(task_url(task), {"due_date": None}).json()

    assert (body["due_date"], body["due_time"], body["repeat"]) == (None, None, None)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("5pm", "invalid"),
        ("24:00", "invalid"),
        ("17:00:00", "invalid"),
        ("17:00+01:00", "invalid"),
        (1700, "invalid"),
        ("", "invalid"),
    ],
)
def test_a_time_is_hours_and_minutes(api, value, code):
    assert error_codes(create(api, due_time=value), "due_time") == [code]


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        ("home", "labels"),
        (["x" * 51], "labels.0"),
        (["a b"], "labels.0"),
        (["a,b"], "labels.0"),
        (["ok", ""], "labels.1"),
        ([5], "labels.0"),
        ([f"l{number}" for number in range(51)], "labels"),
        (["x"] * 10_000, "labels"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_labels_that_are_not_valid_are_refused(api, labels, field):
    assert error_codes(create(api, labels=labels), field)


def test_labels_that_differ_in_case_are_one(api):
    body = create(api, labels=["Home", "x", "HOME", "X", "é", "É"]).json()

    assert body["labels"] == ["Home", "x", "é"]
