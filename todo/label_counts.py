"""How many open tasks have each label."""

from functools import cache

from todo import statements
from todo.counts import MAX_COUNT
from todo.models.status import IS_OPEN
from todo.models.task_expressions import HAS_LABELS
from todo.statements import Statement
from todo.tasks import OWNED_TASKS, Owner, bind

COUNT_LABELS = """
    WITH labelled AS ({tasks})
    SELECT (ARRAY_AGG(name ORDER BY number))[1], COUNT(*),
        (SELECT COUNT(*) FROM labelled)
    FROM (SELECT UNNEST(labels) AS name, ROW_NUMBER() OVER () AS number
          FROM labelled) named
    GROUP BY LOWER(name) ORDER BY LOWER(name)
"""


def read(owner: Owner) -> Statement:
    """Count open tasks by label, in the order of the labels without regard to case.

    Only the newest tasks with labels are counted, at most MAX_COUNT + 1. `labelled` is
    their number.
    """
    return bind(_read(), owner)


@cache
def _read() -> Statement:
    newest = OWNED_TASKS.filter(IS_OPEN, HAS_LABELS).order_by("-created_at", "-id")
    tasks = statements.select(newest[: MAX_COUNT + 1].values(), ["labels"])
    text = COUNT_LABELS.format(tasks=tasks.sql)
    return Statement(text, tasks.parameters, ["name", "count", "labelled"])
