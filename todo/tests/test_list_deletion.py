"""Deleting a list moves its tasks to the trash, in the same statement."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from todo import bulk, lists
from todo.counts import BulkChange
from todo.models import List, Task
from todo.models.list import LIST_FIELDS
from todo.statements import run_together
from todo.tests.api.conftest import wait_until_blocked
from todo.tests.test_tasks import owner_of

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(user):
    return owner_of(user)


def test_deleting_a_list_moves_its_tasks_to_the_trash(owner, make_list, make_task):
    home, work = make_list(), make_list("Work")
    times = {"created_at": EARLIER, "updated_at": EARLIER}
    tasks = {
        "open": make_task(list=home, **times),
        "completed": make_task(list=home, completed_at=EARLIER, **times),
        "trashed": make_task(list=home, deleted_at=EARLIER, **times),
    }
    other = make_task(list=work, **times)

    [row] = lists.delete(owner, home.pk, NOW).rows()

    assert list(row) == LIST_FIELDS
    assert List.objects.get() == work
    for name, task in tasks.items():
        task.refresh_from_db()
        assert (task.list_id, task.updated_at) == (None, NOW)
        assert task.deleted_at == (EARLIER if name == "trashed" else NOW)
    other.refresh_from_db()
    assert (other.list_id, other.updated_at) == (work.pk, EARLIER)


def test_undoing_a_deletion_restores_the_tasks_into_the_inbox(
    owner, make_list, make_task
):
    home = make_list()
    task = make_task(list=home)
    trashed = make_task(list=home, deleted_at=EARLIER)
    lists.delete(owner, home.pk, NOW).rows()

    run_together(*bulk.undo(owner, BulkChange("trash", NOW)))

    assert Task.objects.in_status("open").get() == task
    assert Task.objects.in_list(None).in_status("trash").get() == trashed


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_added_during_the_deletion_is_kept(user, make_list, make_task):
    owner, home = owner_of(user), make_list()

    def delete():
        try:
            return lists.delete(owner, home.pk, NOW).rows()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            task = make_task(list=home)
            deletion = thread.submit(delete)
            wait_until_blocked(1)
        assert deletion.result()

    task.refresh_from_db()
    assert task.list_id is None
    assert task.deleted_at is None
