"""Errors of the database and the configuration, in one or two lines for a terminal."""

import sys
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import Error

from aido.neon import mask

HINTS = {
    "password authentication failed": "Check the user and password in DATABASE_URL.",
    "could not translate host name": "Check the host in DATABASE_URL.",
    "failed to resolve host": "Check the host in DATABASE_URL.",
    "Connection refused": "Is the server running? Check host and port in DATABASE_URL.",
    "timeout expired": "Is the host reachable? Check host and port in DATABASE_URL.",
    "certificate verify failed": "Check sslmode and sslrootcert in DATABASE_URL.",
    "no pg_hba.conf entry": "The server wants another host, user or sslmode.",
    "root certificate file": "Check sslrootcert in DATABASE_URL.",
    'database "': "Make that database, or check the name in DATABASE_URL.",
    "unsupported startup parameter": "A PgBouncer before 1.20 needs"
    " `ignore_startup_parameters = extra_float_digits, options`.",
}


@contextmanager
def in_plain_words(traceback: bool = False):
    """End the process with a message instead of a traceback, unless it is asked for."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell tells of Ctrl-C
    except (Error, ImproperlyConfigured) as error:
        if traceback:
            raise
        sys.exit(f"Error: {explain(error)}")


def explain(error: Exception) -> str:
    """What went wrong, and what to do about it."""
    text = mask(" ".join(str(error).split()))
    if getattr(error.__cause__, "sqlstate", None) == "42P01":  # undefined table
        hint = "Run `python manage.py migrate` first."
    else:
        hint = next((hint for part, hint in HINTS.items() if part in text), "")
    return f"{text}\n{hint}".rstrip()
