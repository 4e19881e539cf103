"""The order of tasks by hand. A move writes one row, in one round trip.

It writes more only if tasks share a position, as after an import or after moves at the
same time: then those behind the place make room.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from todo import statements
from todo.models.status import IS_KEPT, IS_OPEN
from todo.models.task import TASK_FIELDS, Task
from todo.models.task_expressions import INBOX, LIST_OR_INBOX
from todo.models.verbs import next_version
from todo.statements import Parameter, Row, Statement, run_together
from todo.tasks import Owner, bind, one_task, read, time_after

SAME_LIST: Any = object()
OTHER_TASKS = (
    Task.objects.filter(owner_id=Parameter("owner"))
    .exclude(pk=Parameter("pk"))
    .alias(place=LIST_OR_INBOX)
)
MAX_SCALE = 1_000  # digits after the point
MAX_DIGITS = 20_100  # of a position that was imported, and of the middle behind it
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
    return [renumber(owner, row["list"]), read(owner, row["id"])]


def renumber(owner: Owner, list_id: UUID | None) -> Statement:
    """Give the open tasks of a list, or of the inbox, short positions."""
    place = {"list": list_id or INBOX, "now": timezone.now()}
    return bind(RENUMBER, owner, **place)


def move_all(
    owner: Owner,
    found: QuerySet[Task],
    ids: Sequence[UUID],
    after: UUID | None,
    to_list: UUID | None = SAME_LIST,
) -> int:
    """Place locked tasks behind another one of their list, or first, as `ids` has them.

    Return how many it changed: none if they are there already. Raises Task.DoesNotExist
    unless the other task is in the one list that all of them are in, or move to.
    """
    rows = found.only("list", "position", "updated_at").in_bulk()
    moved = [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]
    lists = {task.list_id for task in moved} if to_list is SAME_LIST else {to_list}
    if len(lists) != 1:
        raise Task.DoesNotExist
    [list_id] = lists
    others = Task.objects.owned_by(owner).in_list(list_id).exclude(pk__in=ids)
    places = _places(moved, others, after)
    changed = []
    for task, position in zip(moved, places, strict=True):
        if (task.list_id, task.position) != (list_id, position):
            task.list_id, task.position = list_id, position
            task.updated_at = next_version(Now())
            changed.append(task)
    Task.objects.bulk_update(changed, ["list", "position", "updated_at"])
    if any(_scale(position) > MAX_SCALE for position in places):
        run_together(renumber(owner, list_id))
    return len(changed)


def _places(
    moved: list[Task], others: QuerySet[Task], after: UUID | None
) -> list[Decimal]:
    """Return positions for the tasks behind the one with the id `after`, or first."""
    number = len(moved)
    with localcontext(prec=MAX_DIGITS):
        if after:
            start, end = _make_room(others, after, number + 1)
        elif first := others.filter(IS_OPEN).order_by("position").first():
            start, end = first.position - number - 1, first.position
        else:  # these tasks alone: the first one stays
            start = min((task.position for task in moved), default=Decimal()) - 1
            end = start + number + 1
        step = Decimal(1)
        if end - start <= number:
            step = (end - start) / 2 ** number.bit_length()  # is exact
        return [(start + step * index).normalize() for index in range(1, number + 1)]


def _make_room(
    others: QuerySet[Task], after: UUID, length: int
) -> tuple[Decimal, Decimal]:
    """Return the position of the task with the id `after`, and the next one.

    Behind the last task, that is so far away. Move those behind the task that share its
    position.
    """
    positions = others.order_by("position").values_list("position", flat=True)
    start, behind = positions.filter(IS_KEPT).get(pk=after), positions.filter(IS_OPEN)
    following = behind.filter(position__gt=start).first()
    end = start + length if following is None else following
    middle = (start + end) / 2
    tied = behind.filter(position=start, pk__gt=after)
    is_moved = tied.update(position=middle, updated_at=next_version(Now()))
    return start, middle if is_moved else end


def _scale(position: Decimal) -> int:
    """Return the number of digits after the point."""
    return -int(position.as_tuple().exponent)


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
    moved = statements.update(task, **values).returning(Task, TASK_FIELDS)
    if not has_after:
        return moved
    row = Task.objects.filter(pk=Parameter("after")).order_by()
    place = Subquery(row.values(place=LIST_OR_INBOX)[:1])
    return make_room(moved, OTHER_TASKS.filter(IS_OPEN, place=place))


def position_after(others: QuerySet, has_after: bool) -> Any:
    """Return the position behind the row with the id `after`, or before all others.

    It is the exact middle of the two neighbours, or half of that if others share the
    position of the row: `make_room` gives them the middle.
    """
    if not has_after:
        first = others.order_by("position").values("position")[:1]
        return Coalesce(Subquery(first) - 1, F("position"))
    half, quarter = Value(Decimal("0.5")), Value(Decimal("0.25"))
    return _between(others, Case(When(Exists(_tied(others)), quarter), default=half))


def make_room(moved: Statement, others: QuerySet) -> Statement:
    """Return the move, which also moves what is behind `after` in the same position."""
    values = {"position": _between(others, Value(Decimal("0.5")))}
    values["updated_at"] = next_version(Parameter("now"))
    update = statements.update(_tied(others), **values)
    return Statement(
        f"WITH moved AS ({moved.sql}), others AS ({update.sql}"
        " AND EXISTS (SELECT FROM moved)) SELECT * FROM moved",
        [*moved.parameters, *update.parameters],
        moved.columns,
    )


def _tied(others: QuerySet) -> QuerySet:
    """Return what is behind the row with the id `after`, in the same position."""
    position = _position_of_after(others)
    return others.filter(position=position, pk__gt=Parameter("after")).order_by()


def _between(others: QuerySet, share: Any) -> Func:
    """Return the position this share of the way from `after` to the next position."""
    after = _position_of_after(others)
    positions = others.order_by("position").values("position")
    following = Subquery(positions.filter(position__gt=after)[:1])
    position = after + (Coalesce(following, after + 2) - after) * share
    return Func(position, function="TRIM_SCALE", output_field=DecimalField())


def _position_of_after(others: QuerySet) -> Subquery:
    row = others.model.objects.filter(pk=Parameter("after")).order_by()
    return Subquery(row.values("position")[:1])
