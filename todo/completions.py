"""Completing tasks that repeat, and taking that back.

Such a task is not completed: a completed copy of it is put on record, and the task
moves on to its next date. Reopening the latest copy moves the task back, and the copy
to the trash. One statement cannot do either, because SQL does not know the rules. So
the plain verbs leave such tasks unchanged, and `follow_up` returns the statements of a
second round trip. They are idempotent: they find only the version of the task that was
read. If another client has changed it since, the row that they return is `follow_up`'s
to try again.
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
from todo.tasks import Owner, version

TRIES = 5  # to complete a task that others change at the same time
COPIED_FIELDS = [
    *("owner", "title", "description", "folded", "priority", "list", "labels"),
    *("due_date", "due_time", "repeat", "repeat_after_completion"),
]
IS_UNCHANGED = """
    id = %(pk)s AND owner_id = %(owner)s AND updated_at = %(version)s
    AND completed_at IS NULL AND deleted_at IS NULL
"""
LATER = "GREATEST(%(now)s, task.updated_at + INTERVAL '1 microsecond')"
COPIED_COLUMNS = statements.column_list(Task, COPIED_FIELDS)
TASK_COLUMNS = statements.column_list(Task, TASK_FIELDS)

# Locks the task, so that MOVE_TASK finds it too. Both get the same time.
ADD_COPY = statements.raw(
    f"""
    INSERT INTO task (id, copy_of, completion_key, completed_at, created_at, updated_at,
                      {COPIED_COLUMNS})
    SELECT %(copy)s, id, %(key)s, %(now)s, {LATER}, {LATER}, {COPIED_COLUMNS}
    FROM task WHERE {IS_UNCHANGED} FOR UPDATE
    ON CONFLICT (id) DO NOTHING
    """
)
MOVE_TASK = statements.raw(
    f"""
    UPDATE task
    SET due_date = %(next)s, repeat = %(next_rule)s, updated_at = {LATER}
    WHERE {IS_UNCHANGED}
    """
)
COMPLETE_LAST = statements.raw(
    f"""
    UPDATE task SET completed_at = %(now)s, updated_at = {LATER}
    WHERE {IS_UNCHANGED}
    """
)
# With the owner's time zone, if the date is still to be completed.
READ_TASK = statements.raw(
    f"""
    SELECT {TASK_COLUMNS}, (SELECT time_zone FROM "user"
        WHERE id = %(owner)s AND NOT EXISTS (
            SELECT FROM task WHERE id = %(copy)s OR (
                copy_of = %(pk)s AND owner_id = %(owner)s
                AND due_date = %(due)s AND created_at > %(version)s)))
    FROM task WHERE id = %(pk)s AND owner_id = %(owner)s AND deleted_at IS NULL
    """,
    [*TASK_FIELDS, "time_zone"],
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
# Not the one of the last date: after its completion, a task can repeat earlier.
IS_LATEST = """
    task.id = copy.copy_of AND task.owner_id = copy.owner_id
    AND task.completed_at IS NULL AND task.deleted_at IS NULL
    AND copy.due_date IS NOT NULL AND NOT EXISTS (
        SELECT FROM task later
        WHERE later.copy_of = copy.copy_of AND later.owner_id = copy.owner_id
            AND (later.created_at, later.due_date) > (copy.created_at, copy.due_date)
            AND later.deleted_at IS NULL)
"""
# What completing may add to a rule or change in it: COUNT and the day of the due date.
WRITTEN_PARTS = """
    to_char(copy.due_date,
        '";(COUNT=[0-9]+|BYMONTH="FMMM"|BYMONTHDAY="FMDD")(?=;|$)"')
"""
COUNT = "substring({}.repeat FROM 'COUNT=([0-9]+)')::int"
HAS_RULE_OF_COPY = f"""
    regexp_replace(task.repeat, {WRITTEN_PARTS}, '', 'g')
    = regexp_replace(copy.repeat, {WRITTEN_PARTS}, '', 'g')
    AND COALESCE({COUNT.format("task")} < {COUNT.format("copy")},
        {COUNT.format("task")} IS NOT DISTINCT FROM {COUNT.format("copy")})
"""
# In one statement, so that a task moves back only if its copy leaves, and vice versa.
MOVE_BACK = f"""
    WITH moved AS (
        UPDATE task SET due_date = copy.due_date, updated_at = {LATER},
            repeat = CASE WHEN {HAS_RULE_OF_COPY} THEN copy.repeat ELSE task.repeat END
        FROM {COPIES} WHERE {IS_LATEST} RETURNING copy.id AS copy_id
    )
    UPDATE task SET deleted_at = %(now)s, updated_at = {LATER}
    FROM moved WHERE id = copy_id
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

    In more, if others change that task at the same time. Returns the rows of the last
    verb, those of each read, and whether a task repeats.
    `at` and `key` are those of `follow_up`.
    """
    results, repeats = run_together(*verbs, *reads), False
    first_read = len(verbs)
    for _ in range(TRIES):
        rows = chain.from_iterable(results[:first_read])
        steps = [step for row in rows for step in follow_up(owner, row, key, at)]
        if not steps:
            break
        results, repeats = run_together(*steps, *reads), True
        first_read = len(steps)
    return results[first_read - 1], results[first_read:], repeats


def follow_up(
    owner: Owner, row: Row, key: UUID | None = None, at: datetime | None = None
) -> list[Statement]:
    """Return what is left to do after a verb; the last statement returns the row.

    If it did not find the task as it was, that row has something left to do again.
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
    following, now = _following(row, today), at or timezone.now()
    values = {"pk": row["id"], "owner": owner.pk, "now": now, "due": row["due_date"]}
    values |= {"version": row["updated_at"], "copy": copy_id(row)}
    if not following:
        return _bind([COMPLETE_LAST, READ_TASK], values)
    values |= {"key": key, "next": following[0], "next_rule": following[1]}
    return _bind([ADD_COPY, MOVE_TASK, READ_TASK], values)


def _following(row: Row, today: date) -> tuple[date, str] | None:
    """Return the next date of a task, and the rule to store; None after the last."""
    if not row["repeat"]:  # another client has ended the series just now
        return None
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


def copy_id(row: Row) -> UUID:
    """Return the id of the completed copy, so that a version is completed only once.

    Not of its date, on which a task can be again: it may repeat after its completion.
    """
    return uuid5(row["id"], str(version(row)))


def _bind(templates: list[Statement], values: dict[str, Any]) -> list[Statement]:
    return [template.bind(**values) for template in templates]


@cache
def _take_back(condition: str) -> list[Statement]:
    texts = (MOVE_BACK, DETACH_COPY)
    return [statements.raw(text.format(condition=condition)) for text in texts]
