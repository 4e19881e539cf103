"""Orderings and pages of the task list."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.keyset import ORDERINGS, SORT_KEYS, Cursor
from todo.models import Task
from todo.tests.api.helpers import MISSING_ID, TASKS, titles

INVALID_PLACES = {  # the content of a cursor
    "no UUID": ["-created_at", "2026-01-01", "x", 0, 0],
    "naive time": ["-created_at", "2026-01-01T00:00:00", MISSING_ID, 0, 0],
    "no time": ["-created_at", None, MISSING_ID, 0, 0],
    "object": ["-created_at", {}, MISSING_ID, 0, 0],
    "priority string": ["priority", "1'", MISSING_ID, 0, 0],
    "huge priority": ["priority", 1e300, MISSING_ID, 0, 1],
    "infinite date": ["due_date", "infinity", MISSING_ID, 0, 0],
    "before year 1": ["created_at", "0001-01-01T00:00:00+23:59", MISSING_ID, 0, 1],
    "after year 9999": ["created_at", "9999-12-31T23:59:59-23:59", MISSING_ID, 0, 1],
    "unknown ordering": ["size", "x", MISSING_ID, 0, 0],
    "title number": ["title", 1, MISSING_ID, 0, 0],
    "title NUL": ["-title", "a\0b", MISSING_ID, 0, 0],
    "position number": ["position", 1.5, MISSING_ID, 0, 0],
    "position word": ["-position", "NaN", MISSING_ID, 0, 1],
    "no completion": ["completed_at", None, MISSING_ID, 0, 0],
    "one item": ["-created_at"],
    "no items": [],
    "no list": {},
}


# Ties but for the case, letters whose lower case Python and PostgreSQL write
# differently, quotes, and what JSON escapes.
TITLES = ["ähre", "Ähre", "ΑΣ", "ας", "İx", "ix", "🎉", "'\"\\", "x\u2028y", "X\u2028Y"]
STATUSES_AND_LIMITS = [
    *(("all", limit) for limit in (1, 4, 23, 50)),
    *(("open", 4), ("completed", 4)),
]


@pytest.fixture
def many(user):
    """23 tasks with ties and gaps in everything that a list is sorted by."""
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            owner=user,
            title=TITLES[number % len(TITLES)],
            priority=number % 4,
            due_date=[None, date(2026, 12, 1), date(2026, 12, 2)][number % 3],
            position=Decimal(10**15) + Decimal("0.125") * (number // 3),
            completed_at=[None, now - timedelta(number // 6)][number % 2],
            created_at=now - timedelta(number // 5),
            updated_at=now - timedelta(number // 7),
        )
        for number in range(23)
    )


def list_ids(page):
    return [row["id"] for row in page["results"]]


def walk(api, url, link):
    """Yield this page and those that its links lead to."""
    while url:
        page = api.get(url).json()
        yield page
        url = page[link]


@pytest.mark.parametrize("place", INVALID_PLACES.values(), ids=INVALID_PLACES)
def test_an_invalid_cursor_is_rejected(api, place):
    ordering = place[0] if isinstance(place, list) and place else "-created_at"
    ordering = ordering if ordering in ORDERINGS else "-created_at"

    response = api.get(TASKS, {"cursor": Cursor.encode(place), "ordering": ordering})

    assert response.status_code == 400
    assert "cursor" in response.json()["errors"]


def test_a_cursor_of_another_ordering_is_rejected(api, make_task):
    for _ in range(3):
        make_task()
    next_url = api.get(TASKS, {"limit": 1}).json()["next"]

    response = api.get(next_url + "&ordering=priority")

    assert response.status_code == 400
    assert "cursor" in response.json()["errors"]


def test_a_page_has_fifty_tasks_unless_a_limit_is_given(api, user):
    Task.objects.bulk_create(Task(owner=user, title="x") for _ in range(201))

    assert len(api.get(TASKS).json()["results"]) == 50
    assert len(api.get(TASKS, {"limit": 1}).json()["results"]) == 1
    assert len(api.get(TASKS, {"limit": 200}).json()["results"]) == 200


@pytest.mark.parametrize(("status", "limit"), STATUSES_AND_LIMITS)
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_show_every_task_once_in_both_directions(
    api, many, ordering, status, limit
):
    whole = f"{TASKS}?ordering={ordering}"
    whole += "" if status == "open" else f"&status={status}"
    url = f"{whole}&limit={limit}"
    expected = list_ids(api.get(whole).json())

    forward = list(walk(api, url, "next"))
    last_url = forward[-2]["next"] if len(forward) > 1 else url
    backward = list(walk(api, last_url, "previous"))

    assert sum(map(list_ids, forward), []) == expected
    assert len(set(expected)) == Task.objects.in_status(status).count()
    assert [list_ids(page) for page in backward] == [
        list_ids(page) for page in reversed(forward)
    ]


def test_the_first_page_leads_forward_again_after_going_back(api, many):
    first = api.get(TASKS, {"limit": 5}).json()
    second = api.get(first["next"]).json()

    again = api.get(second["previous"]).json()

    assert list_ids(again) == list_ids(first)
    assert again["previous"] is None
    assert list_ids(api.get(again["next"]).json()) == list_ids(second)


@pytest.mark.parametrize("name", SORT_KEYS)
def test_descending_is_the_reverse_of_ascending(api, many, name):
    ascending = list_ids(api.get(TASKS, {"ordering": name, "status": "all"}).json())

    page = api.get(TASKS, {"ordering": f"-{name}", "status": "all"}).json()

    assert list_ids(page) == ascending[::-1]


@pytest.mark.parametrize("name", [name for name in SORT_KEYS if name != "title"])
def test_a_list_is_sorted_and_has_what_has_no_value_last(api, many, name):
    page = api.get(TASKS, {"ordering": name, "status": "all"}).json()

    values = [row[name] for row in page["results"]]
    present = [value for value in values if value is not None]
    assert len(values) == 23
    assert values == sorted(present) + [None] * (len(values) - len(present))


def test_the_case_of_titles_is_ignored(api, make_task):
    for title in ("b", "C", "A", "ä"):
        make_task(title=title)

    ordered = titles(api.get(TASKS, {"ordering": "title"}))

    assert [title for title in ordered if title.isascii()] == ["A", "b", "C"]


def test_the_newest_task_is_first_whatever_its_id(api):
    suffix = str(uuid4())[8:]
    for title, prefix in (("first", "f" * 8), ("second", "0" * 8)):
        headers = {"Idempotency-Key": prefix + suffix}
        api.post(TASKS, {"title": title}, headers=headers)

    assert titles(api.get(TASKS)) == ["second", "first"]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_do_not_shift_while_tasks_are_added_and_deleted(
    api, user, many, ordering
):
    place = {"ordering": ordering, "limit": 5, "status": "all"}
    first = api.get(TASKS, place).json()
    rest = sum(map(list_ids, walk(api, first["next"], "next")), [])
    for pk in list_ids(first):
        api.delete(f"{TASKS}/{pk}")
    for due_date in (date(2000, 1, 1), None):
        Task.objects.create(
            owner=user,
            title="x",
            due_date=due_date,
            created_at=datetime(1999, 1, 1, tzinfo=UTC),
        )

    again = sum(map(list_ids, walk(api, first["next"], "next")), [])

    assert [pk for pk in again if pk in rest] == rest


def test_a_page_that_became_empty_leads_back(api, make_task):
    make_task(title="kept")
    deleted = make_task(title="deleted")
    first = api.get(TASKS, {"limit": 1, "ordering": "created_at"}).json()
    api.delete(f"{TASKS}/{deleted.pk}")

    empty = api.get(first["next"]).json()

    assert empty["results"] == []
    assert empty["next"] is None
    assert titles(api.get(empty["previous"])) == ["kept"]


def test_links_keep_the_filters(api, make_task):
    for number in range(3):
        make_task(title=f"a{number}", priority=1)

    next_url = api.get(TASKS, {"limit": 1, "priority": 1, "q": "a"}).json()["next"]

    assert "priority=1" in next_url
    assert "q=a" in next_url
    assert titles(api.get(next_url)) == ["a1"]
