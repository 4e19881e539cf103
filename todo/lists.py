"""What can be done with lists. The API and the pages share these verbs.

As in `todo.tasks`, each function returns an idempotent `Statement`, which finds nothing
if the owner's session has ended or their account is deactivated.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from todo import statements
from todo.counts import MAX_COUNT
from todo.models import List, Session, Task
from todo.models.list import LIST_FIELDS, WRITABLE_LIST_FIELDS
from todo.models.status import IS_OPEN
from todo.models.task_expressions import LIST_OR_INBOX
from todo.models.verbs import next_version
from todo.order import make_room, position_after
from todo.statements import Parameter, Row, Statement
from todo.tasks import ACTIVE_SESSION, Owner, bind, time_after, time_version

MAX_LISTS = 500  # of a user
OWNED_LISTS = List.objects.filter(Exists(ACTIVE_SESSION), owner_id=Parameter("owner"))
# Without the list itself, so that moving it again has no further effect.
OTHER_LISTS = List.objects.filter(owner_id=Parameter("owner")).exclude(
    pk=Parameter("pk")
)
INSERTED_FIELDS = [
    *("id", *WRITABLE_LIST_FIELDS, "position", "request_digest"),
    *("created_at", "updated_at"),
]
# `found` is locked, so that no task is added to the list while it is deleted. Tasks
# that are in the trash already only lose the list.
DELETE_FOUND = f"""
    , trashed AS (
        UPDATE task SET list_id = NULL, deleted_at = COALESCE(deleted_at, %(at)s),
            updated_at = GREATEST(%(at)s, updated_at + INTERVAL '1 microsecond')
        FROM found WHERE task.list_id = found.id
    )
    DELETE FROM list USING found WHERE list.id = found.id
    RETURNING {", ".join(f"list.{name}" for name in LIST_FIELDS)}
"""


class CountRows(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"


def owned_by(owner: Owner) -> QuerySet[List]:
    """Return the owner's lists, or none if their session has ended."""
    active = Session.objects.active(owner.pk, owner.session_key)
    return List.objects.filter(Exists(active), owner_id=owner.pk)


def serialize(row: Row) -> Row:
    """Change a row of LIST_FIELDS to what every client gets."""
    row["color"] = row["color"] or None
    return row


def read(owner: Owner, pk: UUID) -> Statement:
    return bind(_read(), owner, pk=pk)


def read_all(owner: Owner) -> Statement:
    """Read the owner's lists in their order."""
    return bind(_read_all(), owner)


def read_counted(owner: Owner) -> Statement:
    """Read the owner's lists in their order, with the number of their open tasks.

    It is `open`, and stops after MAX_COUNT.
    """
    return bind(_read_counted(), owner)


def add(
    owner: Owner,
    pk: UUID,
    *,
    name: str,
    color: str = "",
    digest: bytes | None = None,
) -> Statement:
    """Insert a list. Running it raises IntegrityError if its id or name exists.

    Also if the owner's session has ended, or they have MAX_LISTS: then `owner_id` would
    be null.
    """
    now = timezone.now()
    return bind(
        _add(),
        owner,
        id=pk,
        name=name,
        color=color,
        request_digest=digest,
        position=time_version(now),
        created_at=now,
        updated_at=now,
    )


def change(
    owner: Owner, pk: UUID, values: dict[str, Any], version: datetime | None = None
) -> Statement:
    """Write these values. With `version`, only if that is the list's `updated_at`."""
    if not values:
        return read(owner, pk)
    statement = _change(frozenset(values), version is not None)
    place = {"pk": pk, "now": time_after(version), "version": version}
    return bind(statement, owner, **place, **values)


def move(
    owner: Owner, pk: UUID, after: UUID | None, version: datetime | None = None
) -> Statement:
    """Place a list after another one, or first. Finds nothing without the other one."""
    statement = _move(after is not None, version is not None)
    now = time_after(version)
    return bind(statement, owner, pk=pk, after=after, now=now, version=version)


def delete(
    owner: Owner, pk: UUID, at: datetime, version: datetime | None = None
) -> Statement:
    """Delete a list, and move its tasks to the trash at this time.

    `bulk.undo` restores them, in the inbox. Running it again finds no list: after a
    retry that does not mean that there was none.
    """
    statement = _delete(version is not None)
    return bind(statement, owner, pk=pk, at=at, now=version, version=version)


@cache
def _read() -> Statement:
    return statements.select(OWNED_LISTS.filter(pk=Parameter("pk")), LIST_FIELDS)


@cache
def _read_all() -> Statement:
    return statements.select(OWNED_LISTS.order_by("position", "id"), LIST_FIELDS)


@cache
def _read_counted() -> Statement:
    in_list = Task.objects.alias(place=LIST_OR_INBOX).filter(place=OuterRef("pk"))
    found = in_list.filter(IS_OPEN, owner_id=Parameter("owner")).order_by()
    count = CountRows(found.values("pk")[: MAX_COUNT + 1])
    rows = OWNED_LISTS.order_by("position", "id").annotate(open=count)
    return statements.select(rows, [*LIST_FIELDS, "open"])


@cache
def _add() -> Statement:
    owned = List.objects.filter(owner_id=Parameter("owner")).order_by()
    has_room = ~Exists(owned[MAX_LISTS - 1 : MAX_LISTS])
    owner = Subquery(ACTIVE_SESSION.filter(has_room).values("user_id"))
    values = {name: Parameter(name) for name in INSERTED_FIELDS}
    return statements.insert(List, owner=owner, **values).returning(List, LIST_FIELDS)


@cache
def _change(names: Collection[str], has_version: bool) -> Statement:
    values = {name: Parameter(name) for name in names}
    return _update(_one_list(has_version), has_version, **values)


@cache
def _move(has_after: bool, has_version: bool) -> Statement:
    found = _one_list(has_version)
    if has_after:
        found = found.filter(Exists(OTHER_LISTS.filter(pk=Parameter("after"))))
    position = position_after(OTHER_LISTS, has_after)
    moved = _update(found, has_version, position=position)
    return make_room(moved, OTHER_LISTS) if has_after else moved


def _update(found: QuerySet[List], has_version: bool, **values: Any) -> Statement:
    now = Parameter("now")
    values["updated_at"] = now if has_version else next_version(now)
    return statements.update(found, **values).returning(List, LIST_FIELDS)


@cache
def _delete(has_version: bool) -> Statement:
    found = statements.select(_one_list(has_version), ["id"])
    rest = statements.raw(DELETE_FOUND)
    return Statement(
        f"WITH found AS ({found.sql} FOR UPDATE){rest.sql}",
        [*found.parameters, *rest.parameters],
        LIST_FIELDS,
    )


def _one_list(has_version: bool) -> QuerySet[List]:
    found = OWNED_LISTS.filter(pk=Parameter("pk")).order_by()
    if has_version:  # which `now` is, if the statement runs again after it succeeded
        found = found.filter(updated_at__in=[Parameter("version"), Parameter("now")])
    return found
