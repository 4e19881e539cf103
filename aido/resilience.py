"""Keep requests alive while the database sleeps, restarts or kills connections.

All use of the private parts of psycopg_pool is in this file.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

from aido import prepared

STATEMENT_TIMEOUT = 30.0  # seconds
CANCEL_TIMEOUT = 3.0  # seconds; a cancellation needs a new connection to the server
SHORT_CANCEL_TIMEOUT = 0.3  # seconds, inside a time limit

# Errors of a server that refuses to work, although the connection is fine.
READ_ONLY = "25006"  # a replica, a fenced primary, or default_transaction_read_only
REFUSALS = (
    READ_ONLY,
    "25P03",  # idle_in_transaction_session_timeout, which ends the connection
    "25P04",  # transaction_timeout, which ends the connection
    "53",  # class: disk full, out of memory, too many connections
    "57P03",  # cannot_connect_now: it is starting, stopping or recovering
)

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_block: ContextVar["IdempotentBlock | None"] = ContextVar("block", default=None)

# The pool waits this long before it retries a failed connection, and doubles the delay
# after each further failure. Its default of a second is too long for a request to wait,
# and it is not an option of the pool.
AttemptWithBackoff.INITIAL_DELAY = 0.1  # seconds


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit every wait in this block, for a pooled connection or a result."""
    token = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float | None:
    """Return the seconds until the time limit, or None without one."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - monotonic())


class IdempotentBlock:
    """A block of writes that may be retried, and whether one was."""

    has_retried = False


@contextmanager
def idempotent() -> Iterator[IdempotentBlock]:
    """Mark the writes in this block as idempotent: they may be retried.

    A block inside of another one is part of it.
    """
    block = _block.get() or IdempotentBlock()
    token = _block.set(block)
    try:
        yield block
    finally:
        _block.reset(token)


def is_idempotent(sql: str) -> bool:
    """Return whether the statement may run twice, as every read may."""
    return _block.get() is not None or sql.startswith("SELECT")


def record_retry() -> None:
    if block := _block.get():
        block.has_retried = True


def is_refusal(error: BaseException | None) -> bool:
    """Return whether psycopg raised this error because the server refuses to work."""
    return (getattr(error, "sqlstate", None) or "").startswith(REFUSALS)


class Connection(prepared.Connection):
    """A connection on which no statement takes longer than the time limit.

    A statement that does is cancelled, and raises OperationalError.
    """

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        left = time_left()
        kwargs["timeout"] = STATEMENT_TIMEOUT if left is None else left
        try:
            return super().wait(gen, *args, **kwargs)
        except psycopg.OperationalError:
            # Otherwise the server would go on with it after this connection is closed.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                with suppress(psycopg.Error):
                    self.cancel_safe(
                        timeout=CANCEL_TIMEOUT if left is None else SHORT_CANCEL_TIMEOUT
                    )
            raise


def check(connection: psycopg.Connection[Any]) -> None:
    """Check that a pooled connection is alive; raise OperationalError if it is not.

    Usually without a round trip: the server sends nothing on an idle connection. If
    the socket is readable, the server has closed it, has announced that it will, or
    has sent a notification, and a query finds out which.
    """
    if not _is_readable(connection.pgconn.socket):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.OperationalError:
        # Whatever closed this connection has probably closed the others too. Replace
        # them all now: the pool's delay doubles with each dead one that it finds.
        if isinstance(connection._pool, ConnectionPool):
            connection._pool.check()
        raise


def _is_readable(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
