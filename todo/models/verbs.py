"""The verbs that change tasks, as conditions and values."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest

from todo.models.status import IS_COMPLETED, IS_KEPT, IS_OPEN, IS_TRASHED


def next_version(now):
    """Return an expression for the next `updated_at`: `now`, or a bit later.

    It never goes back, though the clocks of several servers differ.
    """
    return Greatest(now, F("updated_at") + timedelta(microseconds=1))


class Verb(NamedTuple):
    """An action on tasks. It leaves tasks that do not match `applies_to` unchanged.

    `changes` maps an expression for the current time to the new column values. They
    are the same however often the verb is applied.
    """

    applies_to: Q
    changes: Callable[[Any], dict[str, Any]]


def _time_of(changed: Q, now: Any) -> Case:
    """Return the next version of the tasks that a verb changes, for `returned_at`."""
    return Case(When(changed, then=next_version(now)), default="returned_at")


IS_REOPENED = IS_COMPLETED & Q(copy_of=None)
# `complete` leaves a task that repeats to `todo.completions`, where it moves on, and so
# does `reopen` with a completed copy of it.
VERBS = {
    "complete": Verb(
        IS_OPEN & Q(repeat=None),
        lambda now: {
            "completed_at": Case(
                When(repeat=None, then=Coalesce("completed_at", now)),
                default="completed_at",
            )
        },
    ),
    "reopen": Verb(
        IS_REOPENED,
        lambda now: {
            "completed_at": Case(
                When(copy_of=None, then=Value(None)), default="completed_at"
            ),
            "previous_completed_at": Coalesce("completed_at", "previous_completed_at"),
            "returned_at": _time_of(IS_REOPENED, now),
        },
    ),
    "trash": Verb(IS_KEPT, lambda now: {"deleted_at": Coalesce("deleted_at", now)}),
    "restore": Verb(
        IS_TRASHED,
        lambda now: {"deleted_at": None, "returned_at": _time_of(IS_TRASHED, now)},
    ),
}


# How to reverse a verb that was applied to many tasks: from the time it was applied to
# the condition for the tasks that are still as it left them, and their former values.
UNDO: dict[str, Callable[[Any], tuple[Q, dict[str, Any]]]] = {
    "complete": lambda at: (Q(completed_at=at), {"completed_at": None}),
    "reopen": lambda at: (
        Q(completed_at=None, previous_completed_at__isnull=False, returned_at=at),
        {"completed_at": F("previous_completed_at")},
    ),
    "trash": lambda at: (Q(deleted_at=at), {"deleted_at": None}),
    "restore": lambda at: (Q(deleted_at=None, returned_at=at), {"deleted_at": at}),
}
