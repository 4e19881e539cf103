"""Errors of the database and the configuration as messages for a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import Error

from aido.neon import mask

UNDEFINED_TABLE = "42P01"
HINTS = {
    "password authentication failed": "Check the user and password in DATABASE_URL.",
    "could not translate host name": "Check the host in DATABASE_URL.",
    "failed to resolve host": "Check the host in DATABASE_URL.",
    "Connection refused": "Is the server running? Check host and port in DATABASE_URL.",
    "timeout expired": "Is the host reachable? Check host and port in DATABASE_URL.",
    "certificate verify failed": "Check sslmode and sslrootcert in DATABASE_URL.",
    "no pg_hba.conf entry": "The server rejects this combination of host, user and"
    " sslmode. Check them in DATABASE_URL.",
    "root certificate file": "Check sslrootcert in DATABASE_URL.",
    'database "': "Create the database, or check its name in DATABASE_URL.",
    "read-only transaction": "Does DATABASE_URL lead to a replica? Or is"
    " default_transaction_read_only on for the role, the database or the server?",
    "permission denied for schema": "As the owner of the database, run `GRANT CREATE ON"
    " SCHEMA public TO role`, with the role in DATABASE_URL.",
    "unsupported startup parameter": "A PgBouncer older than 1.20 needs"
    " `ignore_startup_parameters = extra_float_digits, options`.",
}
WRONG_ENCODING = (
    "The encoding of the database is {}, but aido needs UTF8. Create another one:"
    " CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C'"
    " LC_CTYPE 'C'; and set DATABASE_URL."
)


@contextmanager
def errors_as_messages(traceback: bool = False) -> Iterator[None]:
    """On an expected error, exit with a message instead of a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, the convention of shells
    except (Error, ImproperlyConfigured) as error:
        if traceback:
            raise
        sys.exit(f"Error: {explain(error)}")


def explain(error: Exception) -> str:
    """Return the error's message without passwords, and a hint if there is one."""
    text = mask(" ".join(str(error).split()))
    if sqlstate(error) == UNDEFINED_TABLE:
        hint = "Run `python manage.py migrate` first."
    else:
        hint = next((hint for part, hint in HINTS.items() if part in text), "")
    return f"{text}\n{hint}".rstrip()


def sqlstate(error: Exception) -> str:
    """Return PostgreSQL's code of a Django error, or ""."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def encoding_error(connection: Any) -> str:
    """Return why the encoding of the database is wrong and what to do, or ""."""
    encoding = connection.connection.info.parameter_status("server_encoding")
    return "" if encoding == "UTF8" else WRONG_ENCODING.format(encoding)
