"""Django's migrate, which may run while the service is used, and on two machines."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connections

from aido.database.errors import encoding_error
from aido.database.operations import set_lock_timeout

MIGRATE_LOCK = 0x6169646F  # "aido", the key of an advisory lock
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
        with self.only_one(connection), lock_timeout(connection):
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
                if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                message = f"Waiting for a lock: {failed[0] if failed else error}"
                for holder in lock_holders(connection):
                    message += f"\n  {holder}"
                if time.monotonic() > give_up_at:
                    raise CommandError(f"{message}\nRun migrate again later.") from None
            self.stderr.write(message)
            time.sleep(RETRY_DELAY)

    @contextmanager
    def only_one(self, connection: Any) -> Iterator[None]:
        """Wait until no other process migrates this database.

        By polling: an index that is built concurrently waits for all statements in
        progress, and so for one that waits for an advisory lock.
        """
        give_up_at = time.monotonic() + GIVE_UP_AFTER
        is_waiting = False
        while not ask(connection, "SELECT pg_try_advisory_lock(%s)", MIGRATE_LOCK):
            if time.monotonic() > give_up_at:
                raise CommandError("Another migrate is still running.")
            if not is_waiting:
                self.stderr.write("Waiting for another migrate.")
            is_waiting = True
            time.sleep(0.5)
        try:
            yield
        finally:
            if connection.is_usable():
                ask(connection, "SELECT pg_advisory_unlock(%s)", MIGRATE_LOCK)


@contextmanager
def lock_timeout(connection: Any) -> Iterator[None]:
    set_lock_timeout(connection, LOCK_TIMEOUT)
    try:
        yield
    finally:
        if connection.is_usable():
            set_lock_timeout(connection, "0")


def record_failure(failed: list[str]) -> Any:
    """Return a wrapper of statements that adds the one that fails to the list."""

    def execute(run: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return run(sql, params, many, context)
        except Error:
            failed.append(str(sql))
            raise

    return execute


def lock_holders(connection: Any) -> list[str]:
    """Describe the transactions that have held a lock on a table for a while."""
    sql = """
        SELECT DISTINCT format(
            'held by process %s, %s, for %s s: %s', pid, application_name,
            extract(epoch FROM now() - xact_start)::int, left(query, 60))
        FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND locktype = 'relation' AND granted
            AND xact_start < now() - interval '500 ms'
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [description for (description,) in cursor.fetchall()]


def ask(connection: Any, sql: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]
