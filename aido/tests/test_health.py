"""/health and /livez of a real server, whose database comes and goes."""

import time

import pytest

from aido.testing.processes import (
    HEALTHY,
    SECRETS,
    UNHEALTHY,
    becomes_healthy,
    get,
    running_server,
)

ALIVE = (200, '{"status":"alive"}')

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(proxied_url):
    # More than one connection would be opened, and later closed, while round trips are
    # counted: the pool grows if a request comes before the first connection is open.
    variables = {"DATABASE_URL": proxied_url, "DATABASE_POOL_MAX": "1"} | SECRETS
    with running_server("-m", "aido", **variables) as url:
        assert get(f"{url}/health") == HEALTHY
        yield url


def test_health_is_one_round_trip_on_one_connection(server, proxy):
    round_trips, connections = proxy.round_trips, proxy.connections

    for _ in range(50):
        assert get(f"{server}/health") == HEALTHY

    assert proxy.round_trips - round_trips == 50
    assert proxy.connections == connections


def test_liveness_asks_the_database_nothing(server, proxy):
    round_trips = proxy.round_trips

    assert get(f"{server}/livez") == ALIVE

    assert proxy.round_trips == round_trips


def test_a_database_that_kills_its_connections_stays_healthy(server, proxy):
    proxy.cut()

    assert get(f"{server}/health") == HEALTHY


def test_a_database_that_goes_away_and_comes_back_is_told(server, proxy):
    proxy.stop()

    started = time.monotonic()
    assert get(f"{server}/health") == UNHEALTHY
    assert time.monotonic() - started < 3
    assert get(f"{server}/livez") == ALIVE

    proxy.start()
    assert becomes_healthy(server)


def test_a_database_that_never_answers_is_told_in_time(server, proxy):
    proxy.is_silent = True

    for _ in range(2):  # a connection that falls silent, then one that never opens
        started = time.monotonic()
        assert get(f"{server}/health") == UNHEALTHY
        assert time.monotonic() - started < 3

    proxy.is_silent = False
    proxy.cut()
    assert becomes_healthy(server)


def test_a_server_starts_without_its_database(proxied_url, proxy):
    proxy.stop()

    with running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url:
        started = time.monotonic()
        assert get(f"{url}/health") == UNHEALTHY
        assert time.monotonic() - started < 3

        proxy.start()
        assert becomes_healthy(url)


def test_runserver_keeps_its_connection_too(proxied_url, proxy):
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url) as url:
        assert get(f"{url}/health") == HEALTHY
        connections = proxy.connections

        for _ in range(50):
            assert get(f"{url}/health") == HEALTHY

    assert proxy.connections == connections


def test_health_answers_anyone_and_is_not_cached(client):
    for accept in ("text/html", "text/plain", "*/*", "nonsense"):
        response = client.get("/health", headers={"accept": accept})

        assert response.status_code == 200
        assert response["content-type"] == "application/json"
        assert "no-store" in response["cache-control"]


def test_health_takes_no_other_method(client):
    assert client.post("/health").status_code == 405
    assert client.head("/health").status_code == 200


def test_health_is_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/health")
    with django_assert_num_queries(0):
        client.get("/livez")
