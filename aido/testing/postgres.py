"""A PostgreSQL that takes TLS, for the benchmarks, which can be stopped and started."""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager

import psycopg

from aido.embedded import identity, make_private
from aido.testing.servers import (
    PASSWORD,
    QUOTED,
    free_port,
    make_certificate,
    reachable_folder,
    run,
    tls_postgres_binaries,
    wait_for,
)

STOP = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Postgres:
    """Listens on 127.0.0.1 and takes TLS; `url` is that of the database `aido`."""

    def __init__(self, folder):
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.url = (
            f"postgresql://owner:{QUOTED}@localhost:{self.port}/aido?sslmode=require"
        )
        self.process = None

    def create(self):
        make_certificate(self.folder)
        make_private(self.data)
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        run(
            *(tls_postgres_binaries() / "initdb", "-D", self.data, "--encoding=UTF8"),
            *("--locale=C", "-U", "owner", "-A", "scram-sha-256"),
            *("--pwfile", password),
            cwd="/",
            **identity(),
        )
        (self.data / "pg_hba.conf").write_text(
            "hostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        self.start()
        self.database("aido")

    def database(self, name):
        """Make a database: its URL."""
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url.replace("/aido?", f"/{name}?")

    def start(self):
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": self.folder / "certificate",
            "ssl_key_file": self.folder / "key",
            "shared_buffers": "512MB",
            "max_connections": 100,
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            [tls_postgres_binaries() / "postgres", "-D", self.data, *settings],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **identity(),
        )
        wait_for(self.url.replace("/aido?", "/postgres?"))

    def stop(self, mode="fast"):
        self.process.send_signal(STOP[mode])
        self.process.wait(30)

    def admin(self):
        return psycopg.connect(
            self.url.replace("/aido?", "/postgres?"), autocommit=True
        )

    def kill_clients(self):
        with self.admin() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'aido'"
            )


@contextmanager
def postgres():
    if not tls_postgres_binaries() or not shutil.which("openssl"):
        raise SystemExit("This needs PostgreSQL and openssl: apt install postgresql.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
    with reachable_folder() as folder:
        server = Postgres(folder)
        server.create()
        try:
            yield server
        finally:
            server.stop("immediate")
