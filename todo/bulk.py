"""Changes of many tasks at once, and how to undo them."""

from datetime import date, datetime
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from todo import completions, order, statements
from todo.counts import BulkChange
from todo.labels import distinct
from todo.models import Task, User
from todo.models.status import IS_COMPLETED, IS_OPEN, Status
from todo.models.task import TASK_FIELDS, TaskQuerySet
from todo.models.verbs import UNDO, VERBS, next_version
from todo.statements import Statement, run_together
from todo.tasks import OWNED_TASKS, Owner, bind

MAX_OVERDUE = 500  # tasks
MOVE_LATE = statements.raw(
    """
    locked AS (
        SELECT id, due_date FROM task JOIN late USING (id, due_date)
        WHERE completed_at IS NULL AND deleted_at IS NULL
        ORDER BY id FOR UPDATE OF task)
    UPDATE task SET due_date = %(today)s,
        updated_at = GREATEST(%(now)s, updated_at + INTERVAL '1 microsecond')
    FROM locked WHERE task.id = locked.id RETURNING locked.id, locked.due_date
    """
)
IS_REPEATING = IS_OPEN & Q(repeat__isnull=False)
IS_COPY = IS_COMPLETED & Q(copy_of__isnull=False)


def apply_to_all(
    owner: Owner, verb: str, found: TaskQuerySet, at: datetime | None = None
) -> Statement:
    """Apply one of VERBS to those of OWNED_TASKS that are found.

    `undo` finds them by the time `at`. It leaves tasks that repeat to `repeating`, and
    completed copies of them to `copies`.
    """
    applies_to, changes = VERBS[verb]
    at = at or timezone.now()
    values = {**changes(at), "updated_at": next_version(at)}
    return bind(_update(found.filter(applies_to), **values), owner)


def _update(found: TaskQuerySet, **values: Any) -> Statement:
    """Return the UPDATE of tasks that locks them in the order of all, by id.

    Two acts at once that lock the same tasks in another order would deadlock.
    """
    rows = statements.select(found.order_by("pk"), ["id"])
    locked = RawSQL(f"{rows.sql} FOR UPDATE", rows.parameters)
    return statements.update(Task.objects.filter(pk__in=locked), **values)


def apply(owner: Owner, found: TaskQuerySet, action: str, **values: Any) -> int:
    """Apply an action to tasks that are locked; return how many it changed.

    The actions are VERBS, and `move`, `label`, `unlabel`, `schedule` and `set` with
    values of a task's fields. With `after` and `ids`, `move` places the tasks, see
    `order.move_all`. Raises IntegrityError if the list is not the owner's.
    """
    if "after" in values:
        to_list = values.get("list", order.SAME_LIST)
        return order.move_all(owner, found, values["ids"], values["after"], to_list)
    if action in {"label", "unlabel"}:
        return _set_labels(found, action, values["labels"])
    if action in {"move", "schedule", "set"}:
        return _set_values(found, values)
    return _apply_verb(owner, found, action)


def _apply_verb(owner: Owner, found: TaskQuerySet, verb: str) -> int:
    changed, follow_ups = found.apply(verb), _follow_ups(owner, found, verb)
    if follow_ups:
        run_together(*chain.from_iterable(follow_ups))
    return changed + len(follow_ups)


def _set_values(found: TaskQuerySet, values: dict[str, Any]) -> int:
    if values.get("due_date", True) is None:
        values = {"due_time": None, "repeat": None} | values  # they need a date
    is_changed = reduce(or_, (_differs(*item) for item in values.items()))
    values["updated_at"] = next_version(Now())
    return found.filter(is_changed).update(**values)


def _differs(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})


def _set_labels(found: TaskQuerySet, action: str, labels: list[str]) -> int:
    """Add labels that a task does not have in any case, or remove them."""
    changed = []
    for task in found.only("labels", "updated_at"):
        if action == "unlabel":
            new = _without(task.labels, labels)
        else:
            new = distinct([*task.labels, *labels])
        if new != task.labels:
            task.labels, task.updated_at = new, next_version(Now())
            changed.append(task)
    Task.objects.bulk_update(changed, ["labels", "updated_at"])
    return len(changed)


def _without(given: list[str], labels: list[str]) -> list[str]:
    named = {label.lower() for label in labels}
    return [label for label in given if label.lower() not in named]


def _follow_ups(owner: Owner, found: TaskQuerySet, verb: str) -> list[list[Statement]]:
    """Return what moves repeating tasks on, or takes back their completed copies."""
    if verb == "complete":
        rows = found.filter(IS_REPEATING).values(*TASK_FIELDS)
        today = User.objects.get(pk=owner.pk).today if rows else date.min
        return [completions.move_on(owner, row, today) for row in rows]
    if verb == "reopen":
        copies = found.filter(IS_COPY)
        pairs = copies.values_list("pk", "copy_of")
        return [completions.take_back(owner, *pair) for pair in pairs]
    return []


def repeating(owner: Owner, found: TaskQuerySet) -> Statement:
    """Read the open ones that repeat, for `completions.follow_up`."""
    zone = User.objects.filter(pk=owner.pk).order_by().values("time_zone")
    rows = found.filter(IS_REPEATING).annotate(time_zone=Subquery(zone)).order_by("pk")
    return bind(statements.select(rows, [*TASK_FIELDS, "time_zone"]), owner)


def copies(owner: Owner, found: TaskQuerySet) -> Statement:
    """Read the completed copies, for `completions.follow_up`."""
    rows = found.filter(IS_COPY).order_by("pk")
    return bind(statements.select(rows, [*TASK_FIELDS, "copy_of"]), owner)


def move_overdue(owner: Owner, today: date) -> Statement:
    """Make overdue tasks due today, at most MAX_OVERDUE; return their former dates."""
    found = OWNED_TASKS.overdue(today).in_status(Status.OPEN).order_by("due", "pk")
    late = statements.select(found[:MAX_OVERDUE], ["id", "due_date"])
    statement = Statement(
        f"WITH late AS ({late.sql}), {MOVE_LATE.sql}",
        [*late.parameters, *MOVE_LATE.parameters],
        ["id", "due_date"],
    )
    return bind(statement, owner, today=today, now=timezone.now())


def undo(owner: Owner, change: BulkChange) -> list[Statement]:
    """Restore the values that tasks had before a change, unless they changed since."""
    changed, values = UNDO[change.verb](change.at)
    values |= {"updated_at": next_version(timezone.now())}
    found = OWNED_TASKS.filter(changed)
    if change.verb != "complete":
        return [bind(_update(found, **values), owner)]
    update = _update(found.filter(copy_of=None), **values)
    return [bind(update, owner), *completions.take_back_all(owner, change.at)]
