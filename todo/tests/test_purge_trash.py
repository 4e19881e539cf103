from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
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
