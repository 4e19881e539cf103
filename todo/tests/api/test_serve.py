"""How `make serve` reloads and stops: no request fails."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests
from django.db import connection, transaction
from requests.adapters import HTTPAdapter

from aido.testing.processes import (
    SECRETS,
    WAIT_TIMEOUT,
    running_server_process,
    wait_until,
)
from todo.tests.api.conftest import wait_until_blocked

WORKERS = 2

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wait_for_workers(tmp_path):
    """Waits until so many workers have started; before that they ignore signals."""

    def wait_for_workers(count):
        log = tmp_path / "log"
        wait_until(lambda: log.read_text().count("Started worker") == count)

    return wait_for_workers


@pytest.fixture
def server(proxied_url, tmp_path, wait_for_workers):
    variables = {"DATABASE_URL": proxied_url, "API_WORKERS": str(WORKERS)} | SECRETS
    command = ("-m", "aido")
    with running_server_process(*command, log=tmp_path / "log", **variables) as server:
        wait_for_workers(WORKERS)
        yield server


def worker_ids(process):
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(path) as children:
        return set(children.read().split())


def retrying_session():
    """Retry a request lost with an idle connection, as proxies do (RFC 9112, 9.3.1)."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=1))
    return session


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="reads Linux's /proc")
def test_a_reload_fails_no_request(server, headers, wait_for_workers):
    url, process = server
    old_workers, is_done = worker_ids(process), Event()

    def send_requests(session):
        statuses = set()
        while not is_done.is_set():
            statuses.add(
                session.get(f"{url}/api/v1/tasks", headers=headers).status_code
            )
        return statuses

    with ThreadPoolExecutor(4) as threads:
        statuses = threads.map(send_requests, [retrying_session() for _ in range(4)])
        process.send_signal(signal.SIGHUP)
        try:
            wait_until(lambda: not old_workers & worker_ids(process))
            wait_for_workers(2 * WORKERS)
            time.sleep(0.5)  # requests to the new workers only
        finally:
            is_done.set()

    assert list(statuses) == [{200}] * 4


def test_a_stop_waits_for_running_requests(server, headers):
    url, process = server
    with (
        ThreadPoolExecutor(1) as threads,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("LOCK TABLE task")
        response = threads.submit(requests.get, f"{url}/api/v1/tasks", headers=headers)
        wait_until_blocked(1)
        process.terminate()
        time.sleep(1)  # in which the server must not end the request

    assert response.result().status_code == 200
    assert process.wait(WAIT_TIMEOUT) == 0
