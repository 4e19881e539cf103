"""Completing tasks that repeat, and taking that back.

Such a task is not completed: a completed copy of it is put on record, and the task
moves on to its next date. Reopening the latest copy moves the task back, and the copy
to the trash. One statement cannot do either, because SQL does not know the rules. So
the plain verbs leave such tasks unchanged, and `follow_up` returns the statements of a
second round trip. They are idempotent: they find the task only on the date that it
moves from.
"""

from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from todo import repeats, statements
from todo.models.task import TASK_FIELDS, Task
from todo.models.user import local_date
from todo.statements import Row, Statement, run_together
from todo.tasks import Owner

COPIED_FIELDS = [
    *("owner", "title", "description", "folded", "priority", "list", "labels"),
    *("due_date", "due_time", "repeat", "repeat_after_completion"),
]
IS_OPEN_ON = """
    id = %(pk)s AND owner_id = %(owner)s AND due_date = %(due)s
    AND completed_at IS NULL AND deleted_at IS NULL
"""
LATER = "GREATEST(%(now)s, task.updated_at + INTERVAL '1 microsecond')"
COPIED_COLUMNS = statements.column_list(Task, COPIED_FIELDS)
EXCLUDED_COLUMNS = COPIED_COLUMNS.replace('"', 'excluded."', 1).replace(
    ', "', ', excluded."'
)
TASK_COLUMNS = statements.column_list(Task, TASK_FIELDS)

ADD_COPY = statements.raw(
    f"""
    INSERT INTO task (id, copy_of, completion_key, completed_at, created_at, updated_at,
                      {COPIED_COLUMNS})
    SELECT %(copy)s, id, %(key)s, %(now)s, %(now)s, %(now)s, {COPIED_COLUMNS}
    FROM task WHERE {IS_OPEN_ON} FOR UPDATE
    ON CONFLICT (id) DO UPDATE
    SET completed_at = excluded.completed_at, deleted_at = NULL,
        completion_key = excluded.completion_key, updated_at = {LATER},
        ({COPIED_COLUMNS}) = ({EXCLUDED_COLUMNS})
    WHERE task.owner_id = excluded.owner_id
    """
)
MOVE_TASK = statements.raw(
    f"""
    UPDATE task SET due_date = %(next)s, updated_at = {LATER},
        repeat = CASE repeat WHEN %(rule)s THEN %(next_rule)s ELSE repeat END
    WHERE {IS_OPEN_ON}
    """
)
COMPLETE_LAST = statements.raw(
    f"""
    UPDATE task SET completed_at = %(now)s, updated_at = {LATER}
    WHERE {IS_OPEN_ON}
    """
)
READ_TASK = statements.raw(
    f"SELECT {TASK_COLUMNS} FROM task WHERE id = %(pk)s AND owner_id = %(owner)s",
    TASK_FIELDS,
)
# The copy, or the task once the copy is in the trash.
READ_EITHER = statements.raw(
    f"""
    SELECT {TASK_COLUMNS} FROM task
    WHERE id IN (%(pk)s, %(task)s) AND owner_id = %(owner)s
    ORDER BY deleted_at IS NOT NULL, id = %(pk)s DESC LIMIT 1
    """,
    TASK_FIELDS,
)

# What takes back the copies of a condition, which uses no table name. What an act was
# sent for is locked first, here and where a copy is added: `bulk` does so, too.
COPIES = """
    (SELECT * FROM task WHERE {condition} AND owner_id = %(owner)s
        AND copy_of IS NOT NULL AND deleted_at IS NULL ORDER BY id FOR UPDATE) copy
"""
IS_TASK = """
    task.id = copy.copy_of AND task.owner_id = copy.owner_id
    AND task.completed_at IS NULL AND task.deleted_at IS NULL
"""
MOVE_BACK = f"""
    UPDATE task SET due_date = copy.due_date, repeat = copy.repeat, updated_at = {LATER}
    FROM {COPIES}
    WHERE {IS_TASK} AND task.due_date > copy.due_date AND NOT EXISTS (
        SELECT FROM task later
        WHERE later.copy_of = copy.copy_of AND later.due_date > copy.due_date
            AND later.owner_id = copy.owner_id AND later.deleted_at IS NULL)
"""
TRASH_COPY = f"""
    UPDATE task trashed SET deleted_at = %(now)s,
        updated_at = {LATER.replace("task.", "trashed.")}
    FROM task, {COPIES}
    WHERE {IS_TASK} AND task.due_date = copy.due_date AND trashed.id = copy.id
"""
DETACH_COPY = f"""
    UPDATE task SET completed_at = NULL, copy_of = NULL, repeat = NULL,
        previous_completed_at = completed_at, returned_at = {LATER},
        updated_at = {LATER}
    WHERE {{condition}} AND owner_id = %(owner)s AND copy_of IS NOT NULL
        AND deleted_at IS NULL
"""


