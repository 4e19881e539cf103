"""Does a request fail when the database does? `make faults`

Eight clients read and write, through TLS, while PostgreSQL is killed or restarted. Then
what they were told is compared with what the table holds.
"""

import random
import sys
import threading
import time
from collections import Counter
from uuid import uuid4

import psycopg
import requests

from aido.testing.postgres import postgres
from aido.testing.servers import pgbouncer, pgbouncer_to
from bench import data, services

CLIENTS = 8
PAUSE = 0.05  # seconds, of a client between two requests
FAULTS = ["kill", "fast", "immediate", "outage", "idle kill", "idle fast"]
HEAD = "| through | fault | requests | failed | slowest | lost | twice |"


def strike(server, fault):
    if fault == "kill":
        return server.kill_clients()
    server.stop("immediate" if fault == "immediate" else "fast")
    if fault == "outage":
        time.sleep(2)
    server.start()


class Client(threading.Thread):
    """Sends requests of every kind in turn, and notes what it was told."""

    def __init__(self, service, until):
        super().__init__()
        self.url, self.until = service.url + service.path("/tasks"), until
        self.session = service.session()
        self.tasks = {}  # id: title, or None once it is deleted
        self.sent, self.failed, self.slowest = 0, Counter(), 0.0

    def run(self):
        acts = [
            self.create,
            self.create,
            self.read,
            self.change,
            self.page,
            self.delete,
        ]
        turn = random.randrange(len(acts))
        while time.monotonic() < self.until:
            acts[turn % len(acts)]()
            turn += 1
            time.sleep(PAUSE)

    def ask(self, method, path="", **options):
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

    def any(self):
        kept = [pk for pk, title in self.tasks.items() if title]
        return random.choice(kept) if kept else None

    def create(self):
        title = str(uuid4())
        if response := self.ask("POST", json={"title": title}):
            self.tasks[response.json()["id"]] = title

    def read(self):
        if pk := self.any():
            self.ask("GET", f"/{pk}")

    def page(self):
        self.ask("GET", "?limit=50")

    def change(self):
        if pk := self.any():
            title = str(uuid4())
            if self.ask("PATCH", f"/{pk}", json={"title": title}):
                self.tasks[pk] = title

    def delete(self):
        if (pk := self.any()) and self.ask("DELETE", f"/{pk}") is not None:
            self.tasks[pk] = None


def load(service, seconds, during=None):
    """The clients, after so many seconds; `during` happens in the middle."""
    clients = [Client(service, time.monotonic() + seconds) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    if during:
        time.sleep(seconds / 3)
        during()
    for client in clients:
        client.join()
    return clients


def compare(database_url, clients):
    """How many acknowledged writes the table lacks, and how many it has twice."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT id::text, title, deleted_at FROM task"
        ).fetchall()
    table = {pk: None if deleted_at else title for pk, title, deleted_at in rows}
    told = {pk: title for client in clients for pk, title in client.tasks.items()}
    lost = sum(table.get(pk, "absent") != title for pk, title in told.items())
    titles = Counter(title for _, title, _ in rows)
    return lost, sum(count - 1 for count in titles.values())


def measure(server, service, through, fault):
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("TRUNCATE task")
    if fault.startswith("idle"):
        clients = load(service, 2)
        strike(server, fault.split()[1])
        time.sleep(0.5)
        clients += load(service, 2)
    else:
        clients = load(service, 6, lambda: strike(server, fault))
    lost, twice = compare(server.url, clients)
    failed = sum((client.failed for client in clients), Counter())
    sent = sum(client.sent for client in clients)
    slowest = max(client.slowest for client in clients)
    what = f"{failed.total()} {dict(failed) or ''}"
    cells = [through, fault, sent, what, f"{slowest:.2f} s", lost, twice]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return failed.total() + lost + twice


def main():
    if not pgbouncer():
        raise SystemExit("This needs PgBouncer: apt install pgbouncer.")
    print(HEAD, "|---|---|---|---|---|---|---|", sep="\n")
    with postgres() as server:
        data.seed_aido(server.url, tasks=0)
        wrong = measure_all("direct", server, server.url)
        with pgbouncer_to(server.port) as port:
            pooled = server.url.replace(f":{server.port}/", f":{port}/").split("?")[0]
            wrong += measure_all("PgBouncer", server, pooled)
    sys.exit(bool(wrong))


def measure_all(through, server, database_url):
    with services.aido(database_url, DATABASE_URL_UNPOOLED=server.url) as service:
        load(service, 1)
        return sum(measure(server, service, through, fault) for fault in FAULTS)


if __name__ == "__main__":
    main()
