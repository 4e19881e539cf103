"""Where the processor time of a request goes: `python -m bench.layers`, one minute.

The requests run in this process, without a server, and the functions at which a layer
begins are timed. Of many short batches one of the fastest is printed, which other load
on the machine hardly changes. "server" is what a request from one client takes on top
in a served aido. The time of PostgreSQL is not included.
"""

import argparse
import http.client
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import cycle, islice
from pathlib import Path
from pkgutil import resolve_name
from time import thread_time_ns
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from aido.testing import components
from aido.testing.postgres import running_postgres
from aido.testing.processes import SECRETS
from bench import compare, data, services

TASKS = 300_000  # so that lists are long though the requests complete tasks
BATCHES = 500
BATCH = 10  # requests
PERCENTILE = 2
VIEW = "todo.api.task_views:TaskViewSet"
CONNECTION = "django.db.backends.base.base:BaseDatabaseWrapper"
LAYERS = {  # name: the functions at which it begins
    "WSGI": [("aido.wsgi", "application")],
    "signals": [("django.dispatch:Signal", "send")],
    "middleware": [("django.core.handlers.base:BaseHandler", "get_response")],
    "routing": [("django.core.handlers.base:BaseHandler", "resolve_request")],
    "DRF": [("rest_framework.views:APIView", "dispatch")],
    "token": [("todo.api.auth:TokenAuthentication", "authenticate")],
    "view": [
        ("aido.health:HealthView", "get"),
        *((VIEW, name) for name in ("list", "create", "retrieve", "partial_update")),
    ],
    "validation": [("todo.serializers:StrictSerializer", "run_validation")],
    "JSON": [("aido.json", "dump"), ("aido.rest:JSONParser", "parse")],
    "connection": [(CONNECTION, "ensure_connection"), (CONNECTION, "close")],
    "statement": [
        ("todo.statements", "run_together"),
        ("aido.health", "check_database"),
    ],
    "libpq and TLS": [("aido.resilience:Connection", "wait")],
}
Environ = dict[str, Any]
Times = Counter[str]  # µs by layer


class Meter:
    """Adds up the processor time of each layer, without those within and the timers."""

    def __init__(self) -> None:
        self.times: Times = Counter()
        self.inner = self.own_cost = self.outer_cost = 0.0
        self._calibrate()

    def wrap(self, layer: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            outer, self.inner = self.inner, 0.0
            started = thread_time_ns()
            try:
                return function(*args, **kwargs)
            finally:
                spent = (thread_time_ns() - started) / 1000
                self.times[layer] += spent - self.inner - self.own_cost
                self.inner = outer + spent + self.outer_cost

        return timed

    def patch(self) -> None:
        for layer, functions in LAYERS.items():
            for holder, name in functions:
                owner = resolve_name(holder)
                setattr(owner, name, self.wrap(layer, getattr(owner, name)))

    def _calibrate(self) -> None:
        """Measure what a timer adds to its layer, and to the layer around it."""
        timed = self.wrap("", lambda: None)
        costs = []
        for _ in range(1000):
            self.times.clear()
            started = thread_time_ns()
            for _ in range(10):
                timed()
            in_all = (thread_time_ns() - started) / 1000
            costs.append((in_all / 10, self.times[""] / 10))
        in_all, self.own_cost = sorted(costs)[50]
        self.outer_cost = in_all - self.own_cost
        self.times.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=BATCHES)
    parser.add_argument("--database", help="the URL of one that is filled already")
    options = parser.parse_args()
    batches = options.batches
    components.require("tls")
    given = nullcontext(options.database) if options.database else filled_database()
    with given as url:
        with services.running_aido(url) as aido:
            ids = aido.task_ids()
            loads = {
                route: compare.api_load(aido, route, ids) for route in services.ROUTES
            }
            served = time_served(aido, loads, batches)
        print_table(time_layers(url, loads, batches), served)


@contextmanager
def filled_database() -> Iterator[str]:
    """The URL of a database with TASKS tasks, on a new server."""
    with running_postgres(shared_buffers="512MB") as server:
        services.pin(server.process.pid, 1)
        data.seed_aido(server.url, TASKS)
        yield server.url


