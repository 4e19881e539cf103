"""How `python -m aido` starts and reloads: no request fails."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from threading import Event
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
import requests

from aido.listeners import bind
from aido.supervisor import Supervisor
from aido.testing.processes import (
    SECRETS,
    WAIT_TIMEOUT,
    child_ids,
    free_port,
    get,
    running,
    running_server_process,
    wait_until,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.path.exists("/proc/self"), reason="reads Linux's /proc"),
]


class Log:
    def __init__(self, path):
        self.path = path

    def wait_for(self, text, count=1):
        wait_until(lambda: self.path.read_text().count(text) >= count)


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path / "log")


@pytest.fixture
def start(proxied_url, log, checkout):
    """Starts a server in the checkout, with so many workers: its URL and process."""
    with ExitStack() as stack:

        def start(workers=1, **variables):
            server = stack.enter_context(
                running_server_process(
                    *("-m", "aido"),
                    cwd=checkout,
                    log=log.path,
                    DATABASE_URL=proxied_url,
                    API_WORKERS=str(workers),
                    **SECRETS | variables,
                )
            )
            log.wait_for("Started worker ", workers)
            return server

        yield start


def reload(process, log):
    """Reload the server; return when the old workers have ended."""
    old_workers = child_ids(process)
    process.send_signal(signal.SIGHUP)
    log.wait_for("Reloaded")
    wait_until(lambda: not old_workers & child_ids(process))


def connect(url):
    client = HTTPConnection(urlsplit(url).netloc, timeout=WAIT_TIMEOUT)
    client.connect()
    return client


def get_by_late_request(url, headers):
    """Send a request some time after the connection was accepted."""
    client = connect(url)
    time.sleep(0.1)
    path = urlsplit(url).path
    client.request("GET", path, headers=headers | {"Connection": "close"})
    response = client.getresponse()
    response.read()
    client.close()
    response.status_code = response.status
    return response


CLIENTS = {
    "kept alive": lambda: requests.Session().get,
    "short": lambda: requests.get,
    "late": lambda: get_by_late_request,
}


@contextmanager
def load(send):
    """Call `send` in 4 threads during this block; yields the set of status codes."""
    is_done, statuses = Event(), set()

    def send_requests():
        while not is_done.wait(0.02):
            statuses.add(send().status_code)

    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(send_requests) for _ in range(4)]
        try:
            yield statuses
        finally:
            is_done.set()
    for future in futures:
        future.result()


@pytest.mark.parametrize(
    ("workers", "connections"), [(1, "short"), (2, "late"), (2, "kept alive")]
)
def test_a_reload_fails_no_request(start, headers, log, workers, connections):
    url, process = start(workers)
    get = CLIENTS[connections]()

    with load(lambda: get(f"{url}/api/v1/tasks", headers=headers)) as statuses:
        reload(process, log)
        time.sleep(0.5)  # requests to the new workers only

    assert statuses == {200}


def test_new_code_that_does_not_start_leaves_the_old_serving(start, log, checkout):
    url, process = start()
    with open(checkout / "aido" / "urls.py", "a") as urls:
        urls.write("\nimport no_such_module\n")

    process.send_signal(signal.SIGHUP)

    log.wait_for("Cannot reload; the old workers continue.")
    assert "no_such_module" in log.path.read_text()
    assert get(f"{url}/livez")[0] == 200
    assert len(child_ids(process)) == 1


def test_a_configuration_with_an_error_leaves_the_old_serving(start, log, checkout):
    url, process = start()
    (checkout / ".env").write_text("SIGNUP=maybe\n")

    process.send_signal(signal.SIGHUP)

    log.wait_for("Cannot reload; the old workers continue.")
    assert "SIGNUP must be one of" in log.path.read_text()
    assert get(f"{url}/livez")[0] == 200


def test_a_reload_reads_new_code_and_a_new_dotenv(start, log, checkout):
    url, process = start()
    version = checkout / "aido" / "__init__.py"
    version.write_text(version.read_text().replace("0.1.0", "0.1.1"))
    (checkout / ".env").write_text("ALLOWED_HOSTS=new.example.com\n")

    reload(process, log)

    assert '"version":"0.1.1"' in get(f"{url}/livez")[1]
    assert get(f"{url}/api/v1/tasks")[0] == 400  # localhost is not allowed now


def test_a_second_reload_replaces_the_first(start, log, checkout):
    _, process = start()
    wsgi, begun = checkout / "aido" / "wsgi.py", checkout / "begun"
    code = wsgi.read_text()
    wsgi.write_text(f"import time\nopen('begun', 'w').close()\ntime.sleep(99)\n{code}")

    process.send_signal(signal.SIGHUP)
    wait_until(begun.exists)
    wsgi.write_text(code)
    reload(process, log)

    wait_until(lambda: len(child_ids(process)) == 1)
    text = log.path.read_text()
    assert (text.count('"Reloading"'), text.count('"Reloaded')) == (2, 1)


def test_a_worker_that_ends_is_replaced(start, log):
    url, process = start()
    (worker,) = child_ids(process)

    os.kill(worker, signal.SIGKILL)

    log.wait_for("Started worker ", 2)
    assert get(f"{url}/livez")[0] == 200


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A link to Python's virtual environment, through which a server is started."""
    link = tmp_path / "venv"
    link.symlink_to(sys.prefix)
    monkeypatch.setattr(sys, "executable", str(link / "bin" / "python"))
    return link


