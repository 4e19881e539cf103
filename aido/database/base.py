"""Django's PostgreSQL backend with retries, time limits and the embedded server."""

from time import monotonic
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends import utils
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from aido import embedded, resilience

CONNECTION_TIMEOUT = 10.0  # seconds; a sleeping database has to wake up first
SHORT_CONNECTION_TIMEOUT = 1.0  # seconds, after another request timed out
RETRY_TIMEOUT = 10.0  # seconds, from the first failure of a statement


class Cursor(utils.CursorWrapper):
    """Retry a statement whose connection broke, if it is safe to run it twice.

    One retry is not enough: while a server restarts, a pooler may accept connections
    that break on their first statement.
    """

    db: "DatabaseWrapper"

    def execute(self, sql: Any, params: Any = None) -> Any:
        give_up_at = None
        while True:
            try:
                return super().execute(sql, params)
            except (OperationalError, InterfaceError):
                give_up_at = give_up_at or monotonic() + RETRY_TIMEOUT
                if monotonic() > give_up_at or not self.db.can_retry(sql):
                    raise
            self.db.close()
            self.cursor = self.db.cursor().cursor


class DebugCursor(Cursor, base.CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    # Whether the last wait of CONNECTION_TIMEOUT, on any thread, ended without success.
    has_timed_out = False

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)

    def can_retry(self, sql: str) -> bool:
        """Return whether the connection broke and the statement may run again."""
        is_broken = self.connection is None or self.connection.closed
        # Inside of atomic() autocommit is off.
        return is_broken and self.autocommit and resilience.is_idempotent(sql)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._start_embedded_server()
        pool = self.pool
        if not pool:
            return super().get_new_connection(conn_params)
        pool.open()
        timeout = self._connection_timeout()
        try:
            connection = pool.getconn(timeout=timeout)
        except PoolTimeout:
            # A health check stops waiting before a sleeping database can wake up.
            if timeout >= CONNECTION_TIMEOUT:
                DatabaseWrapper.has_timed_out = True
            raise
        DatabaseWrapper.has_timed_out = False
        return connection

    def _connection_timeout(self) -> float:
        """Return the seconds to wait for a connection.

        The timeout is short after another one, because otherwise, in an outage, every
        thread would wait and none would be left to answer /livez.
        """
        has_timed_out = DatabaseWrapper.has_timed_out
        timeout = SHORT_CONNECTION_TIMEOUT if has_timed_out else CONNECTION_TIMEOUT
        left = resilience.time_left()
        return timeout if left is None else min(left, timeout)

    def open_pool(self) -> None:
        """Start connecting, so that the first request finds a connection."""
        self._start_embedded_server()
        self.pool.open()

    def connect_once(self) -> None:
        """Connect without the pool, which would hide the server's error message."""
        self._start_embedded_server()
        with self.wrap_database_errors:
            self.Database.connect(**self.get_connection_params()).close()

    def _start_embedded_server(self) -> None:
        if server := self.settings_dict.get("EMBEDDED"):
            try:
                server.start()
            except embedded.EmbeddedError as error:
                raise OperationalError(str(error)) from error
