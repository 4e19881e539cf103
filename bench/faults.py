"""Does a request fail when the database does? `make faults`

Eight clients read and write over TLS while PostgreSQL is killed or restarted. Then 64
clients do while it hangs, may not write, or fails over to a replica. At the end the
writes that were acknowledged are compared with the table.

`python -m bench.faults lock failover` injects only these faults.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import requests

from aido.embedded import identity
from aido.testing import components
from aido.testing.components import find_postgres
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import PASSWORD, Postgres, running_postgres, with_port
from aido.testing.processes import get, reachable_folder, wait_until
from aido.testing.proxy import Proxy
from bench import data, services

CLIENTS = 8
PAUSE = 0.05  # seconds between two requests of a client
SECONDS = 6  # of load; the fault happens after a third of them
OUTAGE = 2  # seconds
CROWD = 64  # clients, for the faults that leave requests waiting
FAULTS = ["kill", "fast", "immediate", "outage", "idle kill", "idle fast"]
TABLE_HEADER = (
    "| through | fault | requests | failed | not 503 | slowest | /livez | lost"
    " | duplicated |\n|---|---|---:|---|---:|---:|---:|---:|---:|"
)


def inject(server, fault):
    """Close all connections, or restart PostgreSQL in a mode of `pg_ctl stop`."""
    if fault == "kill":
        return server.kill_clients("aido")
    server.stop("fast" if fault == "outage" else fault)
    if fault == "outage":
        time.sleep(OUTAGE)
    server.start()


class Hangs:
    """Faults of a database that is reached through a proxy; each lasts `seconds`."""

    def __init__(self, server, replica, proxy, service):
        self.server, self.replica = server, replica
        self.proxy, self.service = proxy, service

    def lock(self, seconds):
        with self.server.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE task")
            time.sleep(seconds)

    def silence(self, seconds):
        self.proxy.is_silent = True
        time.sleep(seconds)
        self.proxy.is_silent = False
        self.proxy.cut()  # what was lost in between cannot be resumed

    def stop(self, seconds):
        """Stop every process of PostgreSQL, as a paused virtual machine does."""
        group = self.server.process.pid
        pids = services.process_tree(group)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def read_only(self, seconds):
        self.set_read_only("on")
        time.sleep(seconds)
        self.set_read_only("off")

    def set_read_only(self, value):
        with self.server.connect("postgres") as connection:
            connection.execute(
                f"ALTER DATABASE aido SET default_transaction_read_only = {value}"
            )
        if value == "on":
            self.server.kill_clients("aido")

    def failover(self, seconds):
        """Make the primary read-only, and connect to its promoted replica."""
        self.set_read_only("on")
        wait_for_replay(self.server, self.replica)
        with self.replica.connect("postgres") as connection:
            connection.execute("SELECT pg_promote()")
            connection.execute(
                "ALTER DATABASE aido RESET default_transaction_read_only"
            )
        time.sleep(seconds)
        # Old connections still lead to the primary, which refuses to write.
        self.proxy.address = ("127.0.0.1", self.replica.port)

    def reload(self, seconds):
        self.service.process.send_signal(signal.SIGHUP)


HANGS = {  # fault: seconds
    "lock": 20,
    "silence": 20,
    "stop": 15,
    "read_only": 5,
    "reload": 0,
    "failover": 2,  # the last one: the replica is then the primary
}


@contextmanager
def running_replica(server):
    """A replica of the server, made with pg_basebackup."""
    with reachable_folder() as folder:
        for name in ("certificate", "key"):
            shutil.copy2(server.folder / name, folder / name)
        replica = Postgres(folder, server.settings)
        backup = Path(find_postgres()).with_name("pg_basebackup")
        command = [backup, "-D", replica.data, "-R", "-X", "stream", "-c", "fast"]
        url = (
            server.url_of("replication").partition("?")[0].replace("/replication", "/")
        )
        subprocess.run(
            [*command, "-d", url],
            check=True,
            env=os.environ | {"PGPASSWORD": PASSWORD},
        )
        # Files that do not exist: in the home of root it may not even look for them.
        address = f"host=localhost port={server.port} user=owner password={PASSWORD}"
        tls = "sslmode=require sslcert=/none sslkey=/none sslrootcert=/none"
        with open(replica.data / "postgresql.auto.conf", "a") as configuration:
            configuration.write(f"primary_conninfo = '{address} {tls}'\n")
        if user := identity().get("user"):
            subprocess.run(["chown", "-R", str(user), folder], check=True)
        replica.start()
        try:
            yield replica
        finally:
            replica.stop("immediate")


def wait_for_replay(server, replica):
    with server.connect("postgres") as primary, replica.connect("postgres") as standby:
        position = primary.execute("SELECT pg_current_wal_lsn()").fetchone()[0]
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: standby.execute(replayed, [position]).fetchone()[0])


class Livez(threading.Thread):
    """Requests /livez every 0.2 s; records the slowest response in seconds."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.slowest, self.is_stopped = url, 0.0, False

    def run(self):
        while not self.is_stopped:
            started = time.monotonic()
            try:
                get(f"{self.url}/livez")
            except OSError:  # nobody listens
                self.slowest = float("inf")
            self.slowest = max(self.slowest, time.monotonic() - started)
            time.sleep(0.2)


