"""Django's PostgreSQL backend, told when to start the server and how long to wait."""

from django.db import OperationalError
from django.db.backends.postgresql import base

from aido import embedded, resilience


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        self._start_embedded()
        if not self.pool:
            return super().get_new_connection(conn_params)
        self.pool.open()
        return self.pool.getconn(timeout=resilience.time_left())

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
