"""A scope lists the same tasks as it says to include."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from todo import tasks
from todo.keyset import Cursor, to_page
from todo.models import Task
from todo.models.status import Status
from todo.models.task_expressions import INBOX
from todo.scopes import Scope
from todo.statements import run_together
from todo.tests.test_tasks import owner_of

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
MIDNIGHT = datetime(2026, 6, 15, tzinfo=UTC)
TIMES = [
    {},
    {"completed_at": NOW},
    {"completed_at": NOW - DAY},
    {"deleted_at": NOW},
    {"completed_at": NOW, "deleted_at": NOW},
]
DATES = [None, TODAY - DAY, TODAY, TODAY + DAY]
LABELS = [[], ["Home"], ["homes", "x"], ["garden", "hOmE"]]
KINDS = ["inbox", "today", "upcoming", "list", "label"]
SCOPES = [
    *((status.value, status.value) for status in Status),
    *product(KINDS, [Status.OPEN.value, Status.COMPLETED.value]),
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(make_list):
    return make_list()


@pytest.fixture
def many_tasks(user, stranger, home):
    """A task for each combination of times, dates, labels and lists."""
    combinations = product(TIMES, DATES, LABELS, [None, home])
    made = [
        Task(
            owner=user,
            title=f"Café {number % 3}",
            description="Łódź" if number % 2 else "",
            due_date=due_date,
            labels=labels,
            list=place,
            **times,
        )
        for number, (times, due_date, labels, place) in enumerate(combinations)
    ]
    others = [Task(owner=stranger, title="Café", due_date=TODAY, labels=["home"])]
    for task in [*made, *others]:
        task.folded = Task._meta.get_field("folded").pre_save(task, add=True)
    Task.objects.bulk_create([*made, *others])
    return made


def make_scope(kind, status, home, **values):
    values |= {"today": TODAY, "midnight": MIDNIGHT, "label": "home"}
    return Scope(kind, status, list_id=home.pk if kind == "list" else INBOX, **values)


def read_titles(statement):
    return {row["id"] for row in statement.rows()}


@pytest.mark.parametrize("text", ["", "cafe 1", "LODZ  café"], ids=len)
@pytest.mark.parametrize(("kind", "status"), SCOPES, ids="-".join)
def test_a_scope_lists_what_it_includes(user, many_tasks, home, kind, status, text):
    owner, scope = owner_of(user), make_scope(kind, status, home, text=text)
    rows = tasks.read_many(owner, [task.pk for task in many_tasks]).rows()

    listed = read_titles(scope.page(owner, "created_at", 200))

    assert listed == {row["id"] for row in rows if scope.includes(row)}
    assert len(listed) < len(rows)
    found = scope.select(tasks.owned_by(owner))
    assert listed == {*found.values_list("pk", flat=True)}


@pytest.mark.parametrize("ordering", ["position", "-completed_at", "title"])
def test_pages_of_a_scope_follow_each_other(user, many_tasks, home, ordering):
    owner, scope = owner_of(user), make_scope("list", "completed", home)
    all_rows = scope.page(owner, ordering, 200).rows()

    rows, cursor = [], None
    while not rows or cursor:
        page = to_page(
            scope.page(owner, ordering, 7, cursor).rows(), ordering, 7, cursor
        )
        rows += page.rows
        cursor = page.next and Cursor.decode(page.next.encode())

    assert [row["id"] for row in rows] == [row["id"] for row in all_rows]


@pytest.mark.parametrize(("kind", "status"), SCOPES, ids="-".join)
def test_nothing_is_listed_after_the_session_has_ended(
    user, many_tasks, home, kind, status
):
    owner = owner_of(user)
    user.sessions.all().delete()

    assert make_scope(kind, status, home).page(owner, "created_at", 50).rows() == []


def test_a_scope_runs_with_others_in_one_round_trip(
    user, many_tasks, home, django_assert_num_queries
):
    owner = owner_of(user)
    pages = [make_scope(*names, home).page(owner, "due_date", 50) for names in SCOPES]

    with django_assert_num_queries(1):
        assert all(run_together(*pages))
