"""What an answer costs with more data: median milliseconds, one client, over HTTP."""

import json
import time
from base64 import urlsafe_b64encode
from statistics import median

from bench.data import HEAVY, LIGHT

TIMES = 200
ACTS = {
    "list of 50": "?limit=50",
    "list by due date": "?limit=50&ordering=due_date",
    "overdue": "?limit=50&due=overdue",
    "last page": "?limit=50&cursor={last}",
    "get": "/{id}",
    "search": "?limit=50&status=all&q=number 77",
}
HEAD = (
    "| request | 100 of 10,000 | 100 of 1,000,000 | times | 100,000 of 1,000,000 "
    "| times |\n|---|---:|---:|---:|---:|---:|"
)


def grow(small, big):
    """Print a table for two aidos, with 10,000 and with 1,000,000 tasks in all."""
    print(HEAD)
    light, more, heavy = (
        measure(service, person)
        for service, person in [(small, LIGHT), (big, LIGHT), (big, HEAVY)]
    )
    for name in ACTS:
        cells = [name, f"{light[name]:.2f}", f"{more[name]:.2f}"]
        cells += [f"{more[name] / light[name]:.2f}", f"{heavy[name]:.2f}"]
        cells += [f"{heavy[name] / more[name]:.2f}"]
        print(f"| {' | '.join(cells)} |")


def measure(service, person):
    session = service.session(person)
    tasks = service.url + service.path("/tasks")
    names = {"id": session.get(f"{tasks}?limit=1").json()["results"][0]["id"]}
    names["last"] = last_cursor(session, tasks)
    return {
        name: median(times(session, tasks + path.format(**names)))
        for name, path in ACTS.items()
    }


def last_cursor(session, tasks):
    """Of the last page, which is the first one in the other order."""
    page = session.get(f"{tasks}?limit=50&ordering=created_at").json()
    task = page["results"][-1]
    cursor = ["-created_at", task["created_at"], task["id"], False, True]
    return urlsafe_b64encode(json.dumps(cursor).encode()).rstrip(b"=").decode()


def times(session, url):
    for _ in range(TIMES):
        started = time.perf_counter()
        session.get(url).raise_for_status()
        yield (time.perf_counter() - started) * 1000
