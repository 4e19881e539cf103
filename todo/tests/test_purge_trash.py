from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.management.commands import purge_trash
from todo.models import Task

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

    deletions = [q["sql"] for q in queries if q["sql"].startswith("DELETE")]
    assert len(deletions) == 5
    assert not any("SELECT" in sql for sql in deletions)


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
