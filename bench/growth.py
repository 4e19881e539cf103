"""What a request costs with more data: median milliseconds, one client, over HTTP."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from statistics import median

import requests

from bench.data import HEAVY_USER, LIGHT_USER
from bench.services import Service

REPETITIONS = 200
QUERIES = {
    "list of 50": "?limit=50",
    "list by due date": "?limit=50&ordering=due_date",
    "overdue": "?limit=50&due=overdue",
    "last page": "?limit=50&cursor={last}",
    "get": "/{id}",
    "search": "?limit=50&status=all&q=number 77",
}
TABLE_HEADER = (
    "| request | 100 of 10,000 | 100 of 1,000,000 | times | 100,000 of 1,000,000 "
    "| times |\n|---|---:|---:|---:|---:|---:|"
)


def print_growth(small: Service, big: Service) -> None:
    """Print a table for two aidos, with 10,000 and with 1,000,000 tasks in total.

    "times" is relative to the column with fewer tasks.
    """
    print(TABLE_HEADER)
    users = [(small, LIGHT_USER), (big, LIGHT_USER), (big, HEAVY_USER)]
    columns = [measure(service, user) for service, user in users]
    for name in QUERIES:
        few, more, most = (column[name] for column in columns)
        cells = [name, f"{few:.2f}", f"{more:.2f}", f"{more / few:.2f}"]
        cells += [f"{most:.2f}", f"{most / more:.2f}"]
        print(f"| {' | '.join(cells)} |")


def measure(service: Service, user: int) -> dict[str, float]:
    """Return the median milliseconds of each query."""
    session = service.session(user)
    tasks = service.url + service.path("/tasks")
    names = {"id": session.get(f"{tasks}?limit=1").json()["results"][0]["id"]}
    names["last"] = last_cursor(session, tasks)
    return {
        name: median(durations(session, tasks + path.format(**names)))
        for name, path in QUERIES.items()
    }


def last_cursor(session: requests.Session, tasks: str) -> str:
    """Return the cursor of the last page: the first page of the opposite order."""
    page = session.get(f"{tasks}?limit=50&ordering=created_at").json()
    task = page["results"][-1]
    cursor = ["-created_at", task["created_at"], task["id"], False, True]
    return urlsafe_b64encode(json.dumps(cursor).encode()).rstrip(b"=").decode()


def durations(session: requests.Session, url: str) -> Iterator[float]:
    """Repeat a request and yield the milliseconds of each."""
    for _ in range(REPETITIONS):
        started = time.perf_counter()
        session.get(url).raise_for_status()
        yield (time.perf_counter() - started) * 1000
