"""What keeps a request alive when the database sleeps, restarts or is killed."""

import ctypes
import select
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from time import monotonic

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

PATIENCE = 30.0  # seconds for the answer to a statement

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_is_idempotent: ContextVar[bool] = ContextVar("is_idempotent", default=False)

# A connection that died is replaced soon: the pool itself would pause for a second.
AttemptWithBackoff.INITIAL_DELAY = 0.1  # seconds, doubled after each failure


@contextmanager
def time_limit(seconds: float):
    """No wait in this block, for a pooled connection or an answer, lasts longer."""
    token = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float | None:
    """Seconds until the time limit, or None where there is none."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - monotonic())


@contextmanager
def idempotent():
    """Says that what is written in this block may be written twice without harm."""
    token = _is_idempotent.set(True)
    try:
        yield
    finally:
        _is_idempotent.reset(token)


def is_idempotent(sql):
    """Whether the statement may run again, when nobody knows if it ran: all reads."""
    return _is_idempotent.get() or sql.startswith(("SELECT", "EXPLAIN"))


class Connection(psycopg.Connection):
    """A connection whose waits end, at the time limit at the latest.

    With an OperationalError; what the server was asked to do is cancelled.
    """

    def wait(self, gen, *args, **kwargs):
        left = time_left()
        kwargs["timeout"] = PATIENCE if left is None else min(left, PATIENCE)
        try:
            return super().wait(gen, *args, **kwargs)
        except psycopg.OperationalError:
            # Else the server would go on, beside the connection that replaces this.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                with suppress(psycopg.Error):
                    self.cancel_safe(timeout=0.3)
            raise


def check(connection: psycopg.Connection) -> None:
    """The pool's liveness check, without a round trip; raises OperationalError.

    An idle connection has nothing to say. If its socket is readable, the server has
    closed it or told why it will, or has sent a notice: a query finds out which.
    """
    if not _is_readable(connection.pgconn.socket):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.OperationalError:
        # What closed this one closed the others: replace them all at once, since
        # each that a request comes upon costs it a pause of the pool.
        connection._pool.check()
        raise


class _PollFd(ctypes.Structure):
    _fields_ = [
        ("socket", ctypes.c_int),
        ("events", ctypes.c_short),
        ("found", ctypes.c_short),
    ]


# select.poll() would let another thread run, and wait for it: 7 % of a request.
_poll = ctypes.PyDLL(None).poll


def _is_readable(socket: int) -> bool:
    asked = _PollFd(socket, select.POLLIN | select.POLLPRI, 0)
    return bool(_poll(ctypes.byref(asked), 1, 0))
