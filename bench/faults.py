"""Does a request fail when the database does? `make faults`

Eight clients read and write over TLS while PostgreSQL is killed or restarted. Then the
writes that were acknowledged are compared with the table.
"""

import random
import sys
import threading
import time
from collections import Counter
from uuid import uuid4

import psycopg
import requests

from aido.testing import components
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres
from bench import data, services

CLIENTS = 8
PAUSE = 0.05  # seconds between two requests of a client
SECONDS = 6  # of load; the fault happens after a third of them
OUTAGE = 2  # seconds
FAULTS = ["kill", "fast", "immediate", "outage", "idle kill", "idle fast"]
TABLE_HEADER = (
    "| through | fault | requests | failed | slowest | lost | duplicated |\n"
    "|---|---|---:|---:|---:|---:|---:|"
)


def inject(server, fault):
    """Close all connections, or restart PostgreSQL in a mode of `pg_ctl stop`."""
    if fault == "kill":
        return server.kill_clients("aido")
    server.stop("fast" if fault == "outage" else fault)
    if fault == "outage":
        time.sleep(OUTAGE)
    server.start()


class Client(threading.Thread):
    """Sends each kind of request in turn, and records the writes that succeeded."""

    def __init__(self, service, until):
        super().__init__()
        self.url, self.until = service.url + service.path("/tasks"), until
        self.session = service.session()
        self.titles = {}  # by task id; None for a deleted task
        self.sent, self.failed, self.slowest = 0, Counter(), 0.0

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


def run_clients(service, seconds, interrupt=None):
    """Return the clients after so many seconds; call `interrupt` after a third."""
    clients = [Client(service, time.monotonic() + seconds) for _ in range(CLIENTS)]
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
    with server.connect() as connection:
        connection.execute("TRUNCATE task")
    if fault.startswith("idle "):
        clients = run_clients(service, SECONDS / 3)
        inject(server, fault.removeprefix("idle "))
        time.sleep(0.5)
        clients += run_clients(service, SECONDS / 3)
    else:
        clients = run_clients(service, SECONDS, lambda: inject(server, fault))
    lost, duplicated = count_errors(server.url, clients)
    failed = sum((client.failed for client in clients), Counter())
    sent = sum(client.sent for client in clients)
    slowest = max(client.slowest for client in clients)
    failures = f"{failed.total()} {dict(failed) or ''}"
    cells = [through, fault, sent, failures, f"{slowest:.2f} s", lost, duplicated]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return failed.total() + lost + duplicated


def main():
    components.require("tls", "pgbouncer")
    print(TABLE_HEADER)
    with running_postgres(shared_buffers="512MB") as server:
        data.seed_aido(server.url, tasks=0)
        errors = measure_all("direct", server, server.url)
        with running_pgbouncer(server) as pooled:
            errors += measure_all("PgBouncer", server, pooled)
    sys.exit(errors > 0)


def measure_all(through, server, database_url):
    urls = {"database_url": database_url, "DATABASE_URL_UNPOOLED": server.url}
    with services.running_aido(**urls) as service:
        run_clients(service, 1)
        return sum(measure(server, service, through, fault) for fault in FAULTS)


if __name__ == "__main__":
    main()
