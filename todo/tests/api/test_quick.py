"""Creating a task from words over HTTP."""

import pytest

from todo.models import List, Task
from todo.tests.api.helpers import MISSING_ID, TASKS, error_codes

QUICK = f"{TASKS}/quick"


def test_a_task_is_created_from_words(api, user):
    home = List.objects.create(owner=user, name="Home")

    response = api.post(QUICK, {"text": "Buy milk 2027-12-01 5pm #shop !high @home"})

    assert response.status_code == 201
    task = Task.objects.get()
    assert response.headers["Location"] == f"{TASKS}/{task.pk}"
    body = response.json()
    understood = body.pop("understood")
    assert body == api.get(f"{TASKS}/{task.pk}").json()
    assert (body["title"], body["list"]) == ("Buy milk", str(home.pk))
    assert (body["due_date"], body["due_time"]) == ("2027-12-01", "17:00")
    assert (body["labels"], body["priority"]) == (["shop"], 3)
    assert understood == [
        {"kind": "date", "text": "2027-12-01"},
        {"kind": "time", "text": "5pm"},
        {"kind": "label", "text": "#shop"},
        {"kind": "priority", "text": "!high"},
        {"kind": "list", "text": "@home"},
    ]


def test_a_plain_title_is_left_alone(api):
    body = api.post(QUICK, {"text": "Watch Friday Night Lights"}).json()

    assert body["title"] == "Watch Friday Night Lights"
    assert body["understood"] == []
    assert body["due_date"] is None


def test_today_is_a_day_in_the_time_zone_of_the_account(api, user):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart
        user.time_zone = zone
        user.save()

        body = api.post(QUICK, {"text": "Buy milk today"}).json()

        assert body["due_date"] == str(user.today)


def test_the_name_of_an_unknown_list_stays_in_the_title(api, stranger):
    List.objects.create(owner=stranger, name="Work")

    body = api.post(QUICK, {"text": "Ask @Work"}).json()

    assert (body["title"], body["list"]) == ("Ask @Work", None)


def test_only_one_of_several_lists_is_understood(api, user):
    for name in ("Home", "Work"):
        List.objects.create(owner=user, name=name)

    body = api.post(QUICK, {"text": "Buy milk @Home @Work"}).json()

    assert body["title"] == "Buy milk @Home"
    assert body["understood"] == [{"kind": "list", "text": "@Work"}]


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_repeated_with_its_key_creates_one_task(api):
    headers = {"Idempotency-Key": MISSING_ID}

    first, second = [
        api.post(QUICK, {"text": "Buy milk tomorrow"}, headers=headers)
        for _ in range(2)
    ]

    assert first.json() == second.json()
    assert Task.objects.get().pk.urn.endswith(MISSING_ID)
    other = api.post(QUICK, {"text": "Buy bread"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "text", "required"),
        ({"text": ""}, "text", "blank"),
        ({"text": " \u200b "}, "text", "blank"),
        ({"text": None}, "text", "null"),
        ({"text": 5}, "text", "invalid"),
        ({"text": "x" * 1001}, "text", "max_length"),
        ({"text": "x" * 201 + " tomorrow"}, "text", "max_length"),
        ({"text": "x", "title": "x"}, "title", "unknown_field"),
    ],
)
def test_an_invalid_body_is_rejected_by_field(api, body, field, code):
    assert code in error_codes(api.post(QUICK, body), field)
    assert not Task.objects.exists()


def test_it_takes_two_queries(api, django_assert_num_queries):
    with django_assert_num_queries(2):
        api.post(QUICK, {"text": "Buy milk tomorrow @home"})


def test_an_ended_session_is_refused(api, user):
    user.sessions.all().delete()

    response = api.post(QUICK, {"text": "Buy milk"})

    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


def test_nobody_else_may_create_tasks(anonymous):
    assert anonymous.post(QUICK, {"text": "Buy milk"}).status_code == 401
