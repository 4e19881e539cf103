"""manage.py purge_trash."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from todo.management.commands import purge_trash
from todo.models import Task


def days_ago(days):
    return timezone.now() - timedelta(days)


@pytest.fixture
def purge(capsys):
    def purge(*arguments):
        call_command("purge_trash", *arguments)
        return capsys.readouterr().out.splitlines()[-1]

    return purge


def test_what_has_been_in_the_trash_for_thirty_days_is_deleted(make_task, purge):
    make_task(title="old", deleted_at=days_ago(30))
    make_task(title="new", deleted_at=days_ago(29))
    make_task(title="kept")

    assert purge() == "1 task deleted."
    assert set(Task.objects.values_list("title", flat=True)) == {"new", "kept"}


def test_the_days_can_be_chosen(make_task, purge):
    make_task(deleted_at=days_ago(1))

    assert purge("--days", "2") == "0 tasks deleted."
    assert purge("--days", "0") == "1 task deleted."


def test_it_goes_on_until_all_are_deleted(make_task, purge, monkeypatch):
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    for _ in range(5):
        make_task(deleted_at=days_ago(31))

    assert purge() == "5 tasks deleted."
    assert not Task.objects.exists()


@pytest.mark.parametrize("days", ["-1", "99999999999", "x"])
@pytest.mark.django_db
def test_days_that_make_no_sense_are_refused(purge, days):
    with pytest.raises(CommandError):
        purge("--days", days)
