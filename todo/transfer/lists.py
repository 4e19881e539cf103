"""Find the lists of a file, and create those that are missing."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, ValidationError

from todo.lists import MAX_LISTS
from todo.models import List, User
from todo.tasks import time_version

# PostgreSQL compares the names, because its lower case differs from Python's. The lock
# keeps a list from being deleted before its tasks are inserted.
FIND_LISTS = """
    SELECT wanted.name, list.id FROM UNNEST(%s::text[]) AS wanted (name)
    JOIN list ON list.owner_id = %s AND LOWER(list.name) = LOWER(wanted.name)
    FOR KEY SHARE OF list
"""


class NamedList(NamedTuple):
    """The list of a task in a file; `line` is where the task is."""

    line: int
    name: str
    color: str
    position: Decimal | None


def find_lists(user: User, lists: Iterable[NamedList]) -> dict[str, UUID]:
    """Return the ids of the user's lists by name, in each spelling that is used.

    A missing list is created as the first task with its name describes it. Raises
    ValidationError if the user would have more than MAX_LISTS.
    """
    by_name = _first_by_name(lists)
    if not by_name:
        return {}
    ids = _find(user, by_name)
    if missing := [named for name, named in by_name.items() if name not in ids]:
        _create(user, missing)
        ids = _find(user, by_name)
        _check_number(user, {ids[named.name]: named.line for named in missing[::-1]})
    return ids


def _first_by_name(lists: Iterable[NamedList]) -> dict[str, NamedList]:
    by_name: dict[str, NamedList] = {}
    for named in lists:
        by_name.setdefault(named.name, named)
    return by_name


def _find(user: User, names: Iterable[str]) -> dict[str, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(FIND_LISTS, [[*names], user.pk])
        return dict(cursor.fetchall())


def _create(user: User, lists: list[NamedList]) -> None:
    now = time_version(timezone.now())  # later than the position of every other list
    new = (
        List(
            owner_id=user.pk,
            name=named.name,
            color=named.color,
            position=named.position or Decimal(now + number),
        )
        for number, named in enumerate(lists)
    )
    # Of names that differ in their case only, the first is created.
    List.objects.bulk_create(new, ignore_conflicts=True)


def _check_number(user: User, lines: dict[UUID, int]) -> None:
    """Raise ValidationError if the new lists, whose lines these are, are too many."""
    excess = List.objects.filter(owner_id=user.pk).count() - MAX_LISTS
    if excess > 0:
        line = sorted(lines.values())[-min(excess, len(lines))]
        error = ErrorDetail(f"More than {MAX_LISTS} lists.", "too_many")
        raise ValidationError({str(line): {"list": [error]}})
