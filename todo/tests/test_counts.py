"""How many tasks there are, by status, by view and by label."""

from datetime import UTC, datetime, timedelta

import pytest

from todo import counts, label_counts
from todo.counts import BulkChange
from todo.models import Task, User
from todo.tests.test_tasks import owner_of

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = NOW.date()

pytestmark = pytest.mark.django_db


def total(user, name):
    [row] = counts.totals(owner_of(user), TODAY).rows()
    return row[name]


def count_labels(user):
    return {
        row["name"]: row["count"] for row in label_counts.read(owner_of(user)).rows()
    }


def test_counts_are_zero_without_tasks(user, make_task, stranger):
    make_task(owner=stranger, due_date=TODAY)

    [row] = counts.totals(owner_of(user), TODAY).rows()

    assert set(row.values()) == {0}
    assert label_counts.read(owner_of(user)).rows() == []


def test_the_tasks_of_each_status_are_counted(user, make_task):
    for _ in range(2):
        make_task()
    make_task(completed_at=NOW)
    make_task(deleted_at=NOW)
    make_task(completed_at=NOW, deleted_at=NOW)

    assert total(user, "open") == 2
    assert total(user, "completed") == 1
    assert total(user, "trash") == 2


def test_open_tasks_without_a_list_are_in_the_inbox(user, make_task, make_list):
    make_task()
    make_task(completed_at=NOW)
    make_task(list=make_list())

    assert total(user, "inbox") == 1


def test_what_is_overdue_is_part_of_today(user, make_task):
    for days in (-400, -1, 0, 1):
        make_task(due_date=TODAY + timedelta(days))
    make_task(due_date=TODAY, completed_at=NOW)
    make_task()

    assert total(user, "today") == 3
    assert total(user, "overdue") == 2


def test_the_tasks_that_undo_would_restore_are_counted(user, make_task):
    make_task(deleted_at=NOW)
    make_task(deleted_at=NOW - timedelta(1))

    [row] = counts.totals(owner_of(user), TODAY, BulkChange("trash", NOW)).rows()

    assert row["changed"] == 1


def test_labels_are_counted_without_regard_to_case(user, make_task, stranger):
    make_task(labels=["Home", "garden"], created_at=NOW)
    make_task(labels=["home"], created_at=NOW + timedelta(1))
    make_task(labels=["home"], completed_at=NOW)
    make_task(labels=["home"], owner=stranger)

    assert count_labels(user) == {"garden": 1, "home": 2}


def test_only_the_newest_tasks_with_labels_are_counted(user):
    make = range(counts.MAX_COUNT + 1)
    old = Task(owner=user, title="x", labels=["old"], created_at=NOW)
    new = [Task(owner=user, title="x", labels=["new"]) for _ in make]
    Task.objects.bulk_create([old, *new])

    [row] = label_counts.read(owner_of(user)).rows()

    assert row == {"name": "new", "count": len(new), "labelled": len(new)}


def test_a_count_stops(user):
    tasks = [Task(owner=user, title="x") for _ in range(counts.MAX_COUNT + 2)]
    Task.objects.bulk_create(tasks)

    assert total(user, "open") == total(user, "inbox") == counts.MAX_COUNT + 1


def test_nothing_is_counted_after_the_session_has_ended(user, make_task):
    make_task(labels=["home"])
    owner = owner_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    [row] = counts.totals(owner, TODAY).rows()

    assert set(row.values()) == {0}
    assert label_counts.read(owner).rows() == []
