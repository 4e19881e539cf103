"""Django's migrate, which may run while the service is used, and on two machines."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connections

from aido.database.errors import encoding_error, sqlstate
from aido.database.locks import fetch_value, lock_holders, lock_timeout

MIGRATE_LOCK = 0x6169646F  # "aido", the key of an advisory lock
TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
UNLOCK = "SELECT pg_advisory_unlock(%s)"
LOCK_NOT_AVAILABLE = "55P03"
# A statement that waits for a lock on a table makes all other requests for it wait.
LOCK_TIMEOUT = "500ms"
RETRY_DELAY = 2.0  # seconds
GIVE_UP_AFTER = 600.0  # seconds


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        connection.ensure_connection()
        if error := encoding_error(connection):
            raise CommandError(error)
        with self.only_one(connection), lock_timeout(connection, LOCK_TIMEOUT):
            self.migrate(connection, *args, **options)

    def migrate(self, connection: Any, *args: Any, **options: Any) -> None:
        """Migrate, and begin again when a statement cannot get a lock soon."""
        give_up_at = time.monotonic() + GIVE_UP_AFTER
        while True:
            failed: list[str] = []
            try:
                with connection.execute_wrapper(record_failure(failed)):
                    return super().handle(*args, **options)
            except OperationalError as error:
                if sqlstate(error) != LOCK_NOT_AVAILABLE:
                    raise
                message = waiting_text(connection, failed[0] if failed else error)
                if time.monotonic() > give_up_at:
                    raise CommandError(f"{message}\nRun migrate again later.") from None
            self.stderr.write(message)
            time.sleep(RETRY_DELAY)

    @contextmanager
    def only_one(self, connection: Any) -> Iterator[None]:
        """Let no other process migrate this database in the meantime."""
        self.take_lock(connection)
        try:
            yield
        finally:
            if connection.is_usable():
                fetch_value(connection, UNLOCK, MIGRATE_LOCK)

    def take_lock(self, connection: Any) -> None:
        """Wait until no other process has the lock.

        By polling: an index that is built concurrently waits for all statements in
        progress, and so for one that waits for an advisory lock.
        """
        give_up_at = time.monotonic() + GIVE_UP_AFTER
        is_waiting = False
        while not fetch_value(connection, TRY_LOCK, MIGRATE_LOCK):
            if time.monotonic() > give_up_at:
                raise CommandError("Another migrate is still running.")
            if not is_waiting:
                self.stderr.write("Waiting for another migrate.")
            is_waiting = True
            time.sleep(0.5)


def waiting_text(connection: Any, waiting: object) -> str:
    """Say what waits for a lock, and who holds locks."""
    return "\n  ".join([f"Waiting for a lock: {waiting}", *lock_holders(connection)])


def record_failure(failed: list[str]) -> Any:
    """Return a wrapper of statements that adds the one that fails to the list."""

    def execute(run: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return run(sql, params, many, context)
        except Error:
            failed.append(str(sql))
            raise

    return execute
