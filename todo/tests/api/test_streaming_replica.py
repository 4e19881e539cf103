"""A replica that streams from its primary: lag, loss and promotion."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
import requests
from django.db import connections

from aido import database
from aido.database import replica as reads
from aido.testing.postgres import running_postgres, with_port
from aido.testing.processes import HEALTHY, get, wait_until
from aido.testing.proxy import Proxy
from bench import data, services
from bench.hangs import running_replica, wait_for_replay
from todo import changes
from todo.changes import Since
from todo.tasks import Owner

USER = 5
OTHER_USER = 6
MAKE_ADMIN = 'UPDATE "user" SET is_staff = true, is_superuser = true WHERE id = %s'
COMMIT = "UPDATE \"user\" SET name = 'changed' WHERE email = '1@example.com'"

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def primary():
    with running_postgres(fsync="off", wal_keep_size="512MB") as server:
        data.seed_aido(server.url, tasks=0)
        yield server


@pytest.fixture(scope="module")
def replica(primary):
    with running_replica(primary) as server:
        yield server


@pytest.fixture
def proxy(replica):
    with Proxy(("127.0.0.1", replica.port)) as proxy:
        yield proxy


@pytest.fixture
def aido(primary, proxy):
    """A server whose replica is behind the proxy."""
    url = with_port(primary.url, proxy.port)
    variables = {"DATABASE_URL_READ": url, "DATABASE_POOL_MAX": "2"}
    with services.running_aido(primary.url, **variables) as service:
        yield service


@contextmanager
def paused(primary, replica):
    """Stop the replay right after a commit, so that the replica is not behind yet."""
    with primary.connect() as connection:
        connection.execute(COMMIT)
    wait_for_replay(primary, replica)
    with replica.connect() as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        wait_until(lambda: connection.execute(paused).fetchone()[0])
        try:
            yield
        finally:
            connection.execute("SELECT pg_wal_replay_resume()")


def request(aido, method, path, user=USER, **options):
    response = requests.request(
        method, aido.url + path, headers=aido.headers(user), timeout=60, **options
    )
    response.raise_for_status()
    return response


def add_task(aido, title):
    request(aido, "POST", "/api/v1/tasks", json={"title": title})


def changed(aido):
    """Return the titles in the feed of changes."""
    rows = request(aido, "GET", "/api/v1/tasks/changes").json()["results"]
    return {row["title"] for row in rows}


def exported(aido):
    rows = request(aido, "GET", "/api/v1/tasks/export").json()
    return {row["title"] for row in rows}


def listed(aido):
    rows = request(aido, "GET", "/api/v1/tasks?limit=200").json()["results"]
    return {row["title"] for row in rows}


@pytest.fixture
def admin_list(primary):
    """A function that returns the page of the admin with all tasks."""
    key = data.sign_in(primary.url, [OTHER_USER])[OTHER_USER]
    with primary.connect() as connection:
        connection.execute(MAKE_ADMIN, [data.user_id(OTHER_USER)])

    def admin_list(aido):
        headers = aido.headers() | {"Cookie": f"sessionid={key}"}
        page = requests.get(f"{aido.url}/admin/todo/task/", headers=headers, timeout=60)
        assert page.status_code == 200
        return page.text

    return admin_list


def wait_for_old_pages(primary, replica, aido, title, read_pages):
    """Read pages until all lack a task that the replica lacks; return its title.

    On a busy machine the primary may serve some: the replica is not used for PAUSE
    after a connection took too long, or if a test needs longer than MAX_LAG.
    """

    def are_old():
        new = f"{title} {next(numbers)}"
        with paused(primary, replica):
            add_task(aido, new)
            pages = read_pages()
            assert new in listed(aido)
            assert get(f"{aido.url}/health") == HEALTHY
        return new if all(new not in page for page in pages) else None

    numbers = count()
    return wait_until(are_old, interval=1)


def test_the_replica_serves_what_may_be_old_and_nothing_else(
    primary, replica, aido, admin_list
):
    def read_pages():
        return changed(aido), exported(aido), admin_list(aido)

    title = wait_for_old_pages(primary, replica, aido, "not replayed", read_pages)

    wait_for_replay(primary, replica)
    assert all(title in page for page in read_pages())


def test_requests_return_their_connections_to_the_pool_of_the_replica(
    primary, replica, aido
):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(changed, [aido] * 32))

    def read_pages():
        with ThreadPoolExecutor(2) as threads:
            return list(threads.map(changed, [aido] * 8))

    wait_for_old_pages(primary, replica, aido, "after many requests", read_pages)


def test_the_primary_serves_while_the_replica_lags_too_far(primary, replica, aido):
    with paused(primary, replica):
        add_task(aido, "lagging")

        started = time.monotonic()
        wait_until(lambda: "lagging" in changed(aido), interval=1)
        assert time.monotonic() - started <= reads.MAX_LAG.total_seconds() + 10
        assert "lagging" in exported(aido)


def test_sessions_begin_and_end_though_the_replica_is_behind(primary, replica, aido):
    user = data.user_id(7)
    with paused(primary, replica), primary.connect() as connection:
        connection.execute("DELETE FROM session WHERE user_id = %s", [user])

        response = requests.get(
            f"{aido.url}/api/v1/tasks/changes", headers=aido.headers(7), timeout=60
        )

    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("loss", ["refuses", "breaks", "hangs"])
def test_the_primary_serves_when_the_replica_is_lost(
    primary, replica, proxy, aido, loss
):
    wait_for_replay(primary, replica)
    changed(aido)
    add_task(aido, loss)

    proxy.is_silent = loss == "hangs"
    if loss == "refuses":
        proxy.stop()
    elif loss == "breaks":
        proxy.cut()
    started = time.monotonic()
    titles = changed(aido) | exported(aido)

    if loss != "breaks":  # a new connection may reach the replica
        assert loss in titles
    assert time.monotonic() - started < reads.TIMEOUT + 5
    assert get(f"{aido.url}/health") == HEALTHY


def test_a_replica_that_is_promoted_no_longer_serves(primary, proxy, aido):
    with running_replica(primary) as promoted:
        proxy.address = ("127.0.0.1", promoted.port)
        changed(aido)
        with promoted.connect() as connection:
            connection.execute("SELECT pg_promote()")
            connection.execute(COMMIT)
        add_task(aido, "after the promotion")

        assert proxy.connections > 0
        assert "after the promotion" in changed(aido)
        assert "after the promotion" in exported(aido)


def test_the_replica_serves_again_when_it_is_back(primary, proxy, aido):
    proxy.stop()
    add_task(aido, "during the outage")
    assert "during the outage" in changed(aido)

    proxy.start()
    connections_before = proxy.connections

    def is_used():
        with primary.connect() as connection:
            connection.execute(COMMIT)  # an idle primary serves itself
        changed(aido)
        return proxy.connections > connections_before

    wait_until(is_used, interval=2)


@pytest.fixture
def replica_alias(db, replica, monkeypatch):
    """The alias of this process for the replica, however far it lags."""
    databases = {"default": database.replica_config(replica.url)}
    config = connections.configure_settings(databases)["default"]
    connections.settings[reads.ALIAS] = config
    connections[reads.ALIAS].alias = "unknown"
    monkeypatch.setattr(reads, "MAX_LAG", timedelta.max)
    yield
    connections[reads.ALIAS].close()
    # Django's cleanup, which follows, makes a new one for each alias of the settings.
    del connections[reads.ALIAS], connections.settings[reads.ALIAS]


def insert_task(primary, title):
    with primary.connect() as connection:
        connection.execute(
            """
            INSERT INTO task (id, owner_id, title, description, priority, created_at,
                              updated_at)
            VALUES (gen_random_uuid(), %s, %s, '', 0, now(), clock_timestamp())
            """,
            [data.user_id(USER), title],
        )


def test_no_change_is_missed_however_far_the_replica_lags(
    primary, replica, replica_alias, monkeypatch
):
    monkeypatch.setattr(changes, "OVERLAP", timedelta(0))
    monkeypatch.setattr(reads, "MAX_LAG", timedelta(minutes=5))
    owner = Owner(data.user_id(USER), data.user_id(USER).replace("-", ""))
    found, since = [], Since()

    def has_replayed():
        insert_task(primary, "first")
        with replica.connect() as connection:
            return connection.execute(reads.REPLAY_TIME).fetchone()[0]

    wait_until(has_replayed)  # a replica that replayed nothing is not read

    def read():
        nonlocal since
        reading = changes.read(owner, since, 200, using=reads.ALIAS)
        found.extend(row["title"] for row in reading.rows)
        since = reading.since.following(reading.rows, 200)

    for number in range(3):
        with paused(primary, replica):
            insert_task(primary, f"missed {number}?")
            read()
            time.sleep(0.1)
            read()
            assert f"missed {number}?" not in found
        wait_for_replay(primary, replica)
        read()

    assert {f"missed {number}?" for number in range(3)} <= set(found)