def test_a_reload_without_python_leaves_the_old_serving(environment, start, log):
    url, process = start()
    environment.unlink()

    process.send_signal(signal.SIGHUP)

    log.wait_for("Cannot reload; the old workers continue.")
    assert "Cannot start Python: [Errno 2]" in log.path.read_text()
    assert get(f"{url}/livez")[0] == 200


def test_a_worker_is_replaced_when_python_is_back(environment, start, log):
    url, process = start(workers=2)
    environment.unlink()

    os.kill(child_ids(process).pop(), signal.SIGKILL)
    log.wait_for("Cannot start a worker: [Errno 2]", 2)
    assert get(f"{url}/livez")[0] == 200

    environment.symlink_to(sys.prefix)
    log.wait_for("Started worker ", 3)
    assert len(child_ids(process)) == 2


@pytest.fixture
def supervisor():
    """A supervisor that has no workers and no listening sockets."""
    supervisor = Supervisor()
    supervisor.lifeline = os.pipe()
    supervisor.configuration = {"workers": 3, "metrics": ""}
    yield supervisor
    for descriptor in supervisor.lifeline:
        os.close(descriptor)


def test_a_reload_whose_workers_cannot_all_be_started_is_given_up(
    supervisor, monkeypatch, caplog
):
    places = {"host": "localhost", "port": 8000}
    supervisor.configuration |= places
    start = Mock(side_effect=[Mock(), BlockingIOError(errno.EAGAIN, "Again")])
    monkeypatch.setattr("aido.supervisor.start_worker", start)
    monkeypatch.setattr(supervisor, "run_preflight", lambda: supervisor.configuration)

    supervisor.begin_reload()

    [started] = supervisor.old_workers
    started.stop.assert_called_once()
    assert supervisor.new_workers == []
    assert caplog.messages[-1].startswith("Cannot reload; the old workers continue.")


def test_a_start_without_processes_fails(supervisor, monkeypatch):
    start = Mock(side_effect=BlockingIOError(errno.EAGAIN, "Again"))
    monkeypatch.setattr("aido.supervisor.start_worker", start)

    supervisor.workers = supervisor.start_workers(supervisor.configuration)

    assert supervisor.has_failed()


