"""More clients than connections: they wait, and in the end are told, but never hang."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection, transaction

from aido.testing.servers import SECRETS, running_server

CLIENTS = 20
POOL = 2


@pytest.fixture
def url(proxied_url):
    variables = {"DATABASE_URL": proxied_url, "DATABASE_POOL_MAX": str(POOL)}
    with running_server("-m", "aido", **variables, **SECRETS) as url:
        yield url


@pytest.mark.django_db(transaction=True)
def test_clients_beyond_the_pools_bound_wait_or_are_told(url, headers, proxy):
    def ask(_):
        started = time.monotonic()
        response = requests.get(f"{url}/api/v1/tasks", headers=headers, timeout=60)
        return response, time.monotonic() - started

    with ThreadPoolExecutor(CLIENTS) as clients:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE task")  # so that all who ask for tasks wait
            short = clients.map(ask, range(CLIENTS))
            time.sleep(2)
        assert [response.status_code for response, _ in short] == [200] * CLIENTS

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE task")
            long = clients.map(ask, range(CLIENTS))
            time.sleep(5)
            assert requests.get(f"{url}/livez", timeout=1).status_code == 200
            time.sleep(6)
        answers = list(long)

    told = [(r, seconds) for r, seconds in answers if r.status_code == 503]
    assert len(told) == CLIENTS - POOL
    assert all(r.headers["Retry-After"] == "5" for r, _ in told)
    assert max(seconds for _, seconds in told) < 10.9  # its wait, and the rest
    assert [r.status_code for r, _ in answers].count(200) == POOL
    assert proxy.connections <= POOL
