import os
import socket
import subprocess
import sys

import pytest
from django.core.checks import Error, Warning, run_checks

from aido.checks import TAG, check_fallbacks, refuse_misconfiguration
from aido.listeners import authority, listen_error
from aido.testing.processes import SECRETS, free_port


def test_a_complete_configuration_passes(settings):
    settings.SECRET_KEY, settings.JWT_SECRET = SECRETS.values()

    assert run_checks(tags=[TAG]) == []
    assert refuse_misconfiguration() is None


def test_the_length_of_a_secret_is_counted_in_bytes(settings):
    settings.JWT_SECRET = "ä" * 16

    assert run_checks(tags=[TAG]) == []


@pytest.mark.parametrize(
    "frontend_url", ["", "https://app.example.com", "http://localhost:3000"]
)
def test_an_origin_is_a_valid_frontend_url(settings, frontend_url):
    settings.FRONTEND_URL = frontend_url

    assert run_checks(tags=[TAG]) == []


@pytest.mark.parametrize(
    "check_id, changes",
    [
        ("aido.E001", {"DATABASE_ERROR": "DATABASE_URL is not set."}),
        ("aido.E002", {"SECRET_KEY": ""}),
        ("aido.E002", {"SECRET_KEY": "x" * 31}),
        ("aido.E003", {"JWT_SECRET": ""}),
        ("aido.E003", {"JWT_SECRET": "x" * 31}),
        ("aido.E004", {"SECRET_KEY": "x" * 32, "JWT_SECRET": "x" * 32}),
        ("aido.E005", {"DATABASE_POOL_MIN": 9, "DATABASE_POOL_MAX": 8}),
        ("aido.E005", {"DATABASE_POOL_MIN": 0, "DATABASE_POOL_MAX": 0}),
        ("aido.E006", {"FRONTEND_URL": "https://app.example.com/"}),
        ("aido.E006", {"FRONTEND_URL": "https://app.example.com?x"}),
        ("aido.E006", {"FRONTEND_URL": "ftp://app.example.com"}),
        ("aido.E006", {"FRONTEND_URL": "https:"}),
        ("aido.E006", {"FRONTEND_URL": "app.example.com"}),
        ("aido.E006", {"FRONTEND_URL": "*"}),
        ("aido.E008", {"SCRIPT_NAME": "todo"}),
        ("aido.E008", {"SCRIPT_NAME": "https://a.example.com/todo"}),
        ("aido.E009", {"PLAIN_HTTP": True, "ALLOWED_HOSTS": ["todo.example.com"]}),
        ("aido.E009", {"PLAIN_HTTP": True, "ALLOWED_HOSTS": ["nas", "*"]}),
        ("aido.E009", {"PLAIN_HTTP": True, "ALLOWED_HOSTS": ["8.8.8.8"]}),
    ],
    ids=str,
)
def test_a_mistake_is_reported_with_an_id_and_a_hint(settings, check_id, changes):
    for name, value in changes.items():
        setattr(settings, name, value)

    errors = run_checks(tags=[TAG])

    assert [error.id for error in errors] == [check_id]
    assert errors[0].hint


@pytest.mark.parametrize(
    "entry, spelling",
    [
        ("todo.example.com:8000", "todo.example.com"),
        ("https://todo.example.com", "todo.example.com"),
        ("https://todo.example.com:8443/", "todo.example.com"),
        ('["todo.example.com"]', "todo.example.com"),
        ("'todo.example.com'", "todo.example.com"),
        ("*.example.com", ".example.com"),
        ("::1", "[::1]"),
        ("[::1]:8000", "[::1]"),
        ("todo.*.com", "ALLOWED_HOSTS=todo.example.com"),
        ("a.example.com b.example.com", "ALLOWED_HOSTS=todo.example.com"),
    ],
)
def test_a_mistake_in_allowed_hosts_is_reported_with_the_right_spelling(
    settings, entry, spelling
):
    settings.ALLOWED_HOSTS = ["todo.example.com", entry]

    (error,) = run_checks(tags=[TAG])

    assert error.id == "aido.E007"
    assert entry in error.msg
    assert spelling in error.hint