class Client(threading.Thread):
    """Sends each kind of request in turn, and records the writes that succeeded."""

    def __init__(self, service, until):
        super().__init__()
        self.url, self.until = service.url + service.path("/tasks"), until
        self.session = service.session()
        self.titles = {}  # by task id; None for a deleted task
        self.sent, self.failed, self.slowest = 0, Counter(), 0.0
        self.wrong = 0  # failures that are no 503 with Retry-After

    def run(self):
        actions = [self.create, self.create, self.read, self.change, self.list]
        actions += [self.delete]
        turn = random.randrange(len(actions))
        while time.monotonic() < self.until:
            actions[turn % len(actions)]()
            turn += 1
            time.sleep(PAUSE)

    def send(self, method, path="", **options):
        """Return the response, or None if the request failed."""
        started = time.monotonic()
        try:
            response = self.session.request(
                method, self.url + path, timeout=30, **options
            )
            status = response.status_code
        except requests.RequestException as error:
            response, status = None, type(error).__name__
        self.sent += 1
        self.slowest = max(self.slowest, time.monotonic() - started)
        if status not in {200, 201, 204}:
            self.failed[f"{method} {status}"] += 1
            self.wrong += status != 503 or "Retry-After" not in response.headers
            return None
        return response

    def random_id(self):
        ids = [pk for pk, title in self.titles.items() if title]
        return random.choice(ids) if ids else None

    def create(self):
        title = str(uuid4())
        if response := self.send("POST", json={"title": title}):
            self.titles[response.json()["id"]] = title

    def read(self):
        if pk := self.random_id():
            self.send("GET", f"/{pk}")

    def list(self):
        self.send("GET", "?limit=50")

    def change(self):
        if pk := self.random_id():
            title = str(uuid4())
            if self.send("PATCH", f"/{pk}", json={"title": title}):
                self.titles[pk] = title

    def delete(self):
        pk = self.random_id()
        if pk and self.send("DELETE", f"/{pk}") is not None:
            self.titles[pk] = None


def run_clients(service, seconds, interrupt=None, count=CLIENTS):
    """Return the clients after so many seconds; call `interrupt` after a third."""
    clients = [Client(service, time.monotonic() + seconds) for _ in range(count)]
    for client in clients:
        client.start()
    if interrupt:
        time.sleep(seconds / 3)
        interrupt()
    for client in clients:
        client.join()
    return clients


