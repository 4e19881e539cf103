"""aido on a PostgreSQL with TLS and passwords, directly and behind PgBouncer."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from aido.testing.fake_neon import KEY, FakeNeon
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import PASSWORD, QUOTED_PASSWORD, running_postgres
from aido.testing.processes import HEALTHY, SECRETS, get, running_server

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def postgres():
    with running_postgres(fsync="off", timezone="Europe/Berlin") as server:
        yield server


@pytest.fixture
def url(postgres):
    """As SQLAlchemy spells it, and without a word about TLS."""
    return postgres.url.replace("://", "+psycopg://").split("?")[0]


def first_value(postgres, sql):
    with postgres.connect() as connection:
        return connection.execute(sql).fetchone()[0]


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_it_migrates_and_serves_over_tls(postgres, url, manage, mode):
    url += f"?sslmode={mode}"
    if mode == "verify-full":
        url += f"&sslrootcert={postgres.certificate}"

    migrate = manage("migrate", DATABASE_URL=url)
    assert migrate.returncode == 0, migrate.stderr

    with running_server("-m", "aido", DATABASE_URL=url, **SECRETS) as server:
        assert get(f"{server}/health") == HEALTHY
        assert first_value(
            postgres,
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            " WHERE application_name = 'aido'",
        )


def test_an_untrusted_certificate_is_reported(url, manage):
    process = manage("migrate", DATABASE_URL=f"{url}?sslmode=verify-full")

    assert process.returncode != 0
    assert "certificate verify failed" in process.stderr
    assert "sslrootcert" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    "command", [["migrate"], ["runserver", "0"]], ids=["migrate", "runserver"]
)
def test_a_wrong_password_is_reported_but_not_printed(url, manage, command):
    url = url.replace(QUOTED_PASSWORD, "wrong-password")

    process = manage(*command, DATABASE_URL=url)

    assert process.returncode != 0
    assert "password authentication failed" in process.stderr
    assert "Check the user and password in DATABASE_URL." in process.stderr
    assert "wrong-password" not in process.stderr
    assert "Traceback" not in process.stderr


def test_a_server_logs_that_a_password_is_wrong_but_not_the_password(url, checkout):
    log = checkout / "log"
    url = url.replace(QUOTED_PASSWORD, "wrong-password")
    with running_server("-m", "aido", DATABASE_URL=url, log=log, **SECRETS) as server:
        assert get(f"{server}/health")[0] == 503

    assert "password authentication failed" in log.read_text()
    assert "wrong-password" not in log.read_text()


def test_a_new_connection_uses_utc(url, manage):
    """Django would set it with a query, as the server's own time zone differs."""
    process = manage(
        *("shell", "-v0", "-c"),
        "from django.db import connection\n"
        "connection.ensure_connection()\n"
        "print(connection.connection.info.parameter_status('TimeZone'))",
        DATABASE_URL=f"{url}?sslmode=require",
    )

    assert process.stdout == "UTC\n", process.stderr


@pytest.mark.pgbouncer
def test_it_runs_behind_pgbouncer_in_transaction_mode(postgres, url, manage):
    with running_pgbouncer(postgres) as pooled:
        urls = {"DATABASE_URL": pooled, "DATABASE_URL_UNPOOLED": url}
        assert manage("migrate", **urls).returncode == 0
        assert manage("verify", **urls).returncode == 0

        with (
            running_server("-m", "aido", **urls, **SECRETS) as server,
            ThreadPoolExecutor(32) as threads,
        ):
            responses = list(threads.map(get, [f"{server}/health"] * 500))

    assert responses == [HEALTHY] * 500


def test_an_api_key_is_enough_to_provision_and_migrate(postgres, manage, checkout):
    """From start to end, with a fake Neon that hands out a real server's database."""
    url = postgres.url
    with FakeNeon(url=lambda branch, pooled: url) as neon:
        key = {"NEON_API_KEY": KEY, "NEON_API_HOST": neon.host}
        run_git(checkout, "init", "--quiet")
        (checkout / ".gitignore").write_text(".env\n")

        first = manage("neon", "provision", "--migrate", **key)
        assert first.returncode == 0, first.stderr
        assert first_value(postgres, "SELECT count(*) FROM task") == 0
        files = [(checkout / name).read_text() for name in (".env", ".neon")]
        neon.requests.clear()

        second = manage("neon", "provision", "--migrate", **key)
        assert second.returncode == 0, second.stderr
        assert second.stdout.count("unchanged") == 3
        assert neon.sent("POST", "PATCH", "PUT", "DELETE") == []
        assert files == [(checkout / name).read_text() for name in (".env", ".neon")]

        verify = manage("verify", **key)
        assert verify.returncode == 0, verify.stdout
        assert verify.stdout.count("passed") == 7

    assert neon.violations == []
    for process in (first, second, verify):
        for secret in (KEY, PASSWORD, QUOTED_PASSWORD):
            assert secret not in process.stdout + process.stderr


def run_git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True)