@pytest.mark.parametrize(
    "host", ["todo.example.com", ".example.com", "*", "10.0.0.1", "[2001:db8::1]"]
)
def test_a_host_without_a_mistake_is_accepted(settings, host):
    settings.ALLOWED_HOSTS = [host]

    assert run_checks(tags=[TAG]) == []


@pytest.mark.parametrize(
    "host",
    ["nas", "nas.local", ".lan", "a.home.arpa", "10.1.2.3", "[fd00::1]", "127.0.0.1"],
)
def test_plain_http_is_accepted_in_a_private_network(settings, host):
    settings.PLAIN_HTTP, settings.ALLOWED_HOSTS = True, [host]

    assert run_checks(tags=[TAG]) == []


def test_a_server_reports_all_mistakes_at_once(settings):
    settings.SECRET_KEY = settings.JWT_SECRET = ""
    settings.DATABASE_ERROR = "DATABASE_URL is not set."

    with pytest.raises(SystemExit) as stop:
        refuse_misconfiguration()

    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_SECRET"):
        assert f"- {name} is not set." in stop.value.code


@pytest.mark.parametrize(("worker", "lines"), [("0", 1), ("1", 0)])
def test_only_the_first_worker_logs_warnings(monkeypatch, caplog, worker, lines):
    warnings = [Warning("Slow.", hint="Hurry.", id="aido.W007")]
    monkeypatch.setattr("aido.checks.run_checks", lambda tags: warnings)
    monkeypatch.setenv("AIDO_WORKER", worker)

    refuse_misconfiguration()

    assert caplog.messages == ["Slow. Hurry."] * lines


def test_mistakes_are_reported_in_the_order_of_their_ids(monkeypatch):
    errors = [Error(f"Error {n}.", hint="", id=f"aido.E00{n}") for n in (3, 1, 2)]
    monkeypatch.setattr("aido.checks.run_checks", lambda tags: errors)

    with pytest.raises(SystemExit) as stop:
        refuse_misconfiguration()

    assert stop.value.code.split("Error ")[1:] == ["1. \n- ", "2. \n- ", "3. "]


def test_granian_refuses_to_start_without_configuration(checkout):
    process = run_unconfigured(
        *("granian", "--interface", "wsgi"),
        *("--port", str(free_port()), "aido.wsgi:application"),
        cwd=checkout,
    )

    assert process.returncode != 0
    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_SECRET"):
        assert f"{name} is not set." in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("module", ["aido", "aido.wsgi", "aido.asgi"])
def test_each_kind_of_server_refuses_to_start_without_configuration(checkout, module):
    process = run_unconfigured(module, cwd=checkout)

    assert process.returncode == 1
    assert process.stderr.count("is not set.") == 3
    assert "Traceback" not in process.stderr


def run_unconfigured(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_port_in_use_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as server:
        error = listen_error("localhost", server.getsockname()[1])

    assert error.endswith("Address already in use. Set API_HOST or API_PORT.")


def test_a_free_port_is_no_error():
    assert listen_error("localhost", free_port()) == ""


def test_a_port_whose_last_connection_was_just_closed_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()  # the side that closes first keeps the port
            client.recv(1)

    assert listen_error("localhost", port) == ""


def test_an_ipv6_address_is_tried_as_such():
    assert "Address family" not in listen_error("::1", free_port())


@pytest.mark.parametrize(
    "host, port", [("no-such-host.invalid", 80), ("localhost", 99999)]
)
def test_an_invalid_address_is_an_error(host, port):
    assert f"Cannot listen on {host}:{port}: " in listen_error(host, port)


def test_an_ipv6_address_is_in_brackets_before_a_port():
    assert authority("::1", 8000) == "[::1]:8000"
    assert authority("localhost", 8000) == "localhost:8000"
    assert "Cannot listen on [::1]:99999: " in listen_error("::1", 99999)


@pytest.mark.parametrize("name", ["SECRET_KEY_FALLBACKS", "JWT_SECRET_FALLBACKS"])
def test_a_short_fallback_is_refused_without_showing_it(settings, name):
    setattr(settings, name, ["x" * 32, "short secret"])

    [error] = check_fallbacks(None)

    assert error.msg.startswith(f"{name} has a weak secret")
    assert "short secret" not in f"{error.msg} {error.hint}"
