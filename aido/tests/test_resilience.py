"""The pool on a real PostgreSQL: reuse, liveness checks, size, retries, time limits."""

import logging
import select
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.db.utils import ConnectionHandler

from aido import database
from aido.database.base import DatabaseWrapper
from aido.resilience import idempotent, is_idempotent, time_left, time_limit

BACKEND = "SELECT pg_backend_pid()"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_earlier_timeout(monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "has_timed_out", False)


@pytest.fixture
def pool_size():
    return 5


@pytest.fixture
def pooled(proxy, proxied_url, pool_size):
    """Django connections to the test database through a pool: `p`."""
    config = database.config_from_url(proxied_url, pool=(1, pool_size))
    settings = connection.settings_dict
    handler = ConnectionHandler({"default": settings, "p": config})
    handler["p"].open_pool()
    handler["p"].pool.wait()
    yield handler
    handler["p"].close()
    proxy.stop()
    handler["p"].close_pool()


def ask(handler, sql="SELECT 1"):
    """Do what a request does: take a connection, run a statement, return it."""
    try:
        with handler["p"].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        handler["p"].close()


def kill(*pids):
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def fill(handler, size):
    """Use all connections of the pool at once; return the pids of their backends."""
    barrier = threading.Barrier(size)

    def use(_):
        with handler["p"].cursor() as cursor:
            cursor.execute(BACKEND)
            barrier.wait(60)
            pid = cursor.fetchone()[0]
        handler["p"].close()
        return pid

    with ThreadPoolExecutor(size) as threads:
        return set(threads.map(use, range(size)))


def eventually(condition, seconds=60):
    """Return whether the condition becomes true in time."""
    give_up_at = time.monotonic() + seconds
    while not (is_true := condition()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return is_true


def test_fifty_requests_share_one_connection(pooled, proxy):
    for _ in range(50):
        ask(pooled)

    assert proxy.connections == 1


def test_a_select_on_a_warm_connection_is_one_round_trip(pooled, proxy):
    ask(pooled)
    before = proxy.round_trips

    for _ in range(10):
        ask(pooled)

    assert proxy.round_trips - before == 10


def test_a_new_connection_needs_no_statement_to_set_it_up(pooled, proxy):
    assert proxy.round_trips == 2  # TLS is requested and declined, then start-up


def test_sixty_four_threads_share_the_connections_of_the_pool(pooled, proxy):
    with ThreadPoolExecutor(64) as threads:
        sleeps = ["SELECT 1 FROM pg_sleep(0.01)"] * 256
        results = list(threads.map(lambda sql: ask(pooled, sql), sleeps))

    assert results == [1] * 256
    assert proxy.connections == 5


def test_a_killed_backend_is_replaced_without_a_failed_request(pooled):
    with pooled["p"].cursor() as cursor:
        cursor.execute(BACKEND)
        pid, socket = cursor.fetchone()[0], pooled["p"].connection.fileno()
    pooled["p"].close()
    kill(pid)
    select.select([socket], [], [], 60)

    assert ask(pooled, "VALUES (1)") == 1  # unlike a SELECT, it would not be retried


@pytest.mark.parametrize("pool_size", [15])
def test_when_all_backends_are_killed_they_are_replaced_at_once(pooled, pool_size):
    """One by one, the pool's growing delays would exceed the connection timeout."""
    kill(*fill(pooled, pool_size))

    assert [ask(pooled) for _ in range(pool_size)] == [1] * pool_size


def test_a_failed_connection_is_retried_soon(pooled, proxy, caplog):
    caplog.set_level(logging.WARNING, "psycopg.pool")
    ask(pooled)
    proxy.stop()

    with pytest.raises(OperationalError), time_limit(0.8):
        ask(pooled)

    # The pool opens two connections: one to replace the dead one, one to grow. It tries
    # each after 0, 0.1, 0.3 and 0.7 seconds; with its default delay, only after 0.
    assert caplog.text.count("error connecting in") >= 4


def test_a_closed_socket_is_detected(pooled, proxy):
    before = ask(pooled, BACKEND)
    proxy.cut()

    assert ask(pooled, BACKEND) != before


def test_a_connection_with_a_pending_notification_is_kept(pooled, proxy):
    with pooled["p"].cursor() as cursor:
        cursor.execute("LISTEN news")
    before = ask(pooled, BACKEND)
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY news")
    time.sleep(0.2)

    assert ask(pooled, BACKEND) == before


def test_a_result_is_not_awaited_past_the_time_limit(pooled, proxy):
    ask(pooled)
    proxy.is_silent = True

    started = time.monotonic()
    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)

    assert 0.3 <= time.monotonic() - started < 8


def test_a_statement_that_takes_too_long_is_cancelled(pooled, monkeypatch):
    monkeypatch.setattr("aido.resilience.STATEMENT_TIMEOUT", 0.3)
    pid = ask(pooled, BACKEND)

    with pytest.raises(OperationalError):
        ask(pooled, "SELECT pg_sleep(300)")

    try:
        assert eventually(lambda: not is_active(pid))
    finally:
        kill(pid)


