"""The pool on a real PostgreSQL: reuse, liveness, its bound, and time limits."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.db.utils import ConnectionHandler

from aido import database
from aido.database.base import DatabaseWrapper
from aido.resilience import idempotent, time_left, time_limit

BACKEND = "SELECT pg_backend_pid()"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_hope(monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "gave_up", False)


@pytest.fixture
def pooled(proxy, proxied_url):
    """Django connections to the test database through a pool of at most 5."""
    entry = database.entry(proxied_url, pool=(1, 5))
    settings = connection.settings_dict
    handler = ConnectionHandler({"default": settings, "p": entry})
    handler["p"].open_pool()
    handler["p"].pool.wait()
    yield handler
    handler["p"].close()
    proxy.stop()
    handler["p"].close_pool()


def ask(handler, sql="SELECT 1"):
    """What one request does: take a connection, ask, give it back."""
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


def fill(handler):
    """Use five connections at once, so that the pool has them: their backends."""
    barrier = threading.Barrier(5)

    def use(_):
        with handler["p"].cursor() as cursor:
            cursor.execute(BACKEND)
            barrier.wait(10)
            pid = cursor.fetchone()[0]
        handler["p"].close()
        return pid

    with ThreadPoolExecutor(5) as threads:
        return set(threads.map(use, range(5)))


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
    assert proxy.round_trips == 2  # TLS is asked for and declined, then start-up


def test_sixty_four_threads_keep_to_the_bound(pooled, proxy):
    with ThreadPoolExecutor(64) as threads:
        sleeps = ["SELECT 1 FROM pg_sleep(0.01)"] * 256
        answers = list(threads.map(lambda sql: ask(pooled, sql), sleeps))

    assert answers == [1] * 256
    assert proxy.connections == 5


def test_a_killed_backend_is_replaced_without_a_failed_request(pooled):
    kill(ask(pooled, BACKEND))

    assert ask(pooled) == 1


def test_when_all_are_killed_a_single_client_waits_once(pooled):
    kill(*fill(pooled))

    started = time.monotonic()
    answers = [ask(pooled) for _ in range(10)]

    assert answers == [1] * 10
    assert time.monotonic() - started < 3  # a pause for each would add up to 15


def test_a_closed_socket_is_noticed(pooled, proxy):
    before = ask(pooled, BACKEND)
    proxy.cut()

    assert ask(pooled, BACKEND) != before


def test_a_waiting_notification_is_not_mistaken_for_death(pooled, proxy):
    with pooled["p"].cursor() as cursor:
        cursor.execute("LISTEN news")
    before = ask(pooled, BACKEND)
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY news")
    time.sleep(0.2)

    assert ask(pooled, BACKEND) == before


def test_an_answer_is_not_waited_for_past_the_limit(pooled, proxy):
    ask(pooled)
    proxy.is_silent = True

    started = time.monotonic()
    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)

    assert 0.3 <= time.monotonic() - started < 1


def test_a_statement_that_takes_too_long_is_cancelled(pooled, monkeypatch):
    monkeypatch.setattr("aido.resilience.PATIENCE", 0.3)

    started = time.monotonic()
    with pytest.raises(OperationalError):
        ask(pooled, "SELECT pg_sleep(20)")

    assert time.monotonic() - started < 1.5
    monkeypatch.undo()
    running = "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'sleep.20'"
    give_up_at = time.monotonic() + 5
    while ask(pooled, f"{running} AND state = 'active' AND pid != pg_backend_pid()"):
        assert time.monotonic() < give_up_at


def test_a_connection_is_not_waited_for_past_the_limit(pooled, proxy):
    proxy.is_silent = True
    proxy.cut()

    started = time.monotonic()
    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)

    assert 0.3 <= time.monotonic() - started < 1


def test_a_connection_whose_answer_was_given_up_is_not_used_again(pooled):
    before = ask(pooled, BACKEND)
    with pytest.raises(OperationalError), time_limit(0.2):
        ask(pooled, "SELECT 7, pg_sleep(0.5)")

    assert ask(pooled, BACKEND) != before


def test_without_a_limit_there_is_no_end():
    assert time_left() is None
    with time_limit(5):
        assert 4 < time_left() <= 5
    assert time_left() is None


@pytest.fixture
def dying(pooled):
    """A cursor whose backend is killed after the pool has found it alive."""
    cursor = pooled["p"].cursor()
    cursor.execute(BACKEND)
    kill(cursor.fetchone()[0])
    yield cursor
    pooled["p"].close()


def test_a_read_is_repeated_on_a_fresh_connection(dying):
    started = time.monotonic()

    dying.execute("SELECT 1")

    assert dying.fetchone() == (1,)
    assert time.monotonic() - started < 0.5


def test_a_write_is_repeated_only_where_that_is_harmless(dying, pooled):
    with pytest.raises(OperationalError):
        dying.execute("UPDATE task SET title = title")

    pooled["p"].close()
    with idempotent(), pooled["p"].cursor() as cursor:
        cursor.execute(BACKEND)
        kill(cursor.fetchone()[0])
        cursor.execute("UPDATE task SET title = title")


def test_a_transaction_is_not_repeated_in_part(pooled, transactional_db):
    with pytest.raises(OperationalError), atomic_on(pooled) as cursor:
        cursor.execute(BACKEND)
        kill(cursor.fetchone()[0])
        cursor.execute("SELECT 1")
    pooled["p"].close()


@contextmanager
def atomic_on(handler):
    wrapper = handler["p"]
    wrapper.set_autocommit(False)
    try:
        with wrapper.cursor() as cursor:
            yield cursor
    finally:
        wrapper.close()


def test_a_mistake_is_not_repeated(pooled, proxy):
    ask(pooled)
    round_trips = proxy.round_trips

    with pytest.raises(ProgrammingError):
        ask(pooled, "SELECT nonsense")

    assert proxy.round_trips - round_trips == 1
    assert ask(pooled) == 1


def test_a_probe_that_leaves_early_does_not_shorten_the_wait_of_others(
    pooled, proxy, monkeypatch
):
    monkeypatch.setattr("aido.database.base.PATIENCE", 3.0)
    ask(pooled)
    proxy.stop()

    with pytest.raises(OperationalError), time_limit(0.3):
        ask(pooled)
    started = time.monotonic()
    with pytest.raises(OperationalError):
        ask(pooled)

    assert time.monotonic() - started > 2
    proxy.start()


def test_once_one_has_waited_in_vain_others_wait_less(pooled, proxy, monkeypatch):
    monkeypatch.setattr("aido.database.base.PATIENCE", 2.0)
    ask(pooled)
    proxy.stop()

    waits = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(OperationalError):
            ask(pooled)
        waits.append(time.monotonic() - started)
    proxy.start()

    assert waits[0] > 1.5
    assert max(waits[1:]) < 1.5
    give_up_at = time.monotonic() + 15
    while time.monotonic() < give_up_at:
        with suppress(OperationalError):
            ask(pooled)
            break
    assert ask(pooled) == 1
