"""Migration operations that may run again, and that lock no table for long."""

from contextlib import AbstractContextManager
from typing import Any

from django.contrib.postgres import operations

from aido.database.locks import fetch_value, lock_timeout

INDEX_IS_VALID = """
    SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))
"""


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


def wait_for_locks(connection: Any) -> AbstractContextManager[None]:
    """Wait for locks without a limit, in a block of statements that block no writes.

    A concurrent build waits for the transactions that began before it. If that fails,
    the index is left invalid.
    """
    return lock_timeout(connection, "0")


def index_is_valid(connection: Any, name: str) -> bool | None:
    """Return None if there is no such index."""
    return fetch_value(connection, INDEX_IS_VALID, name)
