"""Migration operations that may run again, and that lock no table for long."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.contrib.postgres import operations
from django.db import Error


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Create an index without blocking writes, unless it exists.

    A build that was interrupted leaves an invalid index, which is replaced.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        connection, name = schema_editor.connection, self.index.name
        is_valid = index_is_valid(connection, name)
        if is_valid:
            return
        with wait_for_locks(connection):
            if is_valid is False:
                quoted = connection.ops.quote_name(name)
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Drop an index without blocking writes, if it exists."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, *states: Any
    ) -> None:
        with wait_for_locks(schema_editor.connection):
            super().database_forwards(app_label, schema_editor, *states)


def index_is_valid(connection: Any, name: str) -> bool | None:
    """Return None if there is no such index."""
    sql = (
        "SELECT indisvalid FROM pg_index"
        " WHERE indexrelid = to_regclass(quote_ident(%s))"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [name])
        row = cursor.fetchone()
    return row[0] if row else None


@contextmanager
def wait_for_locks(connection: Any) -> Iterator[None]:
    """Wait for locks without a limit, in a block of statements that block no writes.

    A concurrent build waits for the transactions that began before it. If that fails,
    the index is left invalid.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        timeout = cursor.fetchone()[0]
    set_lock_timeout(connection, "0")
    try:
        yield
    finally:
        with suppress(Error):  # the connection broke
            set_lock_timeout(connection, timeout)


def set_lock_timeout(connection: Any, timeout: str) -> None:
    """Limit how long a statement waits for a lock; "0" is no limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [timeout])
