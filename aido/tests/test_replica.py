"""DATABASE_URL_READ in the settings, the checks and `verify`."""

import json
import os
import subprocess
import sys

import pytest

from aido.testing.postgres import running_postgres
from aido.testing.processes import ROOT, SECRETS
from bench.hangs import running_replica

PRIMARY = "postgresql://u:hidden-1@primary.example.com/d"
REPLICA = "postgresql://u:hidden-2@replica.example.com/d"
READ = """
import json, sys, aido
aido.command = sys.argv[1] or None
from aido import settings
found = settings.DATABASES.get("replica", {})
pool = found.get("OPTIONS", {}).pop("pool", {})
print(json.dumps({
    "engine": found.get("ENGINE"),
    "host": found.get("HOST"),
    "tls": found.get("OPTIONS", {}).get("sslmode"),
    "pool": [pool.get("min_size"), pool.get("max_size")],
    "error": settings.DATABASE_ERROR,
}))
"""


@pytest.fixture
def read(checkout):
    """A function that returns the settings of the replica for a subcommand."""

    def read(command="", **variables):
        process = subprocess.run(
            [sys.executable, "-c", READ, command],
            cwd=checkout,
            env={"PATH": os.environ["PATH"]} | variables,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(process.stdout)

    return read


def test_a_replica_has_the_tls_and_the_pool_of_the_primary(read):
    found = read(DATABASE_URL=PRIMARY, DATABASE_URL_READ=REPLICA, DATABASE_POOL_MAX="7")

    assert found == {
        "engine": "aido.database.replica",
        "host": "replica.example.com",
        "tls": "require",
        "pool": [1, 7],
        "error": "",
    }


def test_commands_use_no_pool_for_the_replica(read):
    urls = {"DATABASE_URL": PRIMARY, "DATABASE_URL_READ": REPLICA}

    assert read("migrate", **urls)["pool"] == [None, None]


def test_without_a_url_there_is_no_replica(read):
    found = read(DATABASE_URL=PRIMARY)

    assert (found["engine"], found["error"]) == (None, "")


@pytest.mark.parametrize(
    ("urls", "error"),
    [
        ({"DATABASE_URL": PRIMARY, "DATABASE_URL_READ": PRIMARY}, "is the URL of the"),
        (
            {
                "DATABASE_URL": PRIMARY,
                "DATABASE_URL_UNPOOLED": REPLICA,
                "DATABASE_URL_READ": REPLICA,
            },
            "is the URL of the primary.",
        ),
        (
            {"DATABASE_URL": PRIMARY, "DATABASE_URL_READ": "mysql://u:hidden-2@h/d"},
            "starts with mysql://",
        ),
        (
            {"DATABASE_URL": PRIMARY, "DATABASE_URL_READ": "postgresql://u:hidden-2@h"},
            "has no database name",
        ),
    ],
    ids=["primary", "direct URL of the primary", "another database", "no name"],
)
def test_a_wrong_url_is_an_error_without_password(read, urls, error):
    found = read(**urls)["error"]

    assert found.startswith("DATABASE_URL_READ ") and error in found
    assert "hidden" not in found


def test_a_replica_of_the_embedded_server_is_an_error(read):
    error = read("migrate", DATABASE_URL_READ=REPLICA)["error"]

    assert error == "DATABASE_URL_READ is set, but DATABASE_URL is not."


def test_the_hint_names_the_variable_that_is_wrong():
    process = subprocess.run(
        [sys.executable, "-m", "aido"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": PRIMARY}
        | {"DATABASE_URL_READ": "replica.example.com"}
        | SECRETS,
        capture_output=True,
        text=True,
    )

    assert process.returncode == 1
    assert "DATABASE_URL_READ is not a URL." in process.stderr
    assert "Set DATABASE_URL_READ=" in process.stderr


@pytest.fixture(scope="module")
def primary():
    with running_postgres(fsync="off") as server:
        yield server


def verify(primary, url):
    """Return what `verify` finds out about the replica."""
    urls = {"DATABASE_URL": primary.url, "DATABASE_URL_READ": url}
    process = subprocess.run(
        [sys.executable, "manage.py", "verify", "--json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | urls | SECRETS,
        capture_output=True,
        text=True,
    )
    steps = {step["step"]: step for step in json.loads(process.stdout)}
    return steps["replica"]["status"], steps["replica"]["detail"]


@pytest.mark.tls
def test_verify_accepts_a_replica_of_the_primary(primary):
    with running_replica(primary) as replica:
        status, detail = verify(primary, replica.url)

        assert status == "passed", detail
        assert detail.startswith("it has all changes until ")


@pytest.mark.tls
def test_verify_reports_a_server_that_is_not_a_replica(primary):
    status, detail = verify(primary, primary.create_database("other"))

    assert status == "failed"
    assert "a server that is not a replica" in detail


@pytest.mark.tls
def test_verify_reports_a_replica_of_another_database(primary):
    with running_postgres(fsync="off") as other, running_replica(other) as replica:
        urls = [replica.url, replica.url_of("postgres")]
        results = [verify(primary, urls[0]), verify(other, urls[1])]

    for status, detail in results:
        assert status == "failed"
        assert "a replica of another database" in detail


@pytest.mark.tls
def test_verify_reports_a_replica_that_is_away(primary):
    status, detail = verify(primary, primary.url.replace("localhost", "127.0.0.2"))

    assert status == "failed"
    assert "p%40ss" not in detail and "p@ss" not in detail
