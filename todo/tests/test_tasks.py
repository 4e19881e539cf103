from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo import bulk, tasks
from todo.keyset import ORDERINGS, Cursor, page_query
from todo.models import Task
from todo.models.status import Status
from todo.models.task import TASK_FIELDS
from todo.models.verbs import VERBS
from todo.tests.conftest import sign_in
from todo.tests.helpers import capture_sql, read_row

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
POSITION = {"position_text": Cast("position", TextField())}
STATES = {
    "open": {},
    "completed": {"completed_at": EARLIER},
    "trashed": {"deleted_at": EARLIER},
    "completed and trashed": {"completed_at": EARLIER, "deleted_at": EARLIER},
}
CHANGES = {
    "nothing": {},
    "title": {"title": "Buy bread"},
    "completion": {"completed": True},
    "reopening": {"completed": False},
    "both": {"title": "Buy bread", "completed": True},
}
VERBS_OF_MANY = {  # the verb, the status, the states that are changed
    "complete open": ("complete", "open", {"open"}),
    "complete all": ("complete", "all", {"open"}),
    "reopen completed": ("reopen", "completed", {"completed"}),
    "trash completed": ("trash", "completed", {"completed"}),
    "trash all": ("trash", "all", {"open", "completed"}),
    "restore trash": ("restore", "trash", {"trashed", "completed and trashed"}),
}


def owner_of(user):
    return tasks.Owner(user.pk, sign_in(user).session_key)


pytestmark = pytest.mark.django_db


@pytest.fixture
def make_task_in(make_task):
    def make_task_in(state, **fields):
        times = {"created_at": EARLIER, "updated_at": EARLIER}
        return make_task(**times | STATES[state] | fields)

    return make_task_in


def make_cursor(ordering, backwards, inclusive):
    row = {
        **{"id": UUID(int=1), "title": "Über", "priority": 1, "due_date": None},
        **{"position": Decimal("1.5"), "completed_at": None},
        **{"created_at": EARLIER, "updated_at": EARLIER},
    }
    return Cursor.at(row, ordering, backwards)._replace(inclusive=inclusive)


def test_a_version_is_a_time_in_microseconds():
    time = EARLIER + timedelta(microseconds=1)

    version = tasks.version({"updated_at": time})

    assert version == EARLIER.timestamp() * 1_000_000 + 1
    assert tasks.version_time(version) == time


@pytest.mark.parametrize("state", STATES)
def test_a_task_is_read_unless_it_is_in_the_trash(user, make_task_in, state):
    task = make_task_in(state)

    rows = tasks.read(owner_of(user), task.pk).rows()

    is_kept = "trashed" not in state
    assert [row["id"] for row in rows] == ([task.pk] if is_kept else [])


@pytest.mark.parametrize(
    "sides",
    [None, (False, False), (False, True), (True, False), (True, True)],
    ids=["first", "after", "from", "before", "up to"],
)
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_page_is_the_query_of_the_orm(user, ordering, sides):
    cursor = make_cursor(ordering, *sides) if sides else None
    owner = owner_of(user)
    owned = tasks.owned_by(owner)

    for status in Status:
        sql = capture_sql(tasks.page(owner, status, ordering, 20, cursor).rows)

        # A Parameter is an expression, and the ORM puts some of these in parentheses.
        key = f"'{owner.session_key}'"
        sql = sql.replace(f"({key})", key)
        rows = page_query(owned.in_status(status), ordering, 20, cursor, status)
        assert sql == capture_sql(list, rows.values(*TASK_FIELDS[:-1], **POSITION))


def test_a_completed_task_is_added_with_its_time_of_completion(user):
    [row] = tasks.add(owner_of(user), uuid7(), title="x", completed=True).rows()

    assert row["completed_at"] == row["created_at"] == row["updated_at"]
    assert list(row) == TASK_FIELDS


