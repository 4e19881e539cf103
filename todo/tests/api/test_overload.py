"""More clients than database connections: they wait, and get 503 rather than hang."""

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest
import requests
from django.db import connection, transaction

from aido.testing.processes import SECRETS, WAIT_TIMEOUT, get, running_server
from todo.tests.api.conftest import wait_until_blocked

CLIENTS = 20
POOL = 2  # connections

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(proxied_url):
    variables = {"DATABASE_URL": proxied_url, "DATABASE_POOL_MAX": str(POOL)}
    with running_server("-m", "aido", **variables, **SECRETS) as url:
        yield url


@pytest.fixture
def threads():
    with ThreadPoolExecutor(CLIENTS) as threads:
        yield threads


@pytest.fixture
def send_all(url, headers, threads):
    """Sends a request per client, to wait for a lock; returns the futures."""

    def send():
        started = time.monotonic()
        response = requests.get(
            f"{url}/api/v1/tasks", headers=headers, timeout=WAIT_TIMEOUT
        )
        return response, time.monotonic() - started

    def send_all():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE task")
        futures = [threads.submit(send) for _ in range(CLIENTS)]
        wait_until_blocked(POOL)
        time.sleep(1)  # until the others wait for a connection
        return futures

    return send_all


def test_a_client_waits_for_a_connection(send_all, proxy):
    with transaction.atomic():
        futures = send_all()

    assert [future.result()[0].status_code for future in futures] == [200] * CLIENTS
    assert proxy.connections <= POOL


def test_a_client_that_waited_too_long_gets_503(send_all, url, proxy):
    with transaction.atomic():
        futures = send_all()
        assert get(f"{url}/livez")[0] == 200
        assert not any(future.done() for future in futures)
        refused = islice(as_completed(futures, WAIT_TIMEOUT), CLIENTS - POOL)
        refused = [future.result() for future in refused]
        assert [response.status_code for response, _ in refused] == [503] * len(refused)

    assert all(response.headers["Retry-After"] == "5" for response, _ in refused)
    # 10 seconds for a connection; the rest is for a busy machine.
    assert all(10 <= seconds < 20 for _, seconds in refused)
    statuses = [future.result()[0].status_code for future in futures]
    assert statuses.count(200) == POOL
    assert proxy.connections <= POOL