def print_table(columns: dict[str, Times], served: dict[str, float]) -> None:
    print(f"| CPU µs | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    rest = {route: served[route] - columns[route].total() for route in columns}
    print_row("server", rest)
    for layer in LAYERS:
        print_row(layer, {route: column[layer] for route, column in columns.items()})
    print_row("in all", served)


def print_row(name: str, cells: dict[str, float]) -> None:
    print(f"| {name} | {' | '.join(f'{time:.0f}' for time in cells.values())} |")


def time_layers(
    database_url: str, loads: dict[str, compare.Load], count: int = BATCHES
) -> dict[str, Times]:
    """Return the time of each layer for each route, in this process."""
    services.pin(os.getpid(), 0)
    os.environ |= SECRETS | {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
    from aido import wsgi

    for load in loads.values():
        run(
            wsgi.application, islice(environs(load), min(count, 20) * BATCH)
        )  # warms up
    meter = Meter()
    meter.patch()
    requests = {route: environs(load) for route, load in loads.items()}
    batches: dict[str, list[Times]] = {route: [] for route in loads}
    for _ in range(count):
        for route in loads:
            batch = [*islice(requests[route], BATCH)]
            meter.times.clear()
            run(wsgi.application, batch)
            times = {name: time / BATCH for name, time in meter.times.items()}
            batches[route].append(Counter(times))
    return {route: fastest(batches[route], key=Counter.total) for route in loads}


def fastest(batches: list, key: Callable[[Any], float] = float) -> Any:
    return sorted(batches, key=key)[len(batches) * PERCENTILE // 100]


def run(application: Any, requests: Iterator[Environ] | list[Environ]) -> None:
    for environ in requests:
        statuses: list[str] = []
        response = application(environ, lambda status, _, s=statuses: s.append(status))
        b"".join(response)
        if hasattr(response, "close"):
            response.close()
        assert statuses[0][:2] == "20", statuses


def environs(load: compare.Load) -> Iterator[Environ]:
    """Yield a WSGI environment for each request, as the server would make it."""
    body = load.body.encode()
    names = {name: name.upper().replace("-", "_") for name in load.headers}
    headers = {f"HTTP_{names[name]}": value for name, value in load.headers.items()}
    headers |= {"REQUEST_METHOD": load.method, "HTTP_HOST": "localhost"}
    headers |= {"HTTP_ACCEPT": "application/json", "CONTENT_LENGTH": str(len(body))}
    if body:
        headers["CONTENT_TYPE"] = headers.pop("HTTP_CONTENT_TYPE")
    for path in cycle(load.paths):
        path_info, _, query = path.partition("?")
        environ = {"PATH_INFO": path_info, "QUERY_STRING": query} | headers
        environ["wsgi.input"] = io.BytesIO(body)
        setup_testing_defaults(environ)
        yield environ


def time_served(
    aido: services.Aido, loads: dict[str, compare.Load], count: int
) -> dict[str, float]:
    """Return the processor time of a request to a running aido, in µs."""
    client = http.client.HTTPConnection(urlsplit(aido.url).netloc)
    paths = {route: cycle(load.paths) for route, load in loads.items()}
    batches: dict[str, list[float]] = {route: [] for route in loads}
    for _ in range(count):
        for route, load in loads.items():
            before = cpu_time(aido)
            for path in islice(paths[route], BATCH):
                client.request(load.method, path, load.body, load.headers)
                response = client.getresponse()
                response.read()
                assert response.status in {200, 201}, response.status
            batches[route].append((cpu_time(aido) - before) / BATCH)
    client.close()
    return {route: fastest(batches[route]) for route in loads}


def cpu_time(aido: services.Aido) -> float:
    """Return the processor time of the service in µs, more exactly than in ticks."""
    threads = [
        thread
        for pid in services.process_tree(aido.process.pid)
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")
    ]
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1000


if __name__ == "__main__":
    main()
