from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.utils import timezone

from todo.models import Task

pytestmark = pytest.mark.django_db

INVALID_TASKS = {
    "no title": ({"title": ""}, "task_title_trimmed"),
    "blank title": ({"title": " \t\n"}, "task_title_trimmed"),
    "leading blank": ({"title": " before"}, "task_title_trimmed"),
    "trailing newline": ({"title": "after\n"}, "task_title_trimmed"),
    "no-break space": ({"title": "\u00a0"}, "task_title_trimmed"),
    "long description": ({"description": "x" * 10_001}, "task_description_length"),
    "negative priority": ({"priority": -1}, "task_priority_range"),
    "priority 4": ({"priority": 4}, "task_priority_range"),
    "time without date": ({"due_time": "09:00"}, "task_due_time_needs_date"),
    "repeat without date": ({"repeat": "FREQ=DAILY"}, "task_repeat_needs_date"),
    "empty repeat": ({"repeat": "", "due_date": "2026-12-01"}, "task_repeat_not_empty"),
    "label with a blank": ({"labels": ["a b"]}, "task_labels_valid"),
    "label with a comma": ({"labels": ["a,b"]}, "task_labels_valid"),
    "empty label": ({"labels": ["a", ""]}, "task_labels_valid"),
    "51 labels": ({"labels": ["x"] * 51}, "task_labels_valid"),
}
EXTREME_TASKS = {
    "one character": {"title": "x"},
    "longest title": {"title": "x" * 200},
    "title of two lines": {"title": "two\nlines"},
    "umlauts and emoji": {"title": "äöü 🎉"},
    "longest description": {"description": "x" * 10_000},
    "lowest priority": {"priority": 0},
    "highest priority": {"priority": 3},
}


def test_ids_are_sorted_by_time(make_task):
    tasks = [make_task() for _ in range(5)]

    assert [task.id.version for task in tasks] == [7] * 5
    assert list(Task.objects.all()) == tasks[::-1]


def test_the_table_is_named_task():
    assert Task._meta.db_table == "task"


@pytest.mark.parametrize(
    ("fields", "constraint"), INVALID_TASKS.values(), ids=INVALID_TASKS
)
def test_the_database_rejects_an_invalid_task(make_task, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        make_task(**fields)


def test_the_database_rejects_a_long_title(make_task):
    with pytest.raises(DataError):
        make_task(title="x" * 201)


@pytest.mark.parametrize("fields", EXTREME_TASKS.values(), ids=EXTREME_TASKS)
def test_the_database_accepts_an_extreme_task(make_task, fields):
    make_task(**fields).full_clean()


def test_validation_trims_the_title(make_task):
    task = make_task()
    task.title = "  buy milk \n"

    task.full_clean()

    assert task.title == "buy milk"


def test_validation_rejects_a_blank_title(make_task):
    task = make_task()
    task.title = "   "

    with pytest.raises(ValidationError, match="cannot be blank"):
        task.full_clean()


def test_saving_a_task_again_gives_it_a_new_version(make_task):
    task = make_task()
    created_at, first_version = task.created_at, task.updated_at

    task.save()

    task.refresh_from_db()
    assert task.updated_at > first_version
    assert task.created_at == created_at


def test_a_task_is_completed_if_it_has_a_time_of_completion(make_task):
    assert not make_task().completed
    assert make_task(completed_at=timezone.now()).completed


def test_a_task_is_open_or_completed_or_in_the_trash(make_task):
    now = timezone.now()
    open_, completed = make_task(), make_task(completed_at=now)
    trashed = make_task(deleted_at=now, completed_at=now)

    assert list(Task.objects.in_status("open")) == [open_]
    assert list(Task.objects.in_status("completed")) == [completed]
    assert list(Task.objects.in_status("trash")) == [trashed]
    assert set(Task.objects.in_status("all")) == {open_, completed}


def test_due_dates_are_compared_with_today(make_task, user):
    day = timedelta(days=1)
    yesterday, today, tomorrow = (
        make_task(due_date=user.today + offset) for offset in (-day, 0 * day, day)
    )
    make_task(due_date=None)
    make_task(due_date=user.today - day, completed_at=timezone.now())

    assert list(Task.objects.overdue(user.today)) == [yesterday]
    assert list(Task.objects.due_today(user.today)) == [today]
    assert list(Task.objects.upcoming(user.today)) == [tomorrow]


def test_completing_tasks_leaves_completed_ones_unchanged(make_task):
    earlier = timezone.now() - timedelta(days=1)
    completed = make_task(completed_at=earlier, updated_at=earlier)
    task = make_task(updated_at=earlier)

    assert Task.objects.apply("complete") == 1

    completed.refresh_from_db()
    task.refresh_from_db()
    assert completed.completed_at == completed.updated_at == earlier
    assert task.completed_at == task.updated_at > earlier


def test_trashing_tasks_leaves_trashed_ones_unchanged(make_task):
    earlier = timezone.now() - timedelta(days=1)
    trashed = make_task(deleted_at=earlier, updated_at=earlier)

    assert Task.objects.apply("trash") == 0

    trashed.refresh_from_db()
    assert trashed.deleted_at == trashed.updated_at == earlier


def test_verbs_undo_each_other(make_task):
    task = make_task()

    assert Task.objects.apply("complete") == 1
    assert Task.objects.apply("trash") == 1
    assert Task.objects.apply("reopen") == 0  # it is in the trash
    assert Task.objects.apply("restore") == 1
    assert Task.objects.apply("reopen") == 1
    assert list(Task.objects.in_status("open")) == [task]
