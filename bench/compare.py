"""Requests per second and processor time of several services, by wrk.

The services take turns, so that other load on the machine affects all of them. A figure
is the median of the rounds, a ratio the median of the ratios of each round.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.data import WRITING_USER
from bench.services import ROUTES, Service

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 2  # of a round
SCRIPT = Path(__file__).with_name("wrk.lua")
TABLE_HEADER = (
    "| route | service | requests/s | times | CPU µs | times | p50 ms | p99 ms |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|"
)


class Run(NamedTuple):
    rate: float  # requests per second
    cpu: float  # µs per request
    p50: float  # ms
    p99: float  # ms


class Load(NamedTuple):
    """The requests that wrk repeats; it takes the paths in turn."""

    method: str
    paths: list[str]
    headers: dict[str, str]
    body: str = ""


def print_comparison(services: list[Service]) -> None:
    """Print a table; "times" is how many times better a service is than the first."""
    print(TABLE_HEADER)
    ids = {service: service.task_ids() for service in services}
    for route in ROUTES:
        loads = {
            service: api_load(service, route, ids[service]) for service in services
        }
        runs = run_in_turns(loads)
        for service in services:
            print(table_row(route, service.name, runs[service], runs[services[0]]))


def api_load(service: Service, route: str, ids: list) -> Load:
    method, path, body = ROUTES[route]
    path = service.path(path)
    paths = [path.format(id=pk) for pk in ids] if "{id}" in path else [path]
    # One user adds tasks and another reads them, so that lists keep their length.
    user = {"user": WRITING_USER} if method == "POST" else {}
    headers = service.headers(**user)
    if body is None:
        return Load(method, paths, headers)
    headers |= {"Content-Type": "application/json"}
    return Load(method, paths, headers, json.dumps(body))


def run_in_turns(
    loads: dict[Service, Load], reset: Callable[[Service], None] | None = None
) -> dict[Service, list[Run]]:
    """Return the runs of each service, without the first round, which warms up.

    After each run of a service, `reset` is called with it.
    """
    runs = {service: [] for service in loads}
    for turn in range(ROUNDS + 1):
        for service in list(loads)[:: -1 if turn % 2 else 1]:
            run = measure(service, loads[service], SECONDS if turn else 1)
            if turn:
                runs[service].append(run)
            if reset:
                reset(service)
    return runs


def measure(service: Service, load: Load, seconds: float) -> Run:
    cpu_before = service.cpu_seconds()
    summary = run_wrk(service.url, load, seconds)
    if summary["failed"]:
        text = f"{load.method} {load.paths[:1]}: {summary['failed']} requests failed."
        raise SystemExit(f"{service.name}: {text}")
    return Run(
        rate=summary["requests"] / summary["duration"] * 1e6,
        cpu=(service.cpu_seconds() - cpu_before) / summary["requests"] * 1e6,
        p50=summary["p50"] / 1000,
        p99=summary["p99"] / 1000,
    )


def run_wrk(url: str, load: Load, seconds: int) -> dict:
    """Return wrk's summary; see wrk.lua."""
    variables = {
        "METHOD": load.method,
        "PATHS": "\n".join(load.paths),
        "HEADERS": "\n".join(
            f"{name}: {value}" for name, value in load.headers.items()
        ),
        "BODY": load.body,
    }
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    command = ["wrk", *options, "-s", SCRIPT, url]
    output = subprocess.check_output(command, env=os.environ | variables, text=True)
    return json.loads(output.splitlines()[-1])


def table_row(route: str, name: str, runs: list[Run], base: list[Run]) -> str:
    middle = Run(*(median(values) for values in zip(*runs, strict=True)))
    pairs = list(zip(runs, base, strict=True))
    rate_ratio = median(run.rate / other.rate for run, other in pairs)
    cpu_ratio = median(other.cpu / run.cpu for run, other in pairs)
    cells = [route, name, f"{middle.rate:.0f}", f"{rate_ratio:.2f}"]
    cells += [f"{middle.cpu:.0f}", f"{cpu_ratio:.2f}"]
    cells += [f"{middle.p50:.1f}", f"{middle.p99:.1f}"]
    return f"| {' | '.join(cells)} |"
