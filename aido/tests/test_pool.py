"""The connection pool on a real PostgreSQL: reuse, size and liveness checks."""

import logging
import select
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection

from aido.resilience import Connection, time_limit
from aido.tests.conftest import ask, kill

BACKEND = "SELECT pg_backend_pid()"

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_connection_of_the_pool_keeps_its_autocommit(pooled, monkeypatch):
    ask(pooled)
    waits = []
    wait = Connection.wait
    monkeypatch.setattr(
        Connection, "wait", lambda *args: waits.append(args) or wait(*args)
    )

    ask(pooled)

    assert len(waits) == 1  # for the statement, not to set autocommit again
