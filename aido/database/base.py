"""Django's PostgreSQL backend, told when to start the server, wait, and try again."""

from time import monotonic

from django.db import InterfaceError, OperationalError
from django.db.backends import utils
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from aido import embedded, resilience

PATIENCE = 10.0  # seconds for a connection, as a sleeping database may need
SHORT_PATIENCE = 1.0  # seconds, once others have waited that long in vain


class ReplayMixin:
    """Repeats a statement whose connection died, where that does no harm.

    More than once, if need be: while a server restarts, a pooler takes connections
    that die at their first statement.
    """

    def execute(self, sql, params=None):
        give_up_at = None
        while True:
            try:
                return super().execute(sql, params)
            except (OperationalError, InterfaceError):
                give_up_at = give_up_at or monotonic() + PATIENCE
                if monotonic() > give_up_at or not self.db.may_replay(sql):
                    raise
            self.db.close()
            self.cursor = self.db.cursor().cursor


class Cursor(ReplayMixin, utils.CursorWrapper):
    pass


class DebugCursor(ReplayMixin, base.CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    gave_up = False  # whether the last to wait for all of PATIENCE got no connection

    def make_cursor(self, cursor):
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor):
        return DebugCursor(cursor, self)

    def may_replay(self, sql):
        """Whether the connection is what failed, and the statement may run again."""
        is_dead = self.connection is None or self.connection.closed
        is_alone = self.autocommit and not self.in_atomic_block
        return is_dead and is_alone and resilience.is_idempotent(sql)

    def get_new_connection(self, conn_params):
        self._start_embedded()
        pool = self.pool
        if not pool:
            return super().get_new_connection(conn_params)
        pool.open()
        patience = self._patience()
        try:
            connection = pool.getconn(timeout=patience)
        except PoolTimeout:
            if patience >= PATIENCE:  # a probe leaves before a sleeper can wake
                DatabaseWrapper.gave_up = True
            raise
        DatabaseWrapper.gave_up = False
        return connection

    def _patience(self):
        """Seconds to wait for a connection: few, while it is known that none comes.

        Otherwise every thread would wait for it, and none be left to say so.
        """
        patience = SHORT_PATIENCE if DatabaseWrapper.gave_up else PATIENCE
        left = resilience.time_left()
        return patience if left is None else min(left, patience)

    def _set_autocommit(self, autocommit):
        if self.connection.autocommit != autocommit:  # from the pool it comes with it
            super()._set_autocommit(autocommit)

    def open_pool(self):
        """Begin to connect, so that the first request finds a connection."""
        self._start_embedded()
        self.pool.open()

    def connect_once(self):
        """Connect past the pool: an error comes at once, in the server's own words."""
        self._start_embedded()
        with self.wrap_database_errors:
            self.Database.connect(**self.get_connection_params()).close()

    def _start_embedded(self):
        if server := self.settings_dict.get("EMBEDDED"):
            try:
                server.start()
            except embedded.EmbeddedError as error:
                raise OperationalError(str(error)) from error
