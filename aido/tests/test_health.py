"""/health and /livez of a real server while its database fails and recovers."""

import time

import pytest

from aido import __version__
from aido.testing.processes import (
    HEALTHY,
    SECRETS,
    UNHEALTHY,
    becomes_healthy,
    get,
    running_server,
)

ALIVE = (200, f'{{"status":"alive","version":"{__version__}"}}')
# A larger pool may grow in the background: a request may begin before the connection
# of the one before was returned.
ONE_CONNECTION = {"DATABASE_POOL_MAX": "1"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(proxied_url):
    variables = SECRETS | ONE_CONNECTION
    with running_server("-m", "aido", DATABASE_URL=proxied_url, **variables) as url:
        assert get(f"{url}/health") == HEALTHY
        yield url


def test_health_is_one_round_trip_on_one_connection(server, proxy):
    round_trips, connections = proxy.round_trips, proxy.connections

    for _ in range(50):
        assert get(f"{server}/health") == HEALTHY

    assert proxy.round_trips - round_trips == 50
    assert proxy.connections == connections


def test_liveness_makes_no_query(server, proxy):
    round_trips = proxy.round_trips

    assert get(f"{server}/livez") == ALIVE

    assert proxy.round_trips == round_trips


def test_health_survives_a_database_that_kills_its_connections(server, proxy):
    proxy.cut()

    assert get(f"{server}/health") == HEALTHY


def test_an_outage_and_its_end_are_reported(server, proxy):
    proxy.stop()

    started = time.monotonic()
    assert get(f"{server}/health") == UNHEALTHY
    assert time.monotonic() - started < 5
    assert get(f"{server}/livez") == ALIVE

    proxy.start()
    assert becomes_healthy(server)


def test_a_silent_database_is_reported_in_time(server, proxy):
    proxy.is_silent = True

    for _ in range(2):  # an open connection is silent, then a new one
        started = time.monotonic()
        assert get(f"{server}/health") == UNHEALTHY
        assert time.monotonic() - started < 5  # 2.8, on a fast machine

    proxy.is_silent = False
    proxy.cut()
    assert becomes_healthy(server)


def test_a_server_starts_without_its_database(proxied_url, proxy):
    proxy.stop()

    with running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url:
        started = time.monotonic()
        assert get(f"{url}/health") == UNHEALTHY
        assert time.monotonic() - started < 5  # 2.8, on a fast machine

        proxy.start()
        assert becomes_healthy(url)


def test_runserver_reuses_its_connection_too(proxied_url, proxy):
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url, **ONE_CONNECTION) as url:
        assert get(f"{url}/health") == HEALTHY
        connections = proxy.connections

        for _ in range(50):
            assert get(f"{url}/health") == HEALTHY

    assert proxy.connections == connections


def test_health_is_public_and_not_cached(client):
    for accept in ("text/html", "text/plain", "*/*", "nonsense"):
        response = client.get("/health", headers={"accept": accept})

        assert response.status_code == 200
        assert response["content-type"] == "application/json"
        assert "no-store" in response["cache-control"]


def test_health_allows_only_reading(client):
    assert client.post("/health").status_code == 405
    assert client.head("/health").status_code == 200


def test_health_is_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/health")
    with django_assert_num_queries(0):
        client.get("/livez")
