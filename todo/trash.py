"""Deleting tasks permanently, and remembering that for clients that synchronize."""

from functools import cache
from uuid import UUID

from todo import statements
from todo.statements import Statement
from todo.tasks import ACTIVE_SESSION, Owner, bind

BATCH = 5_000  # rows per statement, so that no lock is held for long
# Follows rows `deleted` with an `owner_id` and the time `changed_at`. A row may have an
# `updated_at` in the future, which must not become `purged_until`: clients that
# synchronize would have to start again until then.
REMEMBER_AND_COUNT = """
    latest AS (
        SELECT owner_id, COUNT(*) AS number, MAX(changed_at) AS changed_at
        FROM deleted GROUP BY owner_id
    ), remembered AS (
        UPDATE "user" SET purged_until =
            GREATEST(purged_until, LEAST(changed_at, CLOCK_TIMESTAMP()))
        FROM latest WHERE "user".id = owner_id
    )
    SELECT COALESCE(SUM(number), 0) FROM latest
"""
# The user is locked before the tasks, as in User.delete().
DELETE = f"""
    ), found AS (
        SELECT task.id FROM task JOIN owner ON task.owner_id = owner.id
        WHERE task.deleted_at IS NOT NULL {{condition}} LIMIT {{limit}}
    ), deleted AS (
        DELETE FROM task USING found WHERE task.id = found.id
        RETURNING task.owner_id, GREATEST(updated_at, imported_at) AS changed_at
    ), {REMEMBER_AND_COUNT}
"""


def delete(owner: Owner, pk: UUID) -> Statement:
    """Delete a task that is in the trash; return a row with the `number` deleted."""
    return bind(_delete("AND task.id = %(pk)s"), owner, pk=pk)


def empty(owner: Owner) -> int:
    """Delete all tasks in the trash; return how many, in a round trip per BATCH."""
    total, number = 0, BATCH
    while number == BATCH:
        [row] = bind(_delete(""), owner).rows()
        number = int(row["number"])
        total += number
    return total


@cache
def _delete(condition: str) -> Statement:
    session = statements.select(ACTIVE_SESSION, ["user_id"])
    rest = statements.raw(DELETE.format(condition=condition, limit=BATCH))
    return Statement(
        'WITH owner AS MATERIALIZED (SELECT id FROM "user"'
        f" WHERE id IN ({session.sql}) FOR NO KEY UPDATE {rest.sql}",
        [*session.parameters, *rest.parameters],
        ["number"],
    )
