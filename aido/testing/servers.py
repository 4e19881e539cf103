"""Test servers: PostgreSQL with TLS, PgBouncer, and a proxy that counts."""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from aido.embedded import Server, identity, make_private

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"SECRET_KEY": "test-secret-key-" * 3, "JWT_SECRET": "test-jwt-secret-" * 3}
PASSWORD = "p@ss/w:rd?#%"
QUOTED = "p%40ss%2Fw%3Ard%3F%23%25"


def tls_postgres_binaries():
    """The folder of a PostgreSQL that was built with TLS, as Debian's are, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def pgbouncer():
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def chromium():
    return shutil.which("chromium") or shutil.which("google-chrome")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def reachable_folder():
    """A temporary folder that the server's user can reach too when root runs it."""
    with tempfile.TemporaryDirectory(prefix="aido-tests-") as folder:
        os.chmod(folder, 0o711)
        yield Path(folder)


def has_stopped(home):
    """Whether an embedded server stops soon, now that its users have gone."""
    give_up_at = time.monotonic() + 10
    while Server(home).sockets.exists() and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return not Server(home).sockets.exists()


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options)


@contextlib.contextmanager
def running(*command):
    """A server process, which runs as somebody else than root."""
    process = subprocess.Popen(
        command,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **identity(),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url):
    give_up_at = time.monotonic() + 20
    while True:
        try:
            return psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)


def make_certificate(folder):
    """A certificate for localhost, which is its own authority, and its key."""
    run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", folder / "key", "-out", folder / "certificate"),
    )
    if owner := identity().get("user"):
        shutil.chown(folder / "key", owner)
    return folder / "certificate"


@contextlib.contextmanager
def tls_postgres():
    """A PostgreSQL on TCP that takes TLS and a password: (port, certificate)."""
    with reachable_folder() as folder:
        certificate = make_certificate(folder)
        data, port = folder / "data", free_port()
        make_private(data)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        run(
            *(
                tls_postgres_binaries() / "initdb",
                "-D",
                data,
                "--encoding=UTF8",
                "--locale=C",
            ),
            *("-U", "owner", "-A", "scram-sha-256", "--pwfile", folder / "password"),
            cwd="/",
            **identity(),
        )
        hba = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(hba)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": folder / "key",
            "fsync": "off",
            "timezone": "Europe/Berlin",
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        with running(tls_postgres_binaries() / "postgres", "-D", data, *settings):
            admin = f"postgresql://owner:{QUOTED}@localhost:{port}/postgres"
            wait_for(admin)
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute("CREATE DATABASE aido")
            yield port, certificate


@contextlib.contextmanager
def pgbouncer_to(postgres_port):
    """A PgBouncer in transaction mode, as Neon runs one: its port."""
    with reachable_folder() as folder:
        port = free_port()
        (folder / "users").write_text(f'"owner" "{PASSWORD}"\n')
        (folder / "ini").write_text(
            "\n".join(
                [
                    "[databases]",
                    f"* = host=127.0.0.1 port={postgres_port}",
                    "[pgbouncer]",
                    "listen_addr = 127.0.0.1",
                    f"listen_port = {port}",
                    "unix_socket_dir =",
                    "auth_type = scram-sha-256",
                    f"auth_file = {folder}/users",
                    "pool_mode = transaction",
                    "default_pool_size = 5",
                    "server_tls_sslmode = require",
                    "server_login_retry = 1",  # its default leaves a server for 15 s
                    # Since 1.20 it takes `options` by itself, as Neon's does.
                    "ignore_startup_parameters = extra_float_digits, options",
                ]
            )
        )
        with running(pgbouncer(), folder / "ini"):
            wait_for(f"postgresql://owner:{QUOTED}@127.0.0.1:{port}/aido")
            yield port


class Proxy:
    """A TCP proxy before a server, which counts what passes and can fail in its place.

    A flight is what a client sends before the server answers: one round trip.
    """

    def __init__(self, family, address):
        self.family, self.address = family, address
        self.connections = self.round_trips = 0
        self.is_silent = False  # accepts, takes, and never answers
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        server = socket.socket(self.family)
        self.open |= {client, server}
        with client, server, contextlib.suppress(OSError):
            server.connect(self.address)
            from_client = False
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if self.is_silent:
                        continue
                    if source is client and not from_client:
                        self.round_trips += 1
                    from_client = source is client
                    (server if from_client else client).sendall(data)
        self.open -= {client, server}

    def cut(self):
        """End every connection, as a server does that is killed."""
        for end in list(self.open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self):
        """Refuse new connections and end the old ones."""
        with contextlib.suppress(OSError):  # already stopped
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()


@contextlib.contextmanager
def running_server(*command, **options):
    """A web server process of aido, with just these environment variables: its URL."""
    with running_server_process(*command, **options) as (url, _):
        yield url


@contextlib.contextmanager
def running_server_process(*command, cwd=ROOT, log=None, **variables):
    """The same, and the process too."""
    port = free_port()
    variables = {"PATH": os.environ["PATH"], "API_PORT": str(port)} | variables
    with open(log, "w+") if log else tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=cwd, env=variables, stdout=log, stderr=log
        )
        try:
            wait_for_answer(process, f"http://localhost:{port}/livez", log)
            yield f"http://localhost:{port}", process
        finally:
            process.terminate()
            process.wait(20)


def wait_for_answer(process, url, log):
    give_up_at = time.monotonic() + 20
    while True:
        try:
            return get(url)
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up_at:
                log.seek(0)
                raise AssertionError(f"it does not serve: {log.read()}") from None
            time.sleep(0.05)


# What the proxy in front of a server in production sets.
HTTPS_HEADERS = {"X-Forwarded-Proto": "https"}


def get(url):
    """The status and the text of an answer."""
    try:
        request = urllib.request.Request(url, headers=HTTPS_HEADERS)
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
