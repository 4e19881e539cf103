"""Add the tasks of a file to a user, all or none."""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any
from uuid import uuid5

from django.db import transaction
from rest_framework.exceptions import ErrorDetail, ValidationError

from todo.models import Task, User
from todo.serializers import ImportedTaskSerializer
from todo.transfer.readers import Entry, MalformedFile

BATCH_SIZE = 1000  # rows
MAX_FILE = 64 * 2**20  # bytes
MAX_TASKS = 200_000  # validating as many takes 10 s of CPU
MAX_ERRORS = 100  # rows

Errors = dict[str, Any]


@transaction.atomic
def import_rows(user: User, entries: Iterable[Entry]) -> tuple[int, int]:
    """Add tasks from (line, dict) pairs; return the numbers created and skipped.

    A task whose id the user already has is skipped, so that a second import adds
    nothing. If another user has the id, the task gets a new one, derived from both.
    Raises ValidationError with the errors of up to MAX_ERRORS rows by line number;
    nothing is added then.
    """
    # Imports of one user wait for each other: two with the same ids would deadlock.
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    errors: Errors = {}
    created = total = 0
    for batch in batched(_validate(entries, errors), BATCH_SIZE):
        total += len(batch)
        if not errors:
            created += _create(user, batch)
    if errors:
        raise ValidationError(errors)
    return created, total - created


def _validate(entries: Iterable[Entry], errors: Errors) -> Iterator[Task]:
    """Yield unsaved tasks; put the errors of the other rows into `errors`."""
    serializer = ImportedTaskSerializer()
    try:
        for number, (line, row) in enumerate(entries, 1):
            if number > MAX_TASKS:
                message = f"More than {MAX_TASKS:,} tasks. Split the file."
                raise MalformedFile(line, message)
            try:
                yield Task(**serializer.run_validation(row))
            except ValidationError as error:
                key = f"{line}#{number}" if str(line) in errors else str(line)
                errors[key] = error.detail
                if len(errors) >= MAX_ERRORS:
                    return
    except MalformedFile as error:
        detail = [ErrorDetail(error.message, error.code)]
        errors[str(error.line)] = {error.column: detail} if error.column else detail


def _create(user: User, tasks: Iterable[Task]) -> int:
    derived_ids = {task.id: uuid5(user.pk, str(task.id)) for task in tasks}
    existing = Task.objects.filter(pk__in=[*derived_ids, *derived_ids.values()])
    owners = dict(existing.values_list("pk", "owner_id"))
    new: dict[object, Task] = {}
    for task in tasks:
        if owners.get(task.id, user.pk) != user.pk:
            task.id = derived_ids[task.id]
        if task.id not in owners:
            task.owner_id = user.pk
            new.setdefault(task.id, task)
    Task.objects.bulk_create(new.values())
    return len(new)