def is_active(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() == ("active",)


def test_a_connection_is_not_awaited_past_the_time_limit(pooled, proxy):
    proxy.is_silent = True
    proxy.cut()

    started = time.monotonic()
    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)

    assert 0.3 <= time.monotonic() - started < 8


def test_a_connection_is_not_reused_after_a_timeout(pooled):
    before = ask(pooled, BACKEND)
    with pytest.raises(OperationalError), time_limit(0.2):
        ask(pooled, "SELECT 7, pg_sleep(0.5)")

    assert ask(pooled, BACKEND) != before


def test_a_time_limit_ends_with_its_block():
    assert time_left() is None
    with suppress(ZeroDivisionError), time_limit(60):
        assert 0 < time_left() <= 60
        raise ZeroDivisionError
    assert time_left() is None


def test_writes_are_idempotent_only_inside_of_the_block():
    with suppress(ZeroDivisionError), idempotent():
        assert is_idempotent("UPDATE task SET title = title")
        raise ZeroDivisionError
    assert not is_idempotent("UPDATE task SET title = title")


@pytest.fixture
def broken_cursor(pooled):
    """A cursor whose backend was killed after the pool's liveness check."""
    cursor = pooled["p"].cursor()
    cursor.execute(BACKEND)
    kill(cursor.fetchone()[0])
    yield cursor
    pooled["p"].close()


def test_a_read_is_retried_on_a_new_connection(broken_cursor):
    broken_cursor.execute("SELECT 1")

    assert broken_cursor.fetchone() == (1,)


def test_a_read_is_retried_after_its_connection_was_returned(broken_cursor, pooled):
    pooled["p"].close()

    broken_cursor.execute("SELECT 1")

    assert broken_cursor.fetchone() == (1,)


def test_a_read_is_retried_in_debug_mode_too(pooled):
    pooled["p"].force_debug_cursor = True

    with pooled["p"].cursor() as cursor:
        cursor.execute(BACKEND)
        kill(cursor.fetchone()[0])
        cursor.execute("SELECT 1")

    assert [query["sql"] for query in pooled["p"].queries][-1] == "SELECT 1"


def test_a_write_is_retried_only_if_it_is_idempotent(broken_cursor, pooled):
    with pytest.raises(OperationalError):
        broken_cursor.execute("UPDATE task SET title = title")

    pooled["p"].close()
    with idempotent(), pooled["p"].cursor() as cursor:
        cursor.execute(BACKEND)
        kill(cursor.fetchone()[0])
        cursor.execute("UPDATE task SET title = title")


def test_retries_end_after_a_while(broken_cursor, monkeypatch):
    monkeypatch.setattr("aido.database.base.RETRY_TIMEOUT", -1)

    with pytest.raises(OperationalError):
        broken_cursor.execute("SELECT 1")


def test_a_statement_in_a_transaction_is_not_retried(pooled):
    with pytest.raises(OperationalError), transaction_on(pooled) as cursor:
        cursor.execute(BACKEND)
        kill(cursor.fetchone()[0])
        cursor.execute("SELECT 1")
    pooled["p"].close()


@contextmanager
def transaction_on(handler):
    wrapper = handler["p"]
    wrapper.set_autocommit(False)
    try:
        with wrapper.cursor() as cursor:
            yield cursor
    finally:
        wrapper.close()


def test_a_mistaken_statement_is_not_retried(pooled, proxy):
    ask(pooled)
    round_trips = proxy.round_trips

    with pytest.raises(ProgrammingError):
        ask(pooled, "SELECT nonsense")

    assert proxy.round_trips - round_trips == 1
    assert ask(pooled) == 1


@pytest.fixture
def timeouts(monkeypatch):
    """Short timeouts, which the pool's error messages show."""
    monkeypatch.setattr("aido.database.base.CONNECTION_TIMEOUT", 0.7)
    monkeypatch.setattr("aido.database.base.SHORT_CONNECTION_TIMEOUT", 0.4)


def assert_waits(handler, seconds):
    message = f"couldn't get a connection after {seconds:.2f} sec"
    with pytest.raises(OperationalError, match=message):
        ask(handler)


def test_after_a_timeout_the_next_requests_wait_less(pooled, proxy, timeouts):
    ask(pooled)
    proxy.stop()

    assert_waits(pooled, 0.7)
    assert_waits(pooled, 0.4)
    with time_limit(60):
        assert_waits(pooled, 0.4)

    proxy.start()
    assert eventually(lambda: succeeds(pooled))
    proxy.stop()
    assert_waits(pooled, 0.7)


def test_a_request_with_a_time_limit_does_not_shorten_other_waits(
    pooled, proxy, timeouts
):
    ask(pooled)
    proxy.stop()

    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)

    assert_waits(pooled, 0.7)


def succeeds(handler):
    with suppress(OperationalError):
        return ask(handler) == 1
