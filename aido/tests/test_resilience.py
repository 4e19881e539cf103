"""Retries, time limits and timeouts on a real PostgreSQL."""

import time
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, ProgrammingError, connection

from aido.resilience import idempotent, is_idempotent, time_left, time_limit
from aido.tests.conftest import ask, kill

BACKEND = "SELECT pg_backend_pid()"

pytestmark = pytest.mark.django_db(transaction=True)


def eventually(condition, seconds=60):
    """Return whether the condition becomes true in time."""
    give_up_at = time.monotonic() + seconds
    while not (is_true := condition()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return is_true


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


def test_a_block_knows_whether_one_of_its_writes_was_retried(broken_cursor):
    with idempotent() as block:
        assert not block.has_retried
        with idempotent():
            broken_cursor.execute("UPDATE task SET title = title")
        assert block.has_retried
    with idempotent() as other_block:
        broken_cursor.execute("UPDATE task SET title = title")
    assert not other_block.has_retried


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
