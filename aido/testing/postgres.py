"""A PostgreSQL server with TLS and passwords, which can be stopped and restarted."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from aido.embedded import identity, make_private
from aido.testing.components import find_postgres
from aido.testing.processes import (
    end,
    free_port,
    reachable_folder,
    unprivileged,
    wait_for_start,
)

PASSWORD = "p@ss/w:rd?#%"
QUOTED_PASSWORD = "p%40ss%2Fw%3Ard%3F%23%25"
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Postgres:
    """A server on localhost with a database `aido`; it refuses clients without TLS."""

    def __init__(self, folder: Path, settings: dict):
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.settings = settings
        self.process = None

    @property
    def url(self) -> str:
        return self.url_of("aido")

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate"

    def url_of(self, database: str) -> str:
        server = f"postgresql://owner:{QUOTED_PASSWORD}@localhost:{self.port}"
        return f"{server}/{database}?sslmode=require"

    def connect(self, database: str = "aido") -> psycopg.Connection:
        return psycopg.connect(self.url_of(database), autocommit=True)

    def initialise(self) -> None:
        make_certificate(self.folder)
        make_private(self.data)
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        run(
            *(Path(find_postgres()).with_name("initdb"), "-D", self.data),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "-U", "owner"),
            *("-A", "scram-sha-256", "--pwfile", password),
            cwd="/",
            **identity(),
        )
        rules = [
            f"hostssl {databases} all 127.0.0.1/32 scram-sha-256\n"
            for databases in ("all", "replication")
        ]
        (self.data / "pg_hba.conf").write_text("".join(rules))

    def create_database(self, name: str) -> str:
        """Create a database and return its URL."""
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": self.certificate,
            "ssl_key_file": self.folder / "key",
        } | self.settings
        options = [f"--{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen(
            [find_postgres(), "-D", self.data, *options],
            start_new_session=True,
            **unprivileged(),
        )
        wait_for_start(self.process, lambda: accepts(self.url_of("postgres")))

    def stop(self, mode: str = "fast") -> None:
        end(self.process, by=STOP_SIGNALS[mode])

    def kill_clients(self, database: str) -> None:
        """Close the connections to a database, as an administrator can."""
        with self.connect("postgres") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                [database],
            )


@contextmanager
def running_postgres(**settings: str) -> Iterator[Postgres]:
    """A new server with these settings, such as fsync="off"."""
    with reachable_folder() as folder:
        server = Postgres(folder, settings)
        server.initialise()
        try:
            server.start()
            server.create_database("aido")
            yield server
        finally:
            if server.process:
                server.stop("immediate")


def accepts(url: str) -> bool:
    """Return whether a server accepts connections to this database."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def with_port(url: str, port: int) -> str:
    """Return the URL of the same database behind another port, such as a proxy's."""
    return re.sub(r":\d+/", f":{port}/", url)


def make_certificate(folder: Path) -> None:
    """Make a self-signed certificate for localhost, and its key."""
    run(
        *("openssl", "req", "-x509", "-nodes", "-days", "2"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", folder / "key", "-out", folder / "certificate"),
    )
    if owner := identity().get("user"):
        shutil.chown(folder / "key", owner)


def run(*command, **options):
    subprocess.run(command, check=True, capture_output=True, **options)
