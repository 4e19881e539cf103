"""Against a PostgreSQL that requires TLS and a password, and behind PgBouncer."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from aido.testing.fake_neon import KEY, FakeNeon
from aido.testing.servers import (
    PASSWORD,
    QUOTED,
    SECRETS,
    get,
    pgbouncer_to,
    running_server,
    tls_postgres,
)

HEALTHY = (200, '{"status":"healthy","database":"connected"}')

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def tls():
    with tls_postgres() as (port, certificate):
        yield port, certificate


@pytest.fixture
def url(tls):
    return f"postgresql+psycopg://owner:{QUOTED}@localhost:{tls[0]}/aido"


def query(url, sql):
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(sql).fetchone()[0]


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_aido_migrates_and_serves_over_tls(tls, url, manage, mode):
    url += f"?sslmode={mode}"
    if mode == "verify-full":
        url += f"&sslrootcert={tls[1]}"

    migrated = manage("migrate", DATABASE_URL=url)
    assert migrated.returncode == 0, migrated.stderr

    with running_server("-m", "aido", DATABASE_URL=url, **SECRETS) as server:
        assert get(f"{server}/health") == HEALTHY
        assert query(
            url,
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            " WHERE application_name = 'aido'",
        )


def test_an_untrusted_certificate_is_reported(url, manage):
    process = manage("migrate", DATABASE_URL=f"{url}?sslmode=verify-full")

    assert process.returncode != 0
    assert "certificate verify failed" in process.stderr
    assert "sslrootcert" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("command", [["migrate"], ["runserver", "0"]])
def test_a_wrong_password_is_reported(url, manage, command):
    process = manage(*command, DATABASE_URL=url.replace(QUOTED, "wrong-password"))

    assert process.returncode != 0
    assert "password authentication failed" in process.stderr
    assert "Check the user and password in DATABASE_URL." in process.stderr
    assert "wrong-password" not in process.stderr
    assert "Traceback" not in process.stderr


def test_a_server_logs_the_error_without_the_password(url, checkout):
    log = checkout / "log"
    url = url.replace(QUOTED, "wrong-password")
    with running_server("-m", "aido", DATABASE_URL=url, log=log, **SECRETS) as server:
        assert get(f"{server}/health")[0] == 503

    assert "password authentication failed" in log.read_text()
    assert "wrong-password" not in log.read_text()


def test_a_new_connection_is_in_utc_from_the_start(url, manage):
    """The server's default differs, so Django would set it with a statement."""
    process = manage(
        *("shell", "-v0", "-c"),
        "from django.db import connection\n"
        "connection.ensure_connection()\n"
        "print(connection.connection.info.parameter_status('TimeZone'))",
        DATABASE_URL=f"{url}?sslmode=require",
    )

    assert process.stdout == "UTC\n", process.stderr


@pytest.mark.pgbouncer
def test_aido_works_behind_pgbouncer_in_transaction_mode(tls, url, manage):
    with pgbouncer_to(tls[0]) as port:
        pooled = url.replace(str(tls[0]), str(port))
        urls = {"DATABASE_URL": pooled, "DATABASE_URL_UNPOOLED": url}
        assert manage("migrate", **urls).returncode == 0
        assert manage("verify", **urls).returncode == 0

        with (
            running_server("-m", "aido", **urls, **SECRETS) as server,
            ThreadPoolExecutor(32) as threads,
        ):
            responses = list(threads.map(get, [f"{server}/health"] * 500))

    assert responses == [HEALTHY] * 500


def test_from_an_api_key_to_a_migrated_database(tls, url, manage, checkout):
    """With a fake Neon API whose databases are on a real server."""
    url = f"{url.replace('+psycopg', '')}?sslmode=require"
    with FakeNeon(url=lambda branch, pooled: url) as neon:
        key = {"NEON_API_KEY": KEY, "NEON_API_HOST": neon.host}
        git(checkout, "init", "--quiet")
        (checkout / ".gitignore").write_text(".env\n")

        first = manage("neon", "provision", "--migrate", **key)
        assert first.returncode == 0, first.stderr
        assert query(url, "SELECT count(*) FROM task") == 0
        files = [(checkout / name).read_text() for name in (".env", ".neon")]
        neon.requests.clear()

        second = manage("neon", "provision", "--migrate", **key)
        assert second.returncode == 0, second.stderr
        assert second.stdout.count("unchanged") == 3
        assert neon.sent("POST", "PATCH", "PUT", "DELETE") == []
        assert files == [(checkout / name).read_text() for name in (".env", ".neon")]

        verified = manage("verify", **key)
        assert verified.returncode == 0, verified.stdout
        assert verified.stdout.count("passed") == 7

    assert neon.violations == []
    for process in (first, second, verified):
        for secret in (KEY, PASSWORD, QUOTED):
            assert secret not in process.stdout + process.stderr


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True)
