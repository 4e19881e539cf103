"""The order of tasks by hand. A move writes one row, in one round trip."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import (
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from todo import statements
from todo.models.status import IS_KEPT, IS_OPEN
from todo.models.task import TASK_FIELDS, Task
from todo.models.task_expressions import INBOX, LIST_OR_INBOX
from todo.models.verbs import next_version
from todo.statements import Parameter, Row, Statement
from todo.tasks import Owner, bind, one_task, read, time_after

SAME_LIST: Any = object()
OTHER_TASKS = (
    Task.objects.filter(owner_id=Parameter("owner"))
    .exclude(pk=Parameter("pk"))
    .alias(place=LIST_OR_INBOX)
)
MAX_SCALE = 1_000  # digits after the point
RENUMBER = statements.raw(
    f"""
    UPDATE task SET position = numbered.position,
        updated_at = GREATEST(%(now)s, task.updated_at + INTERVAL '1 microsecond')
    FROM (
        SELECT id, FLOOR(MIN(position) OVER ())
            + ROW_NUMBER() OVER (ORDER BY position, id) AS position
        FROM task
        WHERE owner_id = %(owner)s AND COALESCE(list_id, '{INBOX}') = %(list)s
            AND completed_at IS NULL AND deleted_at IS NULL
    ) numbered
    WHERE task.id = numbered.id
    """
)


def move(
    owner: Owner,
    pk: UUID,
    after: UUID | None,
    to_list: UUID | None = SAME_LIST,
    version: datetime | None = None,
) -> Statement:
    """Place a task after another one of its list, or first; None is the inbox.

    Finds nothing unless the other one is in the list that the task moves to.
    """
    has_list = to_list is not SAME_LIST
    statement = _move(after is not None, has_list, version is not None)
    place = {"pk": pk, "after": after, "list": to_list if has_list else None}
    return bind(statement, owner, now=time_after(version), version=version, **place)


def follow_up(owner: Owner, row: Row) -> list[Statement]:
    """Return what is left to do after a move; the last statement returns the row.

    That is nothing, until about MAX_SCALE moves to one place have made positions long:
    an index can hold 5,000 digits. Then all tasks of the list get short ones.
    """
    if len(row["position"].partition(".")[2]) <= MAX_SCALE:
        return []
    place = {"list": row["list"] or INBOX, "now": timezone.now()}
    renumber = bind(RENUMBER, owner, **place)
    return [renumber, read(owner, row["id"])]


@cache
def _move(has_after: bool, has_list: bool, has_version: bool) -> Statement:
    now = Parameter("now")
    target = Parameter("list", UUIDField()) if has_list else OuterRef("list_id")
    others = OTHER_TASKS.filter(place=Coalesce(target, Value(INBOX, UUIDField())))
    values: dict[str, Any] = {"list": target} if has_list else {}
    values["position"] = position_after(others.filter(IS_OPEN), has_after)
    values["updated_at"] = now if has_version else next_version(now)
    task = one_task(IS_KEPT, has_version)
    if has_after:
        task = task.filter(Exists(others.filter(IS_KEPT, pk=Parameter("after"))))
    return statements.update(task, **values).returning(Task, TASK_FIELDS)


def position_after(others: QuerySet, has_after: bool) -> Any:
    """Return the position behind the row with the id `after`, or before all others.

    It is the exact middle of the two neighbours.
    """
    positions = others.order_by("position").values("position")
    if not has_after:
        return Coalesce(Subquery(positions[:1]) - 1, F("position"))
    row = others.model.objects.filter(pk=Parameter("after")).order_by()
    after = Subquery(row.values("position"))
    following = Subquery(positions.filter(position__gt=after)[:1])
    middle = (after + Coalesce(following, after + 2)) * Value(0.5, DecimalField())
    return Func(middle, function="TRIM_SCALE", output_field=DecimalField())