def test_adding_an_id_that_exists_is_an_error(user, make_task):
    with pytest.raises(IntegrityError):
        tasks.add(owner_of(user), make_task().pk, title="x").rows()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_applying_a_verb_again_has_no_further_effect(user, make_task_in, verb, state):
    task = make_task_in(state)
    statement = tasks.apply(owner_of(user), task.pk, verb)

    first_rows = statement.rows()
    first = read_row(task.pk)

    assert statement.rows() == first_rows
    assert read_row(task.pk) == first


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_task_and_a_queryset_are_changed_alike(user, make_task_in, verb, state):
    one, many = make_task_in(state), make_task_in(state)

    tasks.apply(owner_of(user), one.pk, verb).rows()
    Task.objects.filter(pk=many.pk).apply(verb)

    one.refresh_from_db()
    many.refresh_from_db()
    for name in ("completed_at", "deleted_at", "updated_at"):
        before = STATES[state].get(name, EARLIER if name == "updated_at" else None)
        is_unchanged = getattr(one, name) == before
        assert (getattr(many, name) == before) == is_unchanged


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES)
def test_changing_a_task_again_has_no_further_effect(user, make_task_in, values):
    task = make_task_in("open")
    statement = tasks.change(owner_of(user), task.pk, values, version=EARLIER)

    first_rows = statement.rows()
    first = read_row(task.pk)

    assert len(first_rows) == 1
    assert statement.rows() == first_rows
    assert read_row(task.pk) == first


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("state", ["trashed", "completed and trashed"])
def test_a_task_in_the_trash_is_not_changed(user, make_task_in, state, values):
    task = make_task_in(state)
    before = read_row(task.pk)

    assert tasks.change(owner_of(user), task.pk, values).rows() == []
    assert read_row(task.pk) == before


@pytest.mark.parametrize("change", ["title", "completion", "both"])
def test_a_change_of_another_version_changes_nothing(user, make_task_in, change):
    task = make_task_in("open")
    before = read_row(task.pk)
    statement = tasks.change(
        owner_of(user), task.pk, CHANGES[change], version=timezone.now()
    )

    assert statement.rows() == []
    assert read_row(task.pk) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_applied_only_to_the_expected_version(user, make_task_in, verb):
    task = make_task_in("trashed" if verb == "restore" else "open")
    before = read_row(task.pk)

    assert (
        tasks.apply(owner_of(user), task.pk, verb, version=timezone.now()).rows() == []
    )
    assert read_row(task.pk) == before
    assert tasks.apply(owner_of(user), task.pk, verb, version=EARLIER).rows()


def test_another_owner_changes_nothing(stranger, make_task_in):
    task = make_task_in("open")
    before = read_row(task.pk)

    for statement in (
        tasks.read(owner_of(stranger), task.pk),
        tasks.change(owner_of(stranger), task.pk, CHANGES["title"]),
        *(tasks.apply(owner_of(stranger), task.pk, verb) for verb in VERBS),
        bulk.apply_to_all(owner_of(stranger), "trash", tasks.OWNED_TASKS),
    ):
        assert statement.rows() == []
    assert read_row(task.pk) == before


@pytest.mark.parametrize(
    ("verb", "status", "changed"), VERBS_OF_MANY.values(), ids=VERBS_OF_MANY
)
def test_a_verb_is_applied_to_all_tasks_of_a_status(
    user, make_task_in, verb, status, changed
):
    for state in STATES:
        make_task_in(state, title=state)

    found = tasks.OWNED_TASKS.in_status(status)
    statement = bulk.apply_to_all(owner_of(user), verb, found)
    statement.rows()
    statement.rows()

    changed_tasks = Task.objects.exclude(updated_at=EARLIER)
    assert set(changed_tasks.values_list("title", flat=True)) == changed


def test_completing_all_keeps_the_times_of_completed_tasks(user, make_task_in):
    completed, open_task = make_task_in("completed"), make_task_in("open")

    bulk.apply_to_all(owner_of(user), "complete", tasks.OWNED_TASKS).rows()

    completed.refresh_from_db()
    assert completed.completed_at == EARLIER
    assert Task.objects.filter(pk=open_task.pk, completed_at=F("updated_at")).exists()
