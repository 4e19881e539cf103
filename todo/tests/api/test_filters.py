"""The filters of the task list, and search."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from todo.tests.api.helpers import TASKS, titles

INVALID_PARAMETERS = {
    "unknown status": ({"status": "done"}, "status"),
    "empty status": ({"status": ""}, "status"),
    "unknown due": ({"due": "tomorrow"}, "due"),
    "priority 4": ({"priority": "4"}, "priority"),
    "priority word": ({"priority": "x"}, "priority"),
    "search NUL": ({"q": "a\0"}, "q"),
    "long search": ({"q": "x" * 201}, "q"),
    "limit 0": ({"limit": "0"}, "limit"),
    "limit 201": ({"limit": "201"}, "limit"),
    "negative limit": ({"limit": "-1"}, "limit"),
    "arabic limit": ({"limit": "\u0663"}, "limit"),
    "long limit": ({"limit": "9" * 5000}, "limit"),
    "padded limit": ({"limit": "00000000150"}, "limit"),
    "unknown ordering": ({"ordering": "title"}, "ordering"),
    "short cursor": ({"cursor": "x"}, "cursor"),
    "umlaut cursor": ({"cursor": "\u00e9"}, "cursor"),
    "empty cursor": ({"cursor": "", "q": "x"}, "cursor"),
    "misspelled parameter": ({"staus": "open"}, "staus"),
    "DRF's format": ({"format": "json"}, "format"),
}
# Of the user, in UTC, and the date in the user's time zone.
MOMENTS = {
    "14 hours ahead": ("Pacific/Kiritimati", "2026-06-30T10:00", "2026-07-01"),
    "before midnight ahead": ("Pacific/Kiritimati", "2026-06-30T09:59", "2026-06-30"),
    "11 hours behind": ("Pacific/Pago_Pago", "2026-07-01T10:59", "2026-06-30"),
    "midnight behind": ("Pacific/Pago_Pago", "2026-07-01T11:00", "2026-07-01"),
    "eve of summer time": ("Europe/Berlin", "2026-03-28T22:59", "2026-03-28"),
    "day of 23 hours": ("Europe/Berlin", "2026-03-28T23:00", "2026-03-29"),
    "end of 23 hours": ("Europe/Berlin", "2026-03-29T21:59", "2026-03-29"),
    "first of summer time": ("Europe/Berlin", "2026-03-29T22:00", "2026-03-30"),
    "UTC": ("UTC", "2026-06-30T23:59", "2026-06-30"),
}
SEARCHES = {
    "part of a title": ("ILK", ["Buy milk"]),
    "part of a description": ("sKIM", ["Buy milk"]),
    "umlaut": ("ünd", ["Ünder"]),
    "percent": ("%", ["100%"]),
    "underscore": ("_", ["a_b"]),
    "backslash": ("\\", ["back\\slash"]),
    "quote": ("'", ["it's"]),
    "no match": ("nothing", []),
}


def find(api, **parameters):
    return titles(api.get(TASKS, parameters))


@pytest.fixture
def set_time(monkeypatch):
    def set_time(text):
        now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    return set_time


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["open"]),
        ({"status": "open"}, ["open"]),
        ({"status": "completed"}, ["completed"]),
        ({"status": "all"}, ["completed", "open"]),
        ({"status": "trash"}, ["completed and trashed", "trashed"]),
    ],
    ids=["default", "open", "completed", "all", "trash"],
)
def test_tasks_are_listed_by_status(api, make_task, parameters, expected):
    now = timezone.now()
    make_task(title="open")
    make_task(title="completed", completed_at=now)
    make_task(title="trashed", deleted_at=now)
    make_task(title="completed and trashed", completed_at=now, deleted_at=now)

    assert find(api, **parameters) == expected


def test_another_users_tasks_are_not_listed(strangers_api, make_task):
    make_task()

    assert find(strangers_api, status="all") == []


@pytest.mark.parametrize(("zone", "now", "today"), MOMENTS.values(), ids=MOMENTS)
def test_due_dates_are_compared_with_the_date_in_the_users_time_zone(
    api, user, make_task, set_time, zone, now, today
):
    user.time_zone = zone
    user.save()
    today = date.fromisoformat(today)
    for title, days in (("yesterday", -1), ("today", 0), ("tomorrow", 1)):
        make_task(title=title, due_date=today + timedelta(days))
    make_task(title="without date")
    set_time(now)

    assert find(api, due="overdue") == ["yesterday"]
    assert find(api, due="today") == ["today"]
    assert find(api, due="upcoming") == ["tomorrow"]
    assert user.today == today


def test_a_completed_task_is_not_overdue(api, make_task):
    make_task(due_date=date(2026, 1, 1), completed_at=timezone.now())

    assert find(api, due="overdue", status="all") == []


def test_tasks_are_filtered_by_priority(api, make_task):
    make_task(title="high", priority=3)
    make_task(title="none")

    assert find(api, priority=3) == ["high"]
    assert find(api, priority=0) == ["none"]


@pytest.mark.parametrize(("text", "expected"), SEARCHES.values(), ids=SEARCHES)
def test_search_matches_parts_of_words_literally(api, make_task, text, expected):
    make_task(description="Skimmed")
    for title in ("Ünder", "100%", "a_b", "back\\slash", "it's"):
        make_task(title=title)

    assert find(api, q=text) == expected


def test_an_empty_search_lists_all(api, make_task):
    make_task()

    assert find(api, q="") == ["Buy milk"]


def test_other_filters_find_open_tasks_by_default(api, make_task):
    make_task(title="open")
    make_task(title="completed", completed_at=timezone.now())

    assert find(api, priority=0) == find(api, q="e") == ["open"]


def test_filters_are_combined(api, make_task):
    for title, priority in (("milk", 1), ("bread", 1), ("more milk", 2)):
        make_task(title=title, priority=priority)

    assert find(api, q="milk", priority=1) == ["milk"]


@pytest.mark.parametrize(
    ("parameters", "name"), INVALID_PARAMETERS.values(), ids=INVALID_PARAMETERS
)
def test_an_invalid_parameter_is_rejected_by_name(api, parameters, name):
    response = api.get(TASKS, parameters)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]
