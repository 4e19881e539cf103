"""Reads that may be a moment old, from the replica that DATABASE_URL_READ leads to.

The primary serves them if there is no replica, or while it is away, is promoted, or may
be more than MAX_LAG behind. As ENGINE, this package is the backend of the replica.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connections,
)
from django.utils import timezone

from aido.resilience import time_limit

ALIAS = "replica"
MAX_LAG = timedelta(seconds=10)
TIMEOUT = 5.0  # seconds, for one call of `read`
PAUSE = 30.0  # seconds until the replica is tried again after an error
# A replica that lacks the latest migration raises ProgrammingError.
ERRORS = (OperationalError, InterfaceError, ProgrammingError)

# When the last replayed transaction had ended, on the primary's clock. All that
# committed before it are visible to statements that start later. While the primary is
# idle, nothing shows that a replica is not behind; then the primary has time to serve.
# NULL on a server that is not a replica, or no longer one.
REPLAY_TIME = (
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() END"
)
IDENTITY = (
    "SELECT pg_is_in_recovery(), system_identifier || current_database()"
    " FROM pg_control_system()"
)

logger = logging.getLogger(__name__)
_paused_until = float("-inf")


class Behind(Exception):
    """The replica is promoted, or may be too far behind."""


def is_in_use() -> bool:
    """Return whether `read` tries the replica."""
    return ALIAS in connections.settings and monotonic() > _paused_until


def read[T](query: Callable[[str], T]) -> T:
    """Return query(alias) for the replica or else, also if it fails, for the primary.

    The query may raise Behind.
    """
    if is_in_use():
        try:
            with time_limit(TIMEOUT):
                check_lag(replay_time())
                return query(ALIAS)
        except Behind:
            pass
        except ERRORS as error:
            pause(error)
    return query(DEFAULT_DB_ALIAS)


def replay_time() -> datetime | None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(REPLAY_TIME)
        return cursor.fetchone()[0]


def identity(alias: str) -> tuple[bool, str]:
    """Return whether it is a replica, and an id of its database on all servers."""
    with connections[alias].cursor() as cursor:
        cursor.execute(IDENTITY)
        return cursor.fetchone()


def check_lag(replay_time: datetime | None) -> None:
    """Raise Behind unless all of MAX_LAG ago was replayed."""
    if replay_time is None or timezone.now() - replay_time > MAX_LAG:
        raise Behind(f"Replayed until {replay_time}")


def pause(error: Exception) -> None:
    """Let the primary serve for a while, so that few requests wait for the replica."""
    global _paused_until
    _paused_until = monotonic() + PAUSE
    connections[ALIAS].close()
    logger.warning("The replica is not used for %d seconds: %s", PAUSE, error)
