"""How `python -m aido` stops: requests are completed, and no process remains."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection, transaction
from granian.http import HTTP1Settings

from aido import accept_queue
from aido.testing.processes import (
    HTTPS_HEADERS,
    SECRETS,
    WAIT_TIMEOUT,
    child_ids,
    free_port,
    get,
    is_running,
    running,
    running_server_process,
    wait_until,
)
from aido.worker_process import DRAIN_TIMEOUT, RETIRE_TIMEOUT, STOP_TIMEOUT
from todo.tests.api.conftest import wait_until_blocked

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.path.exists("/proc/self"), reason="reads Linux's /proc"),
]


@pytest.fixture(params=[1])
def server(request, proxied_url, log):
    """A server with one worker: its URL and process."""
    options = {"DATABASE_URL": proxied_url, "API_WORKERS": str(request.param)}
    options |= SECRETS | {"log": log}
    with running_server_process("-m", "aido", **options) as server:
        yield server


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def reload(process, log):
    """Reload the server; return when new workers have taken over."""
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: "Reloaded" in log.read_text())


def connect(url):
    client = HTTPConnection(urlsplit(url).netloc, timeout=WAIT_TIMEOUT)
    client.connect()
    return client


def exchange(client):
    """Send a request on a connection; return the response after reading it."""
    client.request("GET", "/livez", headers=HTTPS_HEADERS)
    response = client.getresponse()
    response.read()
    return response


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.6, 1, 1.5, 2, 3])
def test_an_early_stop_ends_all(seconds, proxied_url):
    env = {"PATH": os.environ["PATH"], "API_PORT": str(free_port())}
    env |= {"DATABASE_URL": proxied_url} | SECRETS
    with running(sys.executable, "-m", "aido", env=env, stderr=subprocess.DEVNULL) as p:
        time.sleep(seconds)
        workers = child_ids(p)
        p.terminate()
        if seconds == 1:
            p.terminate()
        p.wait(STOP_TIMEOUT)

    assert not any(is_running(worker) for worker in workers)


@pytest.mark.parametrize("server", [2], indirect=True)
def test_workers_end_with_a_killed_supervisor(server):
    url, process = server
    workers = child_ids(process)

    process.kill()

    wait_until(lambda: not any(is_running(worker) for worker in workers))
    with pytest.raises(OSError):
        get(f"{url}/livez")


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


def test_a_stopping_server_answers_idle_clients_once_more(server):
    url, process = server
    clients = [connect(url), connect(url)]
    exchange(clients[0])  # the other one has sent nothing yet
    process.terminate()
    time.sleep(1)

    responses = [exchange(client) for client in clients]

    assert [response.status for response in responses] == [200, 200]
    assert [response.headers["Connection"] for response in responses] == ["close"] * 2
    assert process.wait(DRAIN_TIMEOUT - 1) == 0  # it does not wait any longer


def test_an_idle_client_delays_a_stop_only_so_long(server):
    url, process = server
    client = connect(url)
    exchange(client)
    started = time.monotonic()

    process.terminate()

    assert process.wait(WAIT_TIMEOUT) == 0
    assert DRAIN_TIMEOUT < time.monotonic() - started < DRAIN_TIMEOUT + 10
    client.close()


@pytest.mark.parametrize(
    ("by", "text"), [(signal.SIGTERM, "Stopped"), (signal.SIGHUP, "Reloaded")]
)
def test_a_worker_that_can_write_no_file_stops_as_usual(server, log, by, text):
    url, process = server
    client = connect(url)
    exchange(client)
    (worker,) = child_ids(process)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, 0))

    process.send_signal(by)

    wait_until(lambda: exchange(client).headers["Connection"] == "close")
    wait_until(lambda: not is_running(worker))
    wait_until(lambda: text in log.read_text())
    assert "Killing worker" not in log.read_text()


@pytest.mark.long
def test_a_client_that_stalls_delays_a_stop_only_so_long(server):
    url, process = server
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\n"
            b"X-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
            b'Content-Length: 1000\r\n\r\n{"email'
        )
        time.sleep(0.5)
        started = time.monotonic()
        process.terminate()

        assert process.wait(WAIT_TIMEOUT) == 0

    assert time.monotonic() - started < STOP_TIMEOUT + 10


def test_a_reload_outlasts_the_idle_connections_of_granian():
    assert HTTP1Settings().header_read_timeout < RETIRE_TIMEOUT * 1000


def test_a_reload_leaves_idle_connections_open(server, log):
    url, process = server
    client = connect(url)
    exchange(client)
    (worker,) = child_ids(process)
    reload(process, log)
    time.sleep(DRAIN_TIMEOUT + 2)

    assert exchange(client).headers["Connection"] == "close"
    wait_until(lambda: not is_running(worker))


def test_a_stop_does_not_wait_as_long_as_a_reload(server, log):
    url, process = server
    client = connect(url)
    exchange(client)
    reload(process, log)
    started = time.monotonic()

    process.terminate()

    assert process.wait(WAIT_TIMEOUT) == 0
    assert time.monotonic() - started < DRAIN_TIMEOUT + 10
    client.close()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_closing_a_listener_waits_until_its_queue_is_empty(listener):
    client = socket.create_connection(listener.getsockname())
    with client, ThreadPoolExecutor(1) as threads:
        closing = threads.submit(accept_queue.close_when_empty, [listener])
        time.sleep(0.5)
        server, _ = listener.accept()
        closing.result()
        server.sendall(b"hello")

        assert client.recv(5) == b"hello"
        server.close()


def test_a_listener_that_closes_refuses_new_connections(listener):
    address = listener.getsockname()
    with ExitStack() as stack, ThreadPoolExecutor(1) as threads:
        stack.enter_context(socket.create_connection(address))
        closing = threads.submit(accept_queue.close_when_empty, [listener])
        time.sleep(0.5)

        with pytest.raises(ConnectionRefusedError):  # and not reset later
            socket.create_connection(address)

        assert closing.done()


def test_a_listener_closes_although_nothing_accepts(listener):
    with socket.create_connection(listener.getsockname()):
        started = time.monotonic()

        accept_queue.close_when_empty([listener])

    assert time.monotonic() - started < accept_queue.CLOSE_TIMEOUT + 1