def run(
    owner: Owner,
    verbs: list[Statement],
    *reads: Statement,
    at: datetime | None = None,
    key: UUID | None = None,
) -> tuple[list[Row], list[list[Row]], bool]:
    """Run verbs and then reads in one round trip, or in two if a task repeats.

    Returns the rows of the last verb, those of each read, and whether a task repeats.
    `at` and `key` are those of `follow_up`.
    """
    results = run_together(*verbs, *reads)
    rows = chain.from_iterable(results[: len(verbs)])
    steps = [step for row in rows for step in follow_up(owner, row, key, at)]
    results = run_together(*steps, *reads) if steps else results
    first_read = len(results) - len(reads)
    return results[first_read - 1], results[first_read:], bool(steps)


def follow_up(
    owner: Owner, row: Row, key: UUID | None = None, at: datetime | None = None
) -> list[Statement]:
    """Return what is left to do after a verb; the last statement returns the row.

    Removes from the row what only this function needs: `time_zone`, which `complete`
    returns, and `copy_of`, which `reopen` returns. `at` is the time of the completion.
    """
    time_zone, copy_of = row.pop("time_zone", None), row.pop("copy_of", None)
    if row["deleted_at"]:
        return []
    if time_zone and not row["completed_at"]:
        return move_on(owner, row, local_date(time_zone, timezone.now()), key, at)
    if copy_of and row["completed_at"]:
        return take_back(owner, row["id"], copy_of)
    return []


def move_on(
    owner: Owner,
    row: Row,
    today: date,
    key: UUID | None = None,
    at: datetime | None = None,
) -> list[Statement]:
    """Complete a task that repeats, on this day."""
    rule, due = row["repeat"], row["due_date"]
    following, now = _following(row, today), at or timezone.now()
    values = {"pk": row["id"], "owner": owner.pk, "due": due, "now": now}
    if not following:
        return _bind([COMPLETE_LAST, READ_TASK], values)
    next_date, next_rule = following
    values |= {"key": key, "copy": copy_id(row["id"], due), "next": next_date}
    values |= {"rule": rule, "next_rule": next_rule}
    return _bind([ADD_COPY, MOVE_TASK, READ_TASK], values)


def _following(row: Row, today: date) -> tuple[date, str] | None:
    """Return the next date of a task, and the rule to store."""
    if row["repeat_after_completion"]:
        return repeats.after_completion(row["repeat"], today)
    return repeats.advance(row["repeat"], row["due_date"], today)


def take_back(owner: Owner, copy: UUID, copy_of: UUID) -> list[Statement]:
    """Reopen a copy: move the task back to its date, and delete the copy.

    If the task was completed again since, or is gone, the copy becomes a task of its
    own, which does not repeat.
    """
    values = {"pk": copy, "owner": owner.pk, "task": copy_of, "now": timezone.now()}
    return _bind([*_take_back("id = %(pk)s"), READ_EITHER], values)


def take_back_all(owner: Owner, at: datetime) -> list[Statement]:
    """Reopen all copies that were completed at this time."""
    values = {"at": at, "owner": owner.pk, "now": timezone.now()}
    return _bind(_take_back("completed_at = %(at)s"), values)


def copy_id(task_id: UUID, due: date) -> UUID:
    """Return the id of the completed copy, so that a date is completed only once."""
    return uuid5(task_id, due.isoformat())


def _bind(templates: list[Statement], values: dict[str, Any]) -> list[Statement]:
    return [template.bind(**values) for template in templates]


@cache
def _take_back(condition: str) -> list[Statement]:
    texts = (MOVE_BACK, TRASH_COPY, DETACH_COPY)
    return [statements.raw(text.format(condition=condition)) for text in texts]
