"""A database that may not write, as after a failover: 503 until it may again."""

import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests
from django.core.cache import cache, caches
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from aido.testing.processes import (
    HTTPS_HEADERS,
    SECRETS,
    WAIT_TIMEOUT,
    get,
    running_server,
)
from todo.models.session import SessionStore
from todo.tests.api.conftest import production_token
from todo.tests.conftest import PASSWORD

READ_ONLY = (200, '{"status":"healthy","database":"read-only"}')

pytestmark = pytest.mark.django_db(transaction=True)


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def set_read_only(value):
    """Make every other connection read-only, or writable again if it reconnects."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")


def kill_others():
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@contextmanager
def read_only():
    set_read_only("on")
    kill_others()
    try:
        yield
    finally:
        set_read_only("off")


@contextmanager
def read_only_session():
    """Make the connection of this test read-only."""
    execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        connection.close()


@pytest.fixture
def clean_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def server(proxied_url, tmp_path, clean_cache):
    log = tmp_path / "log"
    variables = {"DATABASE_URL": proxied_url, "DATABASE_POOL_MAX": "3", **SECRETS}
    with running_server("-m", "aido", log=log, **variables) as url:
        assert get(f"{url}/health")[0] == 200
        yield SimpleNamespace(url=url, log=log)


def send(server, method, path, token=None, **options):
    headers = dict(HTTPS_HEADERS)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return requests.request(
        method,
        server.url + path,
        headers=headers,
        timeout=WAIT_TIMEOUT,
        **options,
    )


def is_outage(response):
    return response.status_code == 503 and response.headers["Retry-After"] == "5"


def test_writes_get_503_and_reads_succeed(server, user):  # noqa: F811
    token = production_token(user)
    credentials = {"email": user.email, "password": PASSWORD}

    with read_only():
        assert get(f"{server.url}/health") == READ_ONLY
        assert send(server, "GET", "/api/v1/tasks", token).status_code == 200
        post = send(server, "POST", "/api/v1/tasks", token, json={"title": "Milk"})
        login = send(server, "POST", "/api/v1/auth/login", json=credentials)
        started = time.monotonic()
        again = send(server, "POST", "/api/v1/tasks", token, json={"title": "Milk"})
        seconds = time.monotonic() - started

    assert is_outage(post)
    assert post.json()["code"] == "database_unavailable"
    assert is_outage(login)
    assert is_outage(again)
    assert seconds < 5  # the first one waited for 10
    assert "read-only transaction" in server.log.read_text()


def test_signing_in_on_the_page_gets_503(client, user, clean_cache):  # noqa: F811
    with read_only_session():
        form = {"login": user.email, "password": PASSWORD}
        response = client.post("/accounts/login/", form)

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert PASSWORD not in response.text


def test_a_write_waits_for_the_end_of_a_failover(server, user):  # noqa: F811
    token = production_token(user)
    send(server, "GET", "/api/v1/tasks", token)
    set_read_only("on")
    kill_others()
    assert get(f"{server.url}/health") == READ_ONLY

    # The connection that is open now stays read-only, as to a fenced primary.
    set_read_only("off")
    response = send(server, "POST", "/api/v1/tasks", token, json={"title": "Milk"})

    assert response.status_code == 201


def test_verify_fails(capsys, monkeypatch):
    monkeypatch.setattr("aido.management.commands.verify.search_secrets", lambda: None)
    with read_only_session(), pytest.raises(CommandError):
        call_command("verify")

    assert "read-only" in capsys.readouterr().out


def test_a_rate_limit_raises_the_error_of_the_database(clean_cache):
    with read_only_session(), pytest.raises(OperationalError, match="read-only"):
        cache.add("a", 1)


def test_a_session_save_raises_the_error_of_the_database():
    session = SessionStore()
    session["a"] = 1
    session.create()
    session["a"] = 2

    with read_only_session(), pytest.raises(OperationalError, match="read-only"):
        session.save()


def test_the_session_middleware_answers_503(client, user):  # noqa: F811
    client.raise_request_exception = False
    client.force_login(user)
    session = client.session
    session.set_expiry(1000)
    session.save()

    with read_only_session():
        response = client.post("/accounts/logout/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"


def test_the_connection_of_a_read_only_transaction_is_closed():
    connection.ensure_connection()
    used = connection.connection
    with pytest.raises(OperationalError) as raised, transaction.atomic():
        execute("SET TRANSACTION READ ONLY")
        execute("DELETE FROM task")

    assert raised.value.__cause__.sqlstate == "25006"
    assert used.closed


@pytest.mark.parametrize("mode", ["set", "add"])
def test_the_cache_still_stores_values(mode, clean_cache):
    getattr(cache, mode)("key", [1, 2])

    assert cache.get("key") == [1, 2]
    assert cache.add("key", 3) is False
    assert cache.touch("key", 60) is True
    assert cache.touch("other", 60) is False
    cache.set("key", 3, timeout=-1)
    assert cache.get("key") is None
    assert cache.add("key", 4) is True
    cache.set("forever", 5, timeout=None)
    assert cache.get("forever") == 5


def test_a_full_cache_loses_what_expires_first(clean_cache, monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 10)
    cache.set("a-lock", 1, timeout=300)
    cache.set("b-forever", 2, timeout=None)

    for number in range(30):
        cache.set(f"c{number}", number, timeout=60)

    assert cache.get_many(["a-lock", "b-forever"]) == {"a-lock": 1, "b-forever": 2}
    assert cache.get("c29") == 29
    assert cache.get("c0") is None


def test_the_cache_is_culled_when_full(clean_cache, monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 10)
    for number in range(30):
        cache.set(f"key{number}", number)

    keys = cache.get_many([f"key{number}" for number in range(30)])
    assert len(keys) <= 11
