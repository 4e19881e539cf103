"""More clients than database connections: they wait, and get 503 rather than hang."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest
import requests
from django.db import connection, transaction

from aido.testing.processes import SECRETS, WAIT_TIMEOUT, get, running_server
from todo.tests.api.conftest import wait_until_blocked

CLIENTS = 20
POOL = 2  # connections
CROWD = 60  # clients, more than there are threads

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


def test_probes_answer_while_all_requests_wait_for_a_lock(url, headers):
    def send(_):
        tasks = f"{url}/api/v1/tasks"
        return requests.get(tasks, headers=headers, timeout=WAIT_TIMEOUT)

    with ThreadPoolExecutor(CROWD) as threads:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE task")
            futures = [threads.submit(send, number) for number in range(CROWD)]
            seconds = [seconds_to_get(f"{url}/livez", 200) for _ in range(20)]
            health = [seconds_to_get(f"{url}/health", 503) for _ in range(2)]
        responses = [future.result() for future in futures]

    assert max(seconds) < 3  # below 1 on a quiet machine
    assert max(health) < 6  # below 3 on a quiet machine
    assert {response.status_code for response in responses} <= {200, 503}
    overloaded = [r for r in responses if "overloaded" in r.text]
    assert len(overloaded) >= CROWD - 24
    assert all(response.headers["Retry-After"] == "5" for response in overloaded)


def seconds_to_get(url, status):
    started = time.monotonic()
    assert get(url)[0] == status
    time.sleep(0.1)
    return time.monotonic() - started - 0.1


def test_a_burst_of_quick_requests_is_served(url, headers):
    def send(_):
        tasks = f"{url}/api/v1/tasks"
        response = requests.get(tasks, headers=headers, timeout=WAIT_TIMEOUT)
        return response.status_code

    assert send(0) == 200
    with ThreadPoolExecutor(CROWD) as threads:
        statuses = Counter(threads.map(send, range(5 * CROWD)))

    assert statuses[200] > 4 * CROWD  # all, on a quiet machine


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
