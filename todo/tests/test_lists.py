"""The verbs of lists: each is one statement, and idempotent."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo import lists
from todo.models import List, Task, User
from todo.models.list import LIST_FIELDS
from todo.tests.test_tasks import owner_of

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
MANY_TASKS = """
    INSERT INTO task (id, owner_id, list_id, title, description, priority,
                      created_at, updated_at)
    SELECT gen_random_uuid(), %s, %s, 'x', '', 0, now(), now()
    FROM generate_series(1, 5000)
"""
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(user):
    return owner_of(user)


def names(owner):
    return [row["name"] for row in lists.read_all(owner).rows()]


def read_list(pk):
    return List.objects.filter(pk=pk).values().first()


def verbs_on(owner, pk, version=None):
    """Return a statement of each verb that changes a list."""
    return {
        "change": lists.change(owner, pk, {"name": "x"}, version),
        "move": lists.move(owner, pk, None, version),
        "delete": lists.delete(owner, pk, NOW, version),
    }


def test_a_new_list_is_the_last_one(owner, make_list):
    make_list("first", 1)

    [row] = lists.add(owner, uuid7(), name="second", color="red").rows()

    assert list(row) == LIST_FIELDS
    assert row["color"] == "red"
    assert len(str(row["position"])) == 16
    assert names(owner) == ["first", "second"]


@pytest.mark.parametrize("same", ["id", "name"])
def test_adding_an_id_or_a_name_that_exists_is_an_error(owner, make_list, same):
    other = make_list()
    pk = other.pk if same == "id" else uuid7()

    with pytest.raises(IntegrityError):
        lists.add(owner, pk, name="HOME" if same == "name" else "Work").rows()


def test_two_people_have_lists_of_the_same_name(owner, stranger, make_list):
    make_list("Home", owner=stranger)

    assert lists.add(owner, uuid7(), name="Home").rows()


def test_a_person_has_a_limited_number_of_lists(owner, user, stranger):
    for person in (user, stranger):
        List.objects.bulk_create(
            List(owner=person, name=f"{number}")
            for number in range(lists.MAX_LISTS - 1)
        )

    assert lists.add(owner, uuid7(), name="the last one").rows()
    with pytest.raises(IntegrityError, match="owner_id"):
        lists.add(owner, uuid7(), name="one more").rows()


def test_lists_are_read_in_their_order(owner, stranger, make_list):
    for position, name in enumerate(["c", "a", "b"]):
        make_list(name, position)
    make_list("other", owner=stranger)

    assert names(owner) == ["c", "a", "b"]


@pytest.mark.parametrize("verb", ["change", "move"])
@pytest.mark.parametrize("has_version", [False, True])
def test_a_verb_that_runs_again_has_no_further_effect(
    owner, make_list, verb, has_version
):
    make_list("first", 1)
    second = make_list("second", 2, updated_at=EARLIER)
    statement = verbs_on(owner, second.pk, EARLIER if has_version else None)[verb]

    [first_row] = statement.rows()
    [again] = statement.rows()

    ignored = {} if has_version else {"updated_at": None}
    assert first_row | ignored == again | ignored


@pytest.mark.parametrize("verb", ["change", "move", "delete"])
def test_a_verb_is_applied_only_to_the_expected_version(owner, make_list, verb):
    pk = make_list(updated_at=EARLIER).pk
    before = read_list(pk)

    assert verbs_on(owner, pk, timezone.now())[verb].rows() == []
    assert read_list(pk) == before
    assert verbs_on(owner, pk, EARLIER)[verb].rows()


def test_a_change_without_values_reads_the_list(owner, make_list):
    home = make_list()
    before = read_list(home.pk)

    [row] = lists.change(owner, home.pk, {}).rows()

    assert row["name"] == "Home"
    assert read_list(home.pk) == before


@pytest.mark.parametrize("end", ["stranger", "ended session", "deactivated"])
def test_nothing_is_found_without_a_session_of_the_owner(
    user, stranger, make_list, end
):
    home, owner = make_list(), owner_of(user)
    if end == "stranger":
        owner = owner_of(stranger)
    elif end == "ended session":
        user.sessions.all().delete()
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    before = read_list(home.pk)

    for statement in (
        lists.read(owner, home.pk),
        lists.read_all(owner),
        lists.read_counted(owner),
        *verbs_on(owner, home.pk).values(),
    ):
        assert statement.rows() == []
    assert read_list(home.pk) == before


def test_open_tasks_are_counted_by_list(owner, stranger, make_list, make_task):
    home, work = make_list(), make_list("Work")
    for place in (home, home, None):
        make_task(list=place)
    make_task(list=home, completed_at=NOW)
    make_task(list=home, deleted_at=NOW)
    make_task(owner=stranger)

    rows = lists.read_counted(owner).rows()

    assert [(row["id"], row["open"]) for row in rows] == [(home.pk, 2), (work.pk, 0)]


def test_counts_stop(owner, user, make_list):
    home = make_list()
    Task.objects.bulk_create(
        Task(owner=user, title="x", list=home) for _ in range(lists.MAX_COUNT + 2)
    )

    [row] = lists.read_counted(owner).rows()

    assert row["open"] == lists.MAX_COUNT + 1


def test_counts_are_read_from_the_index_of_lists(owner, user, stranger, make_list):
    home = make_list()
    with connection.cursor() as cursor:
        for person, place in ((user, home.pk), (user, None), (stranger, None)):
            cursor.execute(MANY_TASKS, [person.pk, place])
        cursor.execute("ANALYZE task")
        statement = lists.read_counted(owner)
        cursor.execute("EXPLAIN " + statement.sql, statement.arguments())
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert plan.count("task_open_in_list") == 1
    assert "Seq Scan on task" not in plan
