"""Add the tasks of a file to a user, all or none."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import DateTimeField, Func
from rest_framework.exceptions import ErrorDetail, ValidationError

from todo.models import Task, User
from todo.transfer.lists import NamedList, find_lists
from todo.transfer.readers import Entry, MalformedFile
from todo.transfer.serializers import ImportedTaskSerializer

BATCH_SIZE = 1000  # rows
MAX_FILE = 64 * 2**20  # bytes
MAX_TASKS = 200_000  # validating as many takes 10 s of CPU
MAX_ERRORS = 100  # rows
LIST_FIELDS = ("list", "list_color", "list_position")
MAX_AGE = 1  # seconds that `imported_at` may be older than the end of the import
CLOCK = Func(function="CLOCK_TIMESTAMP", output_field=DateTimeField())

Errors = dict[str, Any]
Row = tuple[Task, NamedList | None]


@transaction.atomic
def import_rows(user: User, entries: Iterable[Entry]) -> tuple[int, int]:
    """Add tasks from (line, dict) pairs; return the numbers created and skipped.

    A task whose id the user already has is skipped, so that a second import adds
    nothing. If another user has the id, the task gets a new one, derived from both.
    Lists are found by their names, and created if they are missing.
    Raises ValidationError with the errors of up to MAX_ERRORS rows by line number;
    nothing is added then.
    """
    started, imported_at = monotonic(), _lock(user)
    errors: Errors = {}
    created = total = 0
    for batch in batched(_validate(entries, errors), BATCH_SIZE):
        total += len(batch)
        if not errors:
            created += _create(user, imported_at, batch)
    if errors:
        raise ValidationError(errors)
    if monotonic() - started > MAX_AGE:
        _renew(user, imported_at)
    return created, total - created


def _lock(user: User) -> datetime:
    """Let imports of one user wait for each other; return the time of the transaction.

    Two imports with the same ids would deadlock.
    """
    users = User.objects.select_for_update(no_key=True).filter(pk=user.pk)
    return users.values_list(TransactionNow(), flat=True).get()


def _renew(user: User, imported_at: datetime) -> None:
    """Set `imported_at` to the current time, a moment before others see the tasks.

    Clients that synchronize look back for one minute only, see `todo.changes.OVERLAP`.
    """
    tasks = Task.objects.owned_by(user).filter(imported_at=imported_at)
    tasks.update(imported_at=CLOCK)


def _validate(entries: Iterable[Entry], errors: Errors) -> Iterator[Row]:
    """Yield unsaved tasks; put the errors of the other rows into `errors`."""
    serializer = ImportedTaskSerializer()
    try:
        for number, (line, row) in _numbered(entries):
            try:
                values = serializer.run_validation(row)
            except ValidationError as error:
                key = f"{line}#{number}" if str(line) in errors else str(line)
                errors[key] = error.detail
                if len(errors) >= MAX_ERRORS:
                    return
            else:
                yield _to_row(line, values)
    except MalformedFile as error:
        detail = [ErrorDetail(error.message, error.code)]
        errors[str(error.line)] = {error.column: detail} if error.column else detail


def _numbered(entries: Iterable[Entry]) -> Iterator[tuple[int, Entry]]:
    for number, entry in enumerate(entries, 1):
        if number > MAX_TASKS:
            message = f"More than {MAX_TASKS:,} tasks. Split the file."
            raise MalformedFile(entry[0], message)
        yield number, entry


def _to_row(line: int, values: dict[str, Any]) -> Row:
    named = NamedList(line, *(values.pop(name) for name in LIST_FIELDS))
    return Task(**values), named if named.name else None


def _create(user: User, imported_at: datetime, rows: Iterable[Row]) -> int:
    new = _without_existing(user, rows)
    lists = find_lists(user, (named for _, named in new if named))
    for task, named in new:
        task.owner_id, task.imported_at = user.pk, imported_at
        task.list_id = lists[named.name] if named else None
    Task.objects.bulk_create(task for task, _ in new)
    return len(new)


def _without_existing(user: User, rows: Iterable[Row]) -> list[Row]:
    """Return the rows that the user does not have, with ids that nobody has."""
    ids = {pk for task, _ in rows for pk in (task.id, task.copy_of) if pk}
    derived_ids = {pk: uuid5(user.pk, str(pk)) for pk in ids}
    owners = _owners([*derived_ids, *derived_ids.values()])
    new: dict[object, Row] = {}
    for task, named in rows:
        if owners.get(task.id, user.pk) != user.pk:
            task.id = derived_ids[task.id]
        if task.copy_of and owners.get(task.copy_of, user.pk) != user.pk:
            task.copy_of = derived_ids[task.copy_of]
        if task.id not in owners:
            new.setdefault(task.id, (task, named))
    return [*new.values()]


def _owners(ids: list[UUID]) -> dict[UUID, UUID]:
    existing = Task.objects.filter(pk__in=ids)
    return dict(existing.values_list("pk", "owner_id"))
