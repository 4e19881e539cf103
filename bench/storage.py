"""What a task costs to keep and to write: bytes, WAL, and how indexes are used.

`python -m bench.storage`, about 6 minutes. The WAL is measured twice: without images of
full pages, and with those that follow a checkpoint, when each page that is written for
the first time is logged as a whole. Tasks are picked at random among all users, so that
nearly every request meets pages that no other one has touched.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import requests

from aido.testing import components
from aido.testing.postgres import running_postgres
from aido.testing.processes import ROOT
from bench import data, growth
from bench.services import Aido, running_aido

REQUESTS = 500  # of each kind, without and again with full pages
ROUTE_REPETITIONS = 20
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
}
SIZES = """
    SELECT relname, pg_relation_size(pg_class.oid)
    FROM pg_class LEFT JOIN pg_index ON indexrelid = pg_class.oid
    WHERE pg_class.oid = 'task'::regclass OR indrelid = 'task'::regclass
    ORDER BY relkind DESC, 2 DESC, 1
"""
OPEN_TASKS = """
    SELECT id::text, substr(owner_id::text, 25)::int FROM task
    WHERE completed_at IS NULL AND deleted_at IS NULL AND repeat IS NULL
    ORDER BY hashtext(id::text) LIMIT %s
"""
CHANGES = {  # name: method, path, body
    "add": (
        "POST",
        "/tasks",
        {"title": "Task number {n}", "description": "Some words"},
    ),
    "change the title": ("PATCH", "/tasks/{id}", {"title": "Task changed to {n}"}),
    "complete": ("POST", "/tasks/{id}/complete", None),
    "reschedule": ("PATCH", "/tasks/{id}", {"due_date": "2030-01-01"}),
    "set the priority": ("PATCH", "/tasks/{id}", {"priority": 3}),
    "set labels": ("PATCH", "/tasks/{id}", {"labels": ["label{n}"]}),
    "trash": ("DELETE", "/tasks/{id}", None),
}
ORDERINGS = ("due_date", "priority", "-completed_at", "-updated_at", "position")
ROUTES = growth.QUERIES | {
    f"{status} by {ordering}": f"/api/v1/tasks?status={status}&ordering={ordering}"
    for status in ("open", "completed", "all", "trash")
    for ordering in ORDERINGS
}


class Cost(NamedTuple):
    """What a change costs on average: bytes of WAL, pages logged, and HOT updates."""

    bytes: float
    pages: float
    hot: float  # share of all updates of tasks, from 0 to 1


class Counters:
    """The server's counters, as differences since they were last read."""

    def __init__(self, connection: psycopg.Connection):
        self.connection = connection
        self.values = [0, 0, 0, 0]
        self.read()

    def read(self) -> list[int]:
        """Return the bytes of WAL, the pages in it, the updates, and those by HOT."""
        self.connection.execute("SELECT pg_stat_clear_snapshot()")
        query = """
            SELECT pg_current_wal_insert_lsn() - '0/0', wal_fpi,
                n_tup_upd, n_tup_hot_upd
            FROM pg_stat_wal, pg_stat_user_tables WHERE relname = 'task'
        """
        last, self.values = self.values, [*self.connection.execute(query).fetchone()]
        return [int(new - old) for new, old in zip(self.values, last, strict=True)]


def print_sizes(connection: psycopg.Connection) -> None:
    tasks = connection.execute("SELECT count(*) FROM task").fetchone()[0]
    sizes = dict(connection.execute(SIZES).fetchall())
    heap = sizes.pop("task") / tasks
    indexes = sum(sizes.values()) / tasks
    print("| bytes per task | |\n|---|---:|")
    for name, number in (("rows", heap), ("indexes", indexes)):
        print(f"| {name} | {number:.0f} |")
    for name, size in sizes.items():
        print(f"| `{name}` | {size / tasks:.1f} |")
    print(f"| in total | {heap + indexes:.0f} |\n")


def print_changes(service: Aido, connection: psycopg.Connection) -> None:
    count = REQUESTS * 2 * len(CHANGES)
    tasks = iter(connection.execute(OPEN_TASKS, [count]).fetchall())
    print("| change | WAL bytes | with full pages | of them | HOT |")
    print("|---|---:|---:|---:|---:|")
    for name in CHANGES:
        costs = []
        for full_pages in ("off", "on"):
            connection.execute(f"ALTER SYSTEM SET full_page_writes = {full_pages}")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CHECKPOINT")
            costs.append(measure(service, connection, name, tasks))
        without, full = costs
        hot = "" if name == "add" else f"{without.hot:.0%}"
        cells = [name, f"{without.bytes:,.0f}", f"{full.bytes:,.0f}"]
        print(f"| {' | '.join([*cells, f'{full.pages:.1f}', hot])} |")
    print()


def measure(
    service: Aido, connection: psycopg.Connection, name: str, tasks: Iterator
) -> Cost:
    """Send a change REQUESTS times."""
    send = sender(service, *CHANGES[name])
    counters = Counters(connection)
    for number, (task, owner) in enumerate(itertools.islice(tasks, REQUESTS)):
        send(task, owner, number)
    report_counters(connection)
    size, pages, updates, hot = counters.read()
    return Cost(size / REQUESTS, pages / REQUESTS, hot / max(updates, 1))


def report_counters(connection: psycopg.Connection) -> None:
    """End the service's connections, which report their counters at the latest then."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'aido'"
    )


def sender(
    service: Aido, method: str, path: str, body: dict | None
) -> Callable[[str, int, int], None]:
    session = requests.Session()

    def send(task: str, owner: int, number: int) -> None:
        url = service.url + service.path(path.format(id=task))
        json = body and {name: fill(value, number) for name, value in body.items()}
        headers = service.headers(owner)
        response = session.request(method, url, json=json, headers=headers)
        response.raise_for_status()

    return send


def fill(value: object, number: int) -> object:
    if isinstance(value, list):
        return [fill(each, number) for each in value]
    return value.format(n=number) if isinstance(value, str) else value


def print_use(service: Aido, connection: psycopg.Connection) -> None:
    """Read every route as a user with few and one with many tasks; count the scans."""
    connection.execute("SELECT pg_stat_reset()")
    few, many = (
        growth.measure(service, user, ROUTES, ROUTE_REPETITIONS)
        for user in (data.TYPICAL_USER, data.HEAVY_USER)
    )
    print("| route | ms, 900 tasks | ms, 100,000 tasks |\n|---|---:|---:|")
    for name in ROUTES:
        print(f"| {name} | {few[name]:.1f} | {many[name]:.1f} |")
    report_counters(connection)
    query = """
        SELECT indexrelname, idx_scan FROM pg_stat_user_indexes
        WHERE relname = 'task' ORDER BY 2 DESC, 1
    """
    print("\n| index | scans |\n|---|---:|")
    for name, scans in connection.execute(query).fetchall():
        print(f"| `{name}` | {scans} |")


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.storage")
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument(
        "--project", type=Path, default=ROOT, help="another checkout to measure"
    )
    arguments = parser.parse_args()
    components.require("tls")
    with running_postgres(**SETTINGS) as server:
        data.seed_aido(server.url, arguments.tasks, arguments.project)
        print_all(server.url, arguments.project)


def print_all(url: str, project: Path = ROOT) -> None:
    with (
        running_aido(url, project=project) as service,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        print_sizes(connection)
        print_use(service, connection)
        print()
        print_changes(service, connection)


if __name__ == "__main__":
    main()
