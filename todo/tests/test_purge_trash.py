from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.management.commands import purge_trash
from todo.models import Task, User

NOW = timezone.now()


def days_ago(days):
    return NOW - timedelta(days)


@pytest.fixture
def purge(capsys, monkeypatch):
    """Run the command at the time NOW; return the last line of its output."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    def purge(*arguments):
        call_command("purge_trash", *arguments)
        return capsys.readouterr().out.splitlines()[-1]

    return purge


def test_tasks_trashed_thirty_days_ago_are_deleted(make_task, purge):
    make_task(title="old", deleted_at=days_ago(30))
    make_task(title="new", deleted_at=days_ago(29))
    make_task(title="kept")

    assert purge() == "1 task deleted."
    assert set(Task.objects.values_list("title", flat=True)) == {"new", "kept"}


def test_the_number_of_days_can_be_chosen(make_task, purge):
    make_task(deleted_at=days_ago(1))

    assert purge("--days", "2") == "0 tasks deleted."
    assert purge("--days", "0") == "1 task deleted."


def test_all_batches_are_deleted(make_task, purge, monkeypatch):
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    for _ in range(5):
        make_task(deleted_at=days_ago(31))

    assert purge() == "5 tasks deleted."
    assert not Task.objects.exists()


def test_the_number_of_rows_read_is_linear(make_task, monkeypatch):
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    for _ in range(10):
        make_task(deleted_at=days_ago(31))

    with CaptureQueriesContext(connection) as queries:
        call_command("purge_trash", verbosity=0)

    reads = [q["sql"] for q in queries if "DELETE" not in q["sql"]]
    assert len(queries) - len(reads) == 5
    assert len(reads) == 2  # the number of tasks, and the cursor with their ids


def purged_until(user):
    return User.objects.values_list("purged_until", flat=True).get(pk=user.pk)


@pytest.mark.parametrize(
    ("updated", "imported", "expected"),
    [([50, 40, 60], None, 40), ([50, 40], 35, 35), ([40], 50, 40), ([-9], None, 0)],
    ids=["updated", "imported later", "imported earlier", "updated in the future"],
)
def test_the_latest_change_of_a_purged_task_is_remembered(
    make_task, stranger, purge, monkeypatch, updated, imported, expected
):
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    for days in updated:
        task = make_task(
            deleted_at=days_ago(31),
            updated_at=days_ago(days),
            imported_at=imported and days_ago(imported),
        )
    make_task(updated_at=days_ago(1))
    make_task(owner=stranger, deleted_at=days_ago(29))

    purge()

    difference = purged_until(task.owner) - days_ago(expected)
    assert abs(difference) < timedelta(minutes=10)  # NOW is when the tests began
    assert purged_until(stranger) is None


def test_each_user_has_their_own_latest_change(make_task, user, stranger, purge):
    make_task(deleted_at=days_ago(31), updated_at=days_ago(31))
    make_task(owner=stranger, deleted_at=days_ago(33), updated_at=days_ago(33))

    assert purge() == "2 tasks deleted."

    assert purged_until(user) == days_ago(31)
    assert purged_until(stranger) == days_ago(33)


def test_what_is_remembered_never_goes_back(make_task, user, purge):
    make_task(deleted_at=days_ago(31), updated_at=days_ago(31))
    purge()
    make_task(deleted_at=days_ago(40), updated_at=days_ago(40))

    assert purge() == "1 task deleted."

    assert purged_until(user) == days_ago(31)


def test_users_are_locked_before_their_tasks(make_task):
    make_task(deleted_at=days_ago(31))
    with CaptureQueriesContext(connection) as queries:
        call_command("purge_trash", verbosity=0)
    [sql] = [query["sql"] for query in queries if "DELETE" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    locks, deletion = plan.index("LockRows"), plan.index("Delete on task")
    assert locks < deletion and "CTE Scan on owner" in plan[deletion:]


def test_a_task_that_is_restored_meanwhile_is_kept(make_task, purge, monkeypatch):
    monkeypatch.setattr(purge_trash, "BATCH", 1)
    tasks = [make_task(deleted_at=days_ago(31)) for _ in range(3)]
    advance = purge_trash.Progress.advance

    def restore(*arguments):
        Task.objects.filter(pk=tasks[-1].pk).update(deleted_at=None)
        advance(*arguments)

    monkeypatch.setattr(purge_trash.Progress, "advance", restore)

    assert purge() == "2 tasks deleted."
    assert Task.objects.get() == tasks[-1]


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_purge_can_be_repeated(make_task, purge, monkeypatch):
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    for _ in range(5):
        make_task(deleted_at=days_ago(31))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(purge_trash.Progress, "advance", raise_interrupt)
        call_command("purge_trash")

    assert Task.objects.count() == 3
    assert purge() == "3 tasks deleted."


def raise_interrupt(*arguments):
    raise KeyboardInterrupt


def test_nothing_but_the_result_is_printed_if_quiet(make_task, purge, capsys):
    make_task(deleted_at=days_ago(31))

    call_command("purge_trash", verbosity=0)

    assert capsys.readouterr().out == "1 task deleted.\n"


@pytest.mark.parametrize(
    "days", ["-1", "36501", "x"], ids=["negative", "a century and a day", "word"]
)
@pytest.mark.django_db
def test_an_invalid_number_of_days_is_rejected(purge, days):
    with pytest.raises(CommandError):
        purge("--days", days)
