"""Lists of tasks: filters, orders and pages."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.keyset import ORDERINGS, Cursor
from todo.models import Task

TASKS = "/api/v1/tasks"


def titles(response):
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["results"]]


def found(api, **parameters):
    return titles(api.get(TASKS, parameters))


@pytest.fixture
def at(monkeypatch):
    def at(moment):
        moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return at


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, ["open"]),
        ("open", ["open"]),
        ("completed", ["done"]),
        ("all", ["done", "open"]),
        ("trash", ["done trash", "trash"]),
    ],
)
def test_tasks_by_status(api, make_task, status, expected):
    now = timezone.now()
    make_task(title="open")
    make_task(title="done", completed_at=now)
    make_task(title="trash", deleted_at=now)
    make_task(title="done trash", completed_at=now, deleted_at=now)

    parameters = {"status": status} if status else {}

    assert found(api, **parameters) == expected


def test_anothers_tasks_are_not_listed(strangers_api, make_task):
    make_task()

    assert found(strangers_api, status="all") == []


@pytest.mark.parametrize(
    ("zone", "moment", "today"),
    [
        ("Pacific/Kiritimati", "2026-06-30T10:00", "2026-07-01"),  # 14 hours ahead
        ("Pacific/Kiritimati", "2026-06-30T09:59", "2026-06-30"),
        ("Pacific/Pago_Pago", "2026-07-01T10:59", "2026-06-30"),  # 11 hours behind
        ("Pacific/Pago_Pago", "2026-07-01T11:00", "2026-07-01"),
        ("Europe/Berlin", "2026-03-28T22:59", "2026-03-28"),  # summer time tomorrow
        ("Europe/Berlin", "2026-03-28T23:00", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T21:59", "2026-03-29"),  # a day of 23 hours
        ("Europe/Berlin", "2026-03-29T22:00", "2026-03-30"),
        ("UTC", "2026-06-30T23:59", "2026-06-30"),
    ],
)
def test_due_dates_are_seen_from_where_the_user_is(
    api, user, make_task, at, zone, moment, today
):
    user.time_zone = zone
    user.save()
    today = date.fromisoformat(today)
    for days in (-1, 0, 1):
        make_task(title=f"{days:+}", due_date=today + timedelta(days))
    make_task(title="none")
    at(moment)

    assert found(api, due="overdue") == ["-1"]
    assert found(api, due="today") == ["+0"]
    assert found(api, due="upcoming") == ["+1"]
    assert user.today == today


def test_what_is_done_is_not_overdue(api, make_task):
    make_task(due_date=date(2026, 1, 1), completed_at=timezone.now())

    assert found(api, due="overdue", status="all") == []


def test_tasks_by_priority(api, make_task):
    make_task(title="high", priority=3)
    make_task(title="none")

    assert found(api, priority=3) == ["high"]
    assert found(api, priority=0) == ["none"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ILK", ["Buy milk"]),
        ("sKIM", ["Buy milk"]),
        ("ü", ["Ünder"]),
        ("%", ["100%"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("'", ["it's"]),
        ("nothing", []),
    ],
)
def test_search_finds_parts_of_words_literally(api, make_task, text, expected):
    make_task(description="Skimmed")
    for title in ("Ünder", "100%", "a_b", "back\\slash", "it's"):
        make_task(title=title)

    assert found(api, q=text) == expected


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"status": "done"}, "status"),
        ({"status": ""}, "status"),
        ({"due": "tomorrow"}, "due"),
        ({"priority": "4"}, "priority"),
        ({"priority": "x"}, "priority"),
        ({"q": "a\0"}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "\u0663"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"limit": "00000000150"}, "limit"),
        ({"ordering": "title"}, "ordering"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "\u00e9"}, "cursor"),
        ({"staus": "open"}, "staus"),
        ({"format": "json"}, "format"),
    ],
)
def test_a_parameter_that_is_not_valid_is_refused_by_name(api, parameters, name):
    response = api.get(TASKS, parameters)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


@pytest.mark.parametrize(
    "place",
    [
        ["-created_at", "2026-01-01", "x", 0, 0],
        ["-created_at", "2026-01-01T00:00:00", str(uuid4()), 0, 0],
        ["-created_at", None, str(uuid4()), 0, 0],
        ["-created_at", {}, str(uuid4()), 0, 0],
        ["priority", "1'", str(uuid4()), 0, 0],
        ["due_date", "infinity", str(uuid4()), 0, 0],
        ["priority", 1e300, str(uuid4()), 0, 1],
        ["created_at", "0001-01-01T00:00:00+23:59", str(uuid4()), 0, 1],
        ["created_at", "9999-12-31T23:59:59-23:59", str(uuid4()), 0, 1],
        ["title", "x", str(uuid4()), 0, 0],
        ["-created_at"],
        [],
        {},
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(api, place):
    ordering = place[0] if isinstance(place, list) and place else "-created_at"
    ordering = ordering if ordering in ORDERINGS else "-created_at"
    cursor = Cursor.encode(place)

    response = api.get(TASKS, {"cursor": cursor, "ordering": ordering})

    assert response.status_code == 400
    assert "cursor" in response.json()["errors"]


def test_a_cursor_belongs_to_its_ordering(api, make_task):
    for _ in range(3):
        make_task()
    following = api.get(TASKS, {"limit": 1}).json()["next"]

    response = api.get(following + "&ordering=priority")

    assert response.status_code == 400


@pytest.fixture
def many(user):
    """Tasks with ties and gaps in everything that a list is ordered by."""
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            owner=user,
            title=f"{number}",
            priority=number % 4,
            due_date=[None, date(2026, 12, 1), date(2026, 12, 2)][number % 3],
            created_at=now - timedelta(number // 5),
        )
        for number in range(23)
    )


def pages(api, url, link):
    while url:
        page = api.get(url).json()
        yield [row["id"] for row in page["results"]]
        url = page[link]


@pytest.mark.parametrize("limit", [1, 4, 23, 50])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_show_every_task_once_in_both_directions(api, many, ordering, limit):
    url = f"{TASKS}?ordering={ordering}&limit={limit}"
    whole = [
        row["id"] for row in api.get(f"{TASKS}?ordering={ordering}").json()["results"]
    ]

    forward = list(pages(api, url, "next"))
    last = url
    while following := api.get(last).json()["next"]:
        last = following
    backward = list(pages(api, last, "previous"))

    assert sum(forward, []) == whole
    assert len(set(whole)) == 23
    assert backward == forward[::-1]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_descending_is_the_reverse_of_ascending(api, many, ordering):
    name = ordering.removeprefix("-")

    ascending = found(api, ordering=name)

    assert found(api, ordering=f"-{name}") == ascending[::-1]


def test_tasks_without_a_due_date_come_after_all_others(api, many):
    rows = api.get(TASKS, {"ordering": "due_date"}).json()["results"]

    dates = [row["due_date"] for row in rows]
    dated = [due for due in dates if due]

    assert dates == sorted(dated) + [None] * (len(dates) - len(dated))


def test_the_newest_task_is_first_whatever_its_id(api):
    api.post(TASKS, {"title": "first"}, HTTP_IDEMPOTENCY_KEY="f" * 8 + str(uuid4())[8:])
    api.post(
        TASKS, {"title": "second"}, HTTP_IDEMPOTENCY_KEY="0" * 8 + str(uuid4())[8:]
    )

    assert found(api) == ["second", "first"]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_tasks_that_come_and_go_shift_no_page(api, user, many, ordering):
    first = api.get(TASKS, {"ordering": ordering, "limit": 5}).json()
    rest = [row for page in pages(api, first["next"], "next") for row in page]
    for row in first["results"]:
        api.delete(f"{TASKS}/{row['id']}")
    for due_date in (date(2000, 1, 1), None):
        Task.objects.create(
            owner=user,
            title="x",
            due_date=due_date,
            created_at=datetime(1999, 1, 1, tzinfo=UTC),
        )

    again = [row for page in pages(api, first["next"], "next") for row in page]

    assert [row for row in again if row in rest] == rest


def test_before_a_page_that_became_empty_stands_the_one_before(api, make_task):
    make_task(title="kept")
    gone = make_task(title="gone")
    first = api.get(TASKS, {"limit": 1, "ordering": "created_at"}).json()
    api.delete(f"{TASKS}/{gone.pk}")

    empty = api.get(first["next"]).json()

    assert empty["results"] == []
    assert empty["next"] is None
    assert titles(api.get(empty["previous"])) == ["kept"]


def test_links_keep_the_filters(api, make_task):
    for number in range(3):
        make_task(title=f"a{number}", priority=1)

    following = api.get(TASKS, {"limit": 1, "priority": 1, "q": "a"}).json()["next"]

    assert "priority=1" in following
    assert "q=a" in following
    assert titles(api.get(following)) == ["a1"]
