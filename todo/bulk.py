"""Changes of many tasks at once, how to undo them, and how many tasks there are."""

from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import Count, Value
from django.utils import timezone

from todo import statements
from todo.models.verbs import STATUS_CONDITIONS, UNDO, VERBS, Status, next_version
from todo.statements import Parameter, Statement
from todo.tasks import OWNED_TASKS, Owner, bind

COUNTED_STATUSES = [Status.OPEN, Status.COMPLETED, Status.TRASH]


class BulkChange(NamedTuple):
    """One of VERBS, and the time at which it was applied to many tasks."""

    verb: str
    at: datetime


def counts(owner: Owner, change: BulkChange | None = None) -> Statement:
    """Count the owner's tasks in each of COUNTED_STATUSES, in one row.

    With a change also those that `undo` would restore, as `changed`.
    """
    verb, at = change or (None, None)
    return bind(_counts(verb), owner, at=at)


def apply_to_all(
    owner: Owner,
    verb: str,
    *statuses: str,
    at: datetime | None = None,
    text: str = "",
    since: datetime | None = None,
) -> Statement:
    """Apply one of VERBS to the owner's tasks that are in all of these statuses.

    With `text`, only to those that match it; with `since`, only to those that were
    completed at that time or later. `undo` finds them by the time `at`.
    """
    applies_to, changes = VERBS[verb]
    at = at or timezone.now()
    found = OWNED_TASKS.filter(applies_to)
    for status in statuses:
        found = found.in_status(status)
    found = found.matching(text) if text else found
    found = found.filter(completed_at__gte=since) if since else found
    values = {**changes(at), "updated_at": next_version(at)}
    return bind(statements.update(found, **values), owner)


def undo(owner: Owner, change: BulkChange) -> Statement:
    """Restore the values that tasks had before a change, unless they changed since."""
    changed, values = UNDO[change.verb](change.at)
    values |= {"updated_at": next_version(timezone.now())}
    return bind(statements.update(OWNED_TASKS.filter(changed), **values), owner)


@cache
def _counts(changed_by: str | None) -> Statement:
    conditions = {
        status.value: STATUS_CONDITIONS[status] for status in COUNTED_STATUSES
    }
    if changed_by:
        conditions["changed"] = UNDO[changed_by](Parameter("at"))[0]
    counts = {
        name: Count("pk", filter=condition) for name, condition in conditions.items()
    }
    one_group = OWNED_TASKS.order_by().values(one=Value(1)).annotate(**counts)
    return statements.select(one_group, list(counts))
