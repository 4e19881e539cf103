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

from aido.testing.servers import SECRETS, running_server_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(proxied_url):
    variables = {"DATABASE_URL": proxied_url, "API_WORKERS": "2"}
    with running_server_process("-m", "aido", **variables, **SECRETS) as server:
        yield server


def workers(process):
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(path) as children:
        return set(children.read().split())


def session():
    """Sends again what an idle connection lost, as proxies do (RFC 9112, 9.3.1)."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=1))
    return session


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="reads Linux's /proc")
def test_a_reload_fails_no_request(server, headers):
    url, process = server
    before, done = workers(process), Event()

    def ask_on(client):
        statuses = []
        while not done.is_set():
            statuses.append(client.get(f"{url}/api/v1/tasks", headers=headers))
        return {response.status_code for response in statuses}

    with ThreadPoolExecutor(4) as threads:
        statuses = threads.map(ask_on, [session() for _ in range(4)])
        process.send_signal(signal.SIGHUP)
        give_up_at = time.monotonic() + 20
        while before & workers(process) and time.monotonic() < give_up_at:
            time.sleep(0.1)
        time.sleep(0.5)
        done.set()

    assert not before & workers(process)
    assert list(statuses) == [{200}] * 4


def test_a_stop_lets_requests_end(server, headers):
    url, process = server
    with (
        ThreadPoolExecutor(1) as threads,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("LOCK TABLE task")
        waiting = threads.submit(requests.get, f"{url}/api/v1/tasks", headers=headers)
        time.sleep(0.5)
        process.terminate()
        time.sleep(1)

    assert waiting.result().status_code == 200
    assert process.wait(10) == 0
