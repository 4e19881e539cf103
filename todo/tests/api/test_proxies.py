"""aido behind the proxies that deploy/ configures."""

import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from granian.http import HTTP1Settings

from aido.testing.processes import ROOT, SECRETS, get, running_server
from aido.testing.proxies import running_caddy, running_nginx

MEBIBYTE = 2**20
TASKS = "/api/v1/tasks"
HOSTS = {"ALLOWED_HOSTS": "127.0.0.1,localhost"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="module")
def aido(test_database_url, log):
    options = {"DATABASE_URL": test_database_url, "log": log} | SECRETS | HOSTS
    with running_server("-m", "aido", **options) as url:
        yield url


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(running_nginx, marks=pytest.mark.nginx, id="nginx"),
        pytest.param(running_caddy, marks=pytest.mark.caddy, id="Caddy"),
    ],
)
def url(request, aido):
    with request.param(aido) as url:
        yield url


def chunks(size):
    yield b'{"title": "Buy milk"'
    yield b" " * (size - 21)
    yield b"}"


def exchange(url, request):
    """Send bytes on a connection; return what is received until it closes."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), 30) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_large_import_passes(url, headers):
    body = "title,description\n" + f"{'x' * 190},{'x' * 9800}\n" * 400
    assert len(body) > 3.9e6

    response = requests.post(
        f"{url}/api/v1/tasks/import",
        headers=headers | {"Content-Type": "text/csv"},
        data=body,
    )

    assert response.status_code != 413
    assert response.status_code < 500


def test_a_chunked_body_is_accepted(url, headers):
    json_headers = headers | {"Content-Type": "application/json"}

    response = requests.post(f"{url}{TASKS}", headers=json_headers, data=chunks(500))

    assert response.status_code == 201
    assert response.json()["title"] == "Buy milk"


def test_a_chunked_body_has_the_limit_of_bodies(aido, headers):
    json_headers = headers | {"Content-Type": "application/json"}
    body = chunks(MEBIBYTE + 1)

    response = requests.post(f"{aido}{TASKS}", headers=json_headers, data=body)

    assert response.status_code == 411


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "X-Forwarded_For", "x_forwarded-for"]
)
def test_names_with_an_underscore_do_not_change_the_client(url, log, name):
    request = (
        f"GET {TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"X-Forwarded-For: 192.0.2.1\r\n{name}: 192.0.2.2\r\n\r\n"
    )

    start = log.stat().st_size

    assert b" 401 " in exchange(url, request.encode())

    with log.open() as lines:
        lines.seek(start)
        assert re.findall(r'"client":"(.*?)"', lines.read()) == ["127.0.0.1"]


def test_slow_clients_do_not_occupy_aido(url, aido):
    place = urlsplit(url)
    request = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"email'
    )
    clients = [
        socket.create_connection((place.hostname, place.port)) for _ in range(200)
    ]
    for client in clients:
        client.sendall(request)
    time.sleep(1)
    started = time.monotonic()

    assert get(f"{aido}/livez")[0] == 200
    assert get(f"{url}/livez")[0] == 200

    assert time.monotonic() - started < 5
    for client in clients:
        client.close()


@pytest.mark.nginx
def test_aido_under_a_path(proxied_url, headers, checkout):
    ignored = ["--ignore=admin", "--ignore=drf_spectacular_sidecar"]
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", *ignored],
        cwd=checkout,
        check=True,
        capture_output=True,
    )
    variables = {"DATABASE_URL": proxied_url, "SCRIPT_NAME": "/todo"} | SECRETS | HOSTS
    with (
        running_server("-m", "aido", cwd=checkout, **variables) as aido,
        running_nginx(aido, path="/todo/") as url,
    ):
        page = requests.get(f"{url}/todo/accounts/login/")
        pages = page.text + requests.get(f"{url}/todo/").text
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', pages)
        assert links
        for link in links:
            assert link.startswith("/todo/"), link
        for link in {link for link in links if "/static/" in link}:
            assert requests.get(url + link).status_code == 200, link
        assert "Path=/todo/" in page.headers["Set-Cookie"]
        theme = {"theme": "dark", "csrfmiddlewaretoken": page.cookies["csrftoken"]}
        response = requests.post(
            f"{url}/todo/theme", theme, cookies=page.cookies, allow_redirects=False
        )
        assert "Path=/todo/" in response.headers["Set-Cookie"]
        response = requests.get(f"{url}/todo/api/none")
        assert response.headers["Content-Type"] == "application/problem+json"
        response = requests.post(
            f"{url}/todo{TASKS}", headers=headers, json={"title": "x"}
        )
        assert response.headers["Location"].startswith("/todo/api/v1/tasks/")
        schema = requests.get(f"{url}/todo/api/schema?format=json").json()
        assert schema["servers"][0]["url"] == "/todo/"
        assert get(f"{aido}/livez")[0] == 200


@contextmanager
def answering(status):
    """A server that answers every request with this status: its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.nginx
@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        pytest.param("/static/app.js", {200}, id="static file"),
        pytest.param("/tasks", {200, 404}, id="page"),
    ],
)
def test_a_static_file_is_served_if_any_machine_has_it(path, statuses):
    with (
        answering(404) as old,
        answering(200) as new,
        running_nginx(old, new) as url,
    ):
        assert {get(url + path)[0] for _ in range(6)} == statuses


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_a_proxy_closes_idle_connections_before_aido_does(file):
    configuration = (ROOT / "deploy" / file).read_text()

    (seconds,) = re.findall(r"\bkeepalive(?:_timeout)? (\d+)s", configuration)

    assert int(seconds) * 1000 < HTTP1Settings().header_read_timeout


@pytest.mark.systemd
def test_the_systemd_unit_is_hardened():
    unit = ROOT / "deploy/aido.service"
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]

    report = subprocess.run(command, capture_output=True, text=True).stdout

    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", report)
    assert float(exposure) < 3
