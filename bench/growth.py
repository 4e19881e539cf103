"""What a request costs with more data: median milliseconds, one client, over HTTP."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from statistics import median

import requests

from aido.testing.processes import HTTPS_HEADERS
from bench.data import HEAVY_USER, LIGHT_USER, list_id, sign_in
from bench.services import Aido

REPETITIONS = 200
QUERIES = {  # name: path
    "list of 50": "/api/v1/tasks?limit=50",
    "list by due date": "/api/v1/tasks?limit=50&ordering=due_date",
    "one list in manual order": "/api/v1/tasks?limit=50&ordering=position&list={list}",
    "inbox in manual order": "/api/v1/tasks?limit=50&ordering=position&list=inbox",
    "label": "/api/v1/tasks?limit=50&label=label7",
    "overdue": "/api/v1/tasks?limit=50&due=overdue",
    "last page": "/api/v1/tasks?limit=50&cursor={last}",
    "get": "/api/v1/tasks/{id}",
    "search": "/api/v1/tasks?limit=50&status=all&q=number 77",
    "changes": "/api/v1/tasks/changes",
    "lists": "/api/v1/lists",
    "page: all": "/",
    "page: active": "/active",
    "page: completed": "/completed",
    "page: search": "/?q=number 77",
    "page: inbox": "/inbox",
    "page: today": "/today",
    "page: upcoming": "/upcoming",
    "page: one list": "/lists/{list}",
    "page: label": "/labels/label7",
    "page: trash": "/trash",
}
TABLE_HEADER = (
    "| request | 100 of 10,000 | 100 of 1,000,000 | times | 100,000 of 1,000,000 "
    "| times |\n|---|---:|---:|---:|---:|---:|"
)


def print_growth(small: Aido, big: Aido) -> None:
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


def measure(
    service: Aido,
    user: int,
    queries: dict[str, str] = QUERIES,
    repetitions: int | None = None,
) -> dict[str, float]:
    """Return the median milliseconds of each query."""
    api = service.session(user)
    pages = browser(service, user)
    tasks = service.url + service.path("/tasks")
    names = {"id": api.get(f"{tasks}?limit=1").json()["results"][0]["id"]}
    names |= {"last": last_cursor(api, tasks), "list": list_id(user, 1)}
    return {
        name: median(
            durations(
                api if path.startswith(service.prefix) else pages,
                service.url + path.format(**names),
                repetitions or REPETITIONS,
            )
        )
        for name, path in queries.items()
    }


def browser(service: Aido, user: int) -> requests.Session:
    """Return a client that is signed in to the pages."""
    session = requests.Session()
    session.headers.update(HTTPS_HEADERS)
    key = sign_in(service.database_url, [user])[user]
    session.headers["Cookie"] = f"sessionid={key}"
    return session


def last_cursor(session: requests.Session, tasks: str) -> str:
    """Return the cursor of the last page: the first page of the opposite order."""
    page = session.get(f"{tasks}?limit=50&ordering=created_at").json()
    task = page["results"][-1]
    cursor = ["-created_at", task["created_at"], task["id"], False, True]
    return urlsafe_b64encode(json.dumps(cursor).encode()).rstrip(b"=").decode()


def durations(session: requests.Session, url: str, repetitions: int) -> Iterator[float]:
    """Repeat a request and yield the milliseconds of each."""
    for _ in range(repetitions):
        started = time.perf_counter()
        response = session.get(url, allow_redirects=False)
        if response.status_code != 200:
            raise SystemExit(f"{url}: {response.status_code}")
        yield (time.perf_counter() - started) * 1000