def count_errors(database_url, clients):
    """Return how many acknowledged writes were lost, and how many duplicated."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT id::text, title, deleted_at FROM task"
        ).fetchall()
    table = {pk: None if deleted_at else title for pk, title, deleted_at in rows}
    expected = {pk: title for client in clients for pk, title in client.titles.items()}
    lost = sum(table.get(pk, "absent") != title for pk, title in expected.items())
    titles = Counter(title for _, title, _ in rows)
    return lost, sum(count - 1 for count in titles.values())


def measure(server, service, through, fault):
    """Print a table row; return the number of requests that went wrong."""
    truncate(server)
    livez = Livez(service.url)
    livez.start()
    if fault.startswith("idle "):
        clients = run_clients(service, SECONDS / 3)
        inject(server, fault.removeprefix("idle "))
        time.sleep(0.5)
        clients += run_clients(service, SECONDS / 3)
    else:
        clients = run_clients(service, SECONDS, lambda: inject(server, fault))
    failed = report(server, clients, livez, through, fault)
    return sum(client.failed.total() for client in clients) + failed


def measure_hang(hangs, fault, seconds):
    """Print a table row; return the number of requests that were not answered."""
    truncate(hangs.server)
    livez = Livez(hangs.service.url)
    livez.start()
    interrupt = getattr(hangs, fault)
    clients = run_clients(
        hangs.service, seconds, lambda: interrupt(HANGS[fault]), count=CROWD
    )
    server = hangs.replica if fault == "failover" else hangs.server
    wrong = report(server, clients, livez, "a proxy", fault)
    return sum(client.wrong for client in clients) + wrong + (livez.slowest > 1)


def truncate(server):
    with server.connect() as connection:
        connection.execute("TRUNCATE task")


def report(server, clients, livez, through, fault):
    """Print a table row; return the number of writes lost and duplicated."""
    livez.is_stopped = True
    lost, duplicated = count_errors(server.url, clients)
    failed = sum((client.failed for client in clients), Counter())
    sent = sum(client.sent for client in clients)
    slowest = max(client.slowest for client in clients)
    failures = f"{failed.total()} {dict(failed) or ''}"
    wrong = sum(client.wrong for client in clients)
    cells = [through, fault, sent, failures, wrong, f"{slowest:.2f} s"]
    cells += [f"{livez.slowest:.2f} s", lost, duplicated]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return lost + duplicated


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("faults", nargs="*", choices=[*FAULTS, *HANGS, []])
    parser.add_argument("--seconds", type=int, default=60, help="for each hang")
    arguments = parser.parse_args()
    chosen = arguments.faults or [*FAULTS, *HANGS]
    components.require("tls", "pgbouncer")
    print(TABLE_HEADER)
    errors = 0
    with running_postgres(shared_buffers="512MB") as server:
        data.seed_aido(server.url, tasks=0)
        if faults := [fault for fault in FAULTS if fault in chosen]:
            errors += measure_all("direct", server, server.url, faults)
            with running_pgbouncer(server) as pooled:
                errors += measure_all("PgBouncer", server, pooled, faults)
        if hangs := [fault for fault in HANGS if fault in chosen]:
            errors += measure_hangs(server, hangs, arguments.seconds)
    sys.exit(errors > 0)


def measure_all(through, server, database_url, faults):
    urls = {"database_url": database_url, "DATABASE_URL_UNPOOLED": server.url}
    with services.running_aido(**urls) as service:
        run_clients(service, 1)
        return sum(measure(server, service, through, fault) for fault in faults)


def measure_hangs(server, faults, seconds):
    rule = "hostssl replication owner 127.0.0.1/32 scram-sha-256\n"
    with open(server.data / "pg_hba.conf", "a") as rules:
        rules.write(rule)
    with server.connect("postgres") as connection:
        connection.execute("SELECT pg_reload_conf()")
    with (
        running_replica(server) as replica,
        Proxy(("127.0.0.1", server.port)) as proxy,
        services.running_aido(with_port(server.url, proxy.port)) as service,
    ):
        run_clients(service, 1)
        hangs = Hangs(server, replica, proxy, service)
        return sum(measure_hang(hangs, fault, seconds) for fault in faults)


if __name__ == "__main__":
    main()
