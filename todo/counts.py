"""How many tasks there are. A count stops after MAX_COUNT, so that it stays fast."""

from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django.db.models import DateField

from todo import statements
from todo.models.status import IS_OPEN, STATUS_CONDITIONS, Status
from todo.models.task import TaskQuerySet
from todo.models.verbs import UNDO
from todo.statements import Parameter, Statement
from todo.tasks import OWNED_TASKS, Owner, bind

MAX_COUNT = 1_000  # tasks; one more means that there are more
COUNTED_STATUSES = [Status.OPEN, Status.COMPLETED, Status.TRASH]


class BulkChange(NamedTuple):
    """One of VERBS, and the time at which it was applied to tasks."""

    verb: str
    at: datetime


def totals(owner: Owner, today: date, change: BulkChange | None = None) -> Statement:
    """Count the owner's tasks in one row: in each of COUNTED_STATUSES, and open ones.

    Those are `inbox`, `today` (with what is overdue) and `overdue`. With a change also
    the tasks that `bulk.undo` would restore, as `changed`.
    """
    verb, at = change or (None, None)
    return bind(_totals(verb), owner, today=today, at=at)


@cache
def _totals(changed_by: str | None) -> Statement:
    found = {
        status.value: OWNED_TASKS.filter(STATUS_CONDITIONS[status])
        for status in COUNTED_STATUSES
    }
    today, are_open = Parameter("today", DateField()), OWNED_TASKS.filter(IS_OPEN)
    found["inbox"] = are_open.in_list(None)
    found["today"] = are_open.due_until(today)
    found["overdue"] = are_open.overdue(today)
    if changed_by:
        found["changed"] = OWNED_TASKS.filter(UNDO[changed_by](Parameter("at"))[0])
    selects = [_first_ids(each) for each in found.values()]
    counts = [f"(SELECT COUNT(*) FROM ({ids.sql}) counted)" for ids in selects]
    parameters = [value for ids in selects for value in ids.parameters]
    return Statement(f"SELECT {', '.join(counts)}", parameters, list(found))


def _first_ids(tasks: TaskQuerySet) -> Statement:
    return statements.select(tasks.order_by()[: MAX_COUNT + 1], ["id"])