def test_connections_are_refused_until_a_worker_is_ready(proxied_url, log, checkout):
    with open(checkout / "aido" / "wsgi.py", "a") as wsgi:
        wsgi.write("\nimport time; time.sleep(30)\n")
    port = free_port()
    env = {"PATH": os.environ["PATH"], "API_PORT": str(port)}
    env |= {"DATABASE_URL": proxied_url} | SECRETS
    command = (sys.executable, "-m", "aido")
    with (
        open(log.path, "w") as output,
        running(*command, cwd=checkout, env=env, stderr=output),
    ):
        log.wait_for(f"localhost:{port}")
        time.sleep(0.5)

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_a_worker_serves_all_addresses(proxied_url):
    port = free_port()
    places = {"host": "localhost", "port": port, "addresses": ["127.0.0.1", "::1"]}
    listeners = bind(places)
    if len(listeners) == 1:
        pytest.skip("This machine has no IPv6.")
    lifeline, ready = os.pipe(), os.pipe()
    fds = [lifeline[0], ready[1], *(listener.fileno() for listener in listeners)]
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": proxied_url} | SECRETS
    command = (sys.executable, "-m", "aido.worker", *map(str, fds))
    with running(*command, pass_fds=fds, env=env):
        assert os.read(ready[0], 1) == b"1"
        assert get(f"http://127.0.0.1:{port}/livez")[0] == 200
        assert get(f"http://[::1]:{port}/livez")[0] == 200
    for descriptor in (*lifeline, *ready):
        os.close(descriptor)
    for listener in listeners:
        listener.close()


def test_the_log_of_a_start_has_no_address_but_the_one_it_listens_on(start, log):
    url, _ = start()

    text = log.path.read_text()
    assert {*re.findall(r"https?://[^\s\",]+", text)} == {url}
    assert "granian" not in text


def server_that_ends(proxied_url, checkout, **variables):
    """Start a server that ends by itself; return the process."""
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": proxied_url} | SECRETS
    return subprocess.Popen(
        [sys.executable, "-m", "aido"],
        cwd=checkout,
        env=env | variables,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_wrong_configuration_is_reported_once(proxied_url, checkout):
    variables = {"API_WORKERS": "3", "API_PORT": str(free_port()), "SIGNUP": "maybe"}
    with server_that_ends(proxied_url, checkout, **variables) as process:
        _, errors = process.communicate(timeout=WAIT_TIMEOUT)

    assert process.returncode == 1
    assert errors.count("SIGNUP must be one of") == 1
    assert errors.splitlines()[-1].startswith("Error: SIGNUP must be one of")


def test_of_two_servers_that_start_at_once_one_says_that_the_port_is_in_use(
    proxied_url, checkout
):
    variables = {"API_WORKERS": "2", "API_PORT": str(free_port())}
    with ExitStack() as stack:
        processes = [
            stack.enter_context(server_that_ends(proxied_url, checkout, **variables))
            for _ in range(2)
        ]
        stack.callback(lambda: [process.terminate() for process in processes])
        [loser] = wait_until(lambda: [p for p in processes if p.poll() is not None])
        _, errors = loser.communicate()
        [winner] = [process for process in processes if process is not loser]

        assert loser.returncode == 1
        assert winner.poll() is None
        assert errors.count("Address already in use. Set API_HOST or API_PORT.") == 1
        assert errors.splitlines()[-1].startswith("Cannot listen on localhost:")
        assert "Traceback" not in errors


def test_a_worker_reports_a_port_that_another_server_listens_on(proxied_url):
    port = free_port()
    places = {"host": "localhost", "port": port, "addresses": ["127.0.0.1"]}
    [other], [listener] = bind(places), bind(places)
    other.listen()
    lifeline, ready = os.pipe(), os.pipe()
    fds = [lifeline[0], ready[1], listener.fileno()]
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": proxied_url} | SECRETS
    command = [sys.executable, "-m", "aido.worker", *map(str, fds)]
    process = subprocess.run(
        command, pass_fds=fds, env=env | {"API_PORT": str(port)}, timeout=WAIT_TIMEOUT
    )
    os.close(ready[1])

    message = f"Cannot listen on localhost:{port}: Address already in use. "
    assert os.read(ready[0], 4096).decode().startswith(message)
    assert process.returncode == 1
    for each in (other, listener):
        each.close()
    for descriptor in (*lifeline, ready[0]):
        os.close(descriptor)
