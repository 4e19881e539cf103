"""How long statements wait for locks, and who holds the locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOCK_HOLDERS = """
    SELECT DISTINCT format(
        'held by process %s, %s, for %s s: %s', pid, application_name,
        extract(epoch FROM now() - xact_start)::int, left(query, 60))
    FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND locktype = 'relation' AND granted
        AND xact_start < now() - interval '500 ms'
"""


@contextmanager
def lock_timeout(connection: Any, timeout: str) -> Iterator[None]:
    """Limit how long a statement in this block waits for a lock; "0" is no limit."""
    former = fetch_value(connection, "SELECT current_setting('lock_timeout')")
    set_lock_timeout(connection, timeout)
    try:
        yield
    finally:
        if connection.is_usable():
            set_lock_timeout(connection, former)


def set_lock_timeout(connection: Any, timeout: str) -> None:
    fetch_value(connection, "SELECT set_config('lock_timeout', %s, false)", timeout)


def lock_holders(connection: Any) -> list[str]:
    """Describe the transactions that have held a lock on a table for a while."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HOLDERS)
        return [description for (description,) in cursor.fetchall()]


def fetch_value(connection: Any, sql: str, *parameters: Any) -> Any:
    """Return the first value of the first row, or None if there is no row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None
