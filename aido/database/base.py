"""Django's PostgreSQL backend with retries, time limits and the embedded server."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.db.backends import utils
from django.db.backends.base.base import RAN_DB_VERSION_CHECK
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg_pool import ConnectionPool, PoolTimeout

from aido import embedded, prepared, resilience
from aido.prepared import Call, Query

CONNECTION_TIMEOUT = 10.0  # seconds; a sleeping database has to wake up first
SHORT_CONNECTION_TIMEOUT = 1.0  # seconds, after another request timed out
RETRY_TIMEOUT = 10.0  # seconds, from the first failure of a statement
MAX_RETRY_DELAY = 1.0  # seconds between two attempts
NO_RETRY_PERIOD = 30.0  # seconds, after a server kept refusing for RETRY_TIMEOUT
MAX_WAITING_FOR_FAILOVER = 4  # threads; the others are for reads, which succeed
DRAIN_INTERVAL = 5.0  # seconds between two replacements of all connections

logger = logging.getLogger(__name__)
waiting = BoundedSemaphore(MAX_WAITING_FOR_FAILOVER)


class ErrorWrapper(DatabaseErrorWrapper):
    """Treat a server that refuses to work, such as a replica, as an outage.

    Its connection is closed, so that the next one may reach a server that works. The
    error becomes an OperationalError, like that of a broken connection.
    """

    wrapper: "DatabaseWrapper"  # which Django sets

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is None:
            return
        if resilience.is_refusal(exc_value):
            self.wrapper.discard_connection()
            error = OperationalError(*exc_value.args)
            raise error.with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


class Cursor(utils.CursorWrapper):
    """Retry a statement whose connection broke, if it is safe to run it twice."""

    db: "DatabaseWrapper"

    def execute(self, sql: Any, params: Any = None) -> Any:
        try:
            return super().execute(sql, params)
        except (OperationalError, InterfaceError) as error:
            return self.db.retry(sql, partial(self._execute_again, sql, params), error)

    def _execute_again(self, sql: Any, params: Any) -> Any:
        self.cursor = self.db.cursor().cursor
        return super().execute(sql, params)


class DebugCursor(Cursor, base.CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    # Shared by all threads, but not with the class of the replica.
    has_timed_out = False  # the last wait of a full CONNECTION_TIMEOUT
    no_retry_until = 0.0  # while a server is known to refuse
    drained_at = float("-inf")
    started_server: embedded.Server | None = None

    @cached_property
    def wrap_database_errors(self) -> ErrorWrapper:
        return ErrorWrapper(self)

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)

    def can_retry(self, sql: str) -> bool:
        """Return whether the connection broke and the statement may run again."""
        is_broken = self.connection is None or self.connection.closed
        # Inside of atomic() autocommit is off.
        return is_broken and self.autocommit and resilience.is_idempotent(sql)

    def retry[T](self, sql: str, run: Callable[[], T], error: Exception) -> T:
        """Run a statement that failed on new connections; raise the last error.

        One retry is not enough: while a server restarts, a pooler may accept
        connections that break on their first statement.
        """
        if not self.can_retry(sql):
            raise error
        with self.limit_retries(error) as seconds:
            if not seconds:
                raise error
            logger.warning("Retrying a statement: %s", error)
            resilience.record_retry()
            type(self).started_server = None  # it may have stopped
            give_up_at = monotonic() + seconds
            delay = 0.0
            while self.can_retry(sql) and monotonic() + delay < give_up_at:
                self.close()
                sleep(delay)
                delay = min(2 * delay or 0.1, MAX_RETRY_DELAY)
                try:
                    return run()
                except (OperationalError, InterfaceError) as next_error:
                    error = next_error
            raise error

    @contextmanager
    def limit_retries(self, error: Exception) -> Iterator[float]:
        """Yield for how many seconds a statement that failed may be retried.

        Only a few threads wait for a server that refuses, and none if that is known.
        """
        left = resilience.time_left()
        timeout = RETRY_TIMEOUT if left is None else min(left, RETRY_TIMEOUT)
        if not resilience.is_refusal(error.__cause__):
            yield timeout
        elif monotonic() < self.no_retry_until or not waiting.acquire(blocking=False):
            yield 0.0
        else:
            try:
                yield timeout
            except OperationalError as last_error:
                if resilience.is_refusal(last_error.__cause__):
                    type(self).no_retry_until = monotonic() + NO_RETRY_PERIOD
                raise
            finally:
                waiting.release()

    def run_queries(self, calls: Sequence[Call]) -> list[list[Any]]:
        """Run idempotent queries in one round trip, see `aido.prepared`."""
        try:
            return self._run_queries(calls)
        except (OperationalError, InterfaceError) as error:
            run = partial(self._run_queries, calls)
            with resilience.idempotent():
                return self.retry(calls[0].query.sql.decode(), run, error)

    def _run_queries(self, calls: Sequence[Call]) -> list[list[Any]]:
        self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            return prepared.run(self.connection, calls)

    def read_row(self, query: Query) -> tuple[Any, ...]:
        """Return the row that a query without values reads."""
        if self.is_observed:
            with self.cursor() as cursor:
                cursor.execute(query.sql.decode())
                return cursor.fetchone()
        [[row]] = self.run_queries([Call(query, [], tuple)])
        return row

    @property
    def is_observed(self) -> bool:
        """Return whether each statement has to pass through Django's cursor."""
        return self.queries_logged or bool(self.execute_wrappers)

    def discard_connection(self) -> None:
        """Close the connection, and replace the pool's, which lead to the same server.

        After a failover they would go on to read from the old primary.
        """
        if self.connection is None:
            return
        with suppress(psycopg.Error):
            self.connection.close()
        is_due = monotonic() - type(self).drained_at > DRAIN_INTERVAL
        if self.pool and is_due:
            type(self).drained_at = monotonic()
            self.pool.drain()

    def connect(self) -> None:
        """Take a connection from the pool, without what Django does with new ones.

        With `close` this took 25 µs of a request, now 12. The first connection of a
        process is also checked for the version of the server.
        """
        pool = self.pool
        if not pool or self.alias not in RAN_DB_VERSION_CHECK:
            return super().connect()
        self.in_atomic_block = self.needs_rollback = False
        self.closed_in_transaction = self.errors_occurred = False
        self.savepoint_ids, self.atomic_blocks = [], []
        self.close_at = 0.0  # at the next look for old ones: it belongs to the pool
        self.connection = self._connect(pool)
        self._set_autocommit(True)
        self.autocommit = True
        self.run_on_commit = []

    def close(self) -> None:
        """Return the connection to the pool."""
        pool = self.pool
        if self.connection is None or self.in_atomic_block or not pool:
            return super().close()
        self.run_on_commit = []
        connection, self.connection = self.connection, None
        with self.wrap_database_errors:
            pool.putconn(connection)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return self._connect(self.pool, **conn_params)

    def _connect(self, pool: ConnectionPool | None, **conn_params: Any) -> Any:
        self._start_embedded_server()
        try:
            if pool:
                return self._take_connection(pool)
            return prepared.Connection.connect(**conn_params)
        except psycopg.OperationalError:
            type(self).started_server = None
            raise

    def _take_connection(self, pool: ConnectionPool) -> Any:
        if pool.closed:
            pool.open()
        timeout = self._connection_timeout()
        try:
            connection = pool.getconn(timeout=timeout)
        except PoolTimeout:
            # A health check stops waiting before a sleeping database can wake up.
            if timeout >= CONNECTION_TIMEOUT:
                type(self).has_timed_out = True
            raise
        if self.has_timed_out:  # to set it each time would empty CPython's caches
            type(self).has_timed_out = False
        return connection

    def _set_autocommit(self, autocommit: bool) -> None:
        """Skip it if it is set, as on every connection of the pool.

        psycopg would wait for the connection, which took 3 % of a request for a task.
        """
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _connection_timeout(self) -> float:
        """Return the seconds to wait for a connection.

        The timeout is short after another one, because otherwise, in an outage, every
        thread would wait and none would be left to answer /livez.
        """
        has_timed_out = type(self).has_timed_out
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
        """Start the server, unless it was started since the last failure."""
        server = self.settings_dict.get("EMBEDDED")
        if server and server is not self.started_server:
            try:
                server.start()
            except embedded.EmbeddedError as error:
                raise OperationalError(str(error)) from error
            type(self).started_server = server
