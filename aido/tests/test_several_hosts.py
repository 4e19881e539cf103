"""A DATABASE_URL with several hosts, of which one works."""

import pytest
from django.db.utils import ConnectionHandler

from aido import database
from aido.testing.postgres import running_postgres
from aido.testing.processes import (
    HEALTHY,
    SECRETS,
    becomes_healthy,
    free_port,
    get,
    running_server,
)
from aido.testing.proxy import Proxy
from bench.hangs import running_replica, wait_for_replay

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def primary():
    with running_postgres(fsync="off") as server:
        yield server


@pytest.fixture(scope="module")
def replica(primary):
    with running_replica(primary) as server:
        yield server


def url_of(primary, *ports, parameters=""):
    """Return the URL of a server whose host is replaced by these ports."""
    hosts = ",".join(f"localhost:{port}" for port in ports)
    return primary.url.replace(f"localhost:{primary.port}", hosts) + parameters


def reached_port(url):
    """Connect as aido does; return the port of the server that answers."""
    config = database.config_from_url(url)
    wrapper = ConnectionHandler({"default": config})["default"]
    with wrapper.get_new_connection(wrapper.get_connection_params()) as connection:
        return connection.info.port


def test_the_second_host_is_reached_when_the_first_refuses(primary):
    url = url_of(primary, free_port(), primary.port)

    assert reached_port(url) == primary.port


def test_a_server_connects_to_the_second_host_when_the_first_goes_down(primary):
    with Proxy(("127.0.0.1", primary.port)) as first:
        url = url_of(primary, first.port, primary.port)
        with running_server("-m", "aido", DATABASE_URL=url, **SECRETS) as server:
            assert get(f"{server}/health") == HEALTHY
            assert first.connections > 0

            first.stop()

            assert becomes_healthy(server)


@pytest.mark.parametrize("order", [1, -1], ids=["primary first", "replica first"])
def test_read_write_picks_the_primary(primary, replica, order):
    ports = [primary.port, replica.port][::order]
    wait_for_replay(primary, replica)

    url = url_of(primary, *ports, parameters="&target_session_attrs=read-write")

    assert reached_port(url) == primary.port


def test_without_it_the_first_host_is_used(primary, replica):
    wait_for_replay(primary, replica)

    assert reached_port(url_of(primary, replica.port, primary.port)) == replica.port
