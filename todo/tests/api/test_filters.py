"""The filters of the task list, and search."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from todo.tests.api.helpers import MISSING_ID, TASKS, titles

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
    "unknown ordering": ({"ordering": "size"}, "ordering"),
    "list name": ({"list": "Home"}, "list"),
    "list without hyphens": ({"list": MISSING_ID.replace("-", "")}, "list"),
    "empty list": ({"list": ""}, "list"),
    "empty label": ({"label": ""}, "label"),
    "second label empty": ({"label": ["home", ""]}, "label"),
    "label with a blank": ({"label": "at home"}, "label"),
    "label with a comma": ({"label": "a,b"}, "label"),
    "label NUL": ({"label": "a\0"}, "label"),
    "long label": ({"label": "x" * 51}, "label"),
    "51 labels": ({"label": [f"{n}" for n in range(51)]}, "label"),
    "no date": ({"due_from": "2026-02-30"}, "due_from"),
    "date without zeros": ({"due_to": "2026-1-5"}, "due_to"),
    "date with time": ({"due_to": "2026-01-05T00:00:00Z"}, "due_to"),
    "range backwards": ({"due_from": "2026-01-02", "due_to": "2026-01-01"}, "due_to"),
    "list twice": ({"list": ["inbox", "inbox"]}, "list"),
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


def test_tasks_are_filtered_by_list(api, make_task, make_list):
    home, work = make_list("Home"), make_list("Work")
    make_task(title="home", list=home)
    make_task(title="work", list=work)
    make_task(title="inbox")
    make_task(title="done", list=home, completed_at=timezone.now())

    assert find(api, list=home.pk) == ["home"]
    assert find(api, list=str(home.pk).upper()) == ["home"]
    assert find(api, list="inbox") == ["inbox"]
    assert find(api, list=home.pk, status="completed") == ["done"]


@pytest.mark.parametrize("kind", ["missing", "stranger's"])
def test_an_unknown_list_is_not_found(api, stranger, make_list, make_task, kind):
    other = make_list(owner=stranger)
    make_task(owner=stranger, list=other)
    pk = MISSING_ID if kind == "missing" else other.pk

    response = api.get(TASKS, {"list": pk})

    assert response.status_code == 404
    assert response.json()["errors"]["list"][0]["code"] == "not_found"


def test_an_empty_list_and_an_empty_inbox_are_found(api, make_list):
    assert find(api, list=make_list().pk) == []
    assert find(api, list="inbox") == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["home"], ["both", "home"]),
        (["HOME"], ["both", "home"]),
        (["home", "Urgent"], ["both"]),
        (["Äpfel"], ["fruit"]),
        (["äPFEL"], ["fruit"]),
        (['"{}\\'], ["quotes"]),
        (["null"], ["null"]),
        (["hom"], []),
    ],
    ids=[
        *("exact", "other case", "two", "umlaut", "umlaut in another case"),
        *("quotes", "null", "part of a label"),
    ],
)
def test_tasks_are_filtered_by_labels(api, make_task, labels, expected):
    make_task(title="home", labels=["Home"])
    make_task(title="both", labels=["urgent", "home"])
    make_task(title="fruit", labels=["Äpfel"])
    make_task(title="quotes", labels=['"{}\\'])
    make_task(title="null", labels=["NULL"])
    make_task(title="none")

    assert find(api, label=labels) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"due_from": "2026-12-02"}, ["2026-12-03", "2026-12-02"]),
        ({"due_to": "2026-12-02"}, ["2026-12-02", "2026-12-01"]),
        ({"due_from": "2026-12-02", "due_to": "2026-12-02"}, ["2026-12-02"]),
        ({"due_to": "9999-12-31"}, ["2026-12-03", "2026-12-02", "2026-12-01"]),
        ({"due_from": "0001-01-01", "due": "today"}, []),
    ],
    ids=["from", "to", "one day", "without those without", "combined"],
)
def test_tasks_are_filtered_by_a_range_of_dates(api, make_task, parameters, expected):
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        make_task(title=day, due_date=day)
    make_task(title="without")

    assert find(api, **parameters) == expected


def test_links_keep_repeated_labels(api, make_task):
    for title in ("1", "2", "3"):
        make_task(title=title, labels=["a", "b"] if title != "2" else ["a"])

    page = api.get(TASKS, {"label": ["a", "b"], "limit": 1}).json()

    assert titles(api.get(page["next"])) == ["1"]


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
