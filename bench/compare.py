"""Requests per second and processor time, against services on FastAPI.

The services take turns, so that what else the machine does meets all of them; a figure
is the median of the rounds, a ratio that of the ratios of each round.
"""

import json
import os
import subprocess
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.data import OTHER
from bench.services import ROUTES

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 2
LUA = Path(__file__).with_name("wrk.lua")
HEAD = (
    "| route | service | requests/s | times | CPU µs | times | p50 ms | p99 ms |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|"
)


class Run(NamedTuple):
    rate: float  # requests per second
    cpu: float  # µs per request
    p50: float  # ms
    p99: float  # ms


def compare(services):
    """Print a table; "times" is by how much a service is better than the first."""
    print(HEAD)
    ids = {service: service.task_ids() for service in services}
    for route in ROUTES:
        runs = {service: [] for service in services}
        for turn in range(ROUNDS + 1):
            for service in services[:: -1 if turn % 2 else 1]:
                run = measure(service, route, ids[service], SECONDS if turn else 1)
                if turn:  # the first warms up
                    runs[service].append(run)
        for service in services:
            print(line(route, service.name, runs[service], runs[services[0]]))


def measure(service, route, ids, seconds):
    method, path, body = ROUTES[route]
    path = service.path(path)
    paths = [path.format(id=pk) for pk in ids] if "{id}" in path else [path]
    variables = {"METHOD": method, "PATHS": "\n".join(paths)}
    if route != "health":  # what is added goes elsewhere: the list keeps its length
        person = {"person": OTHER} if method == "POST" else {}
        variables["TOKEN"] = service.token(**person)
    if body:
        variables["BODY"] = json.dumps(body)
    before = service.cpu()
    found = wrk(service.url, seconds, variables)
    if found["failed"]:
        raise SystemExit(f"{service.name}: {found['failed']} of {route} failed.")
    return Run(
        rate=found["requests"] / found["duration"] * 1e6,
        cpu=(service.cpu() - before) / found["requests"] * 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
    )


def wrk(url, seconds, variables):
    threads = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    command = ["wrk", *threads, "-s", LUA, url]
    output = subprocess.check_output(command, env=os.environ | variables, text=True)
    return json.loads(output.splitlines()[-1])


def line(route, name, runs, base):
    middle = Run(*(median(values) for values in zip(*runs, strict=True)))
    pairs = list(zip(runs, base, strict=True))
    faster = median(run.rate / other.rate for run, other in pairs)
    leaner = median(other.cpu / run.cpu for run, other in pairs)
    cells = [route, name, f"{middle.rate:.0f}", f"{faster:.2f}", f"{middle.cpu:.0f}"]
    cells += [f"{leaner:.2f}", f"{middle.p50:.1f}", f"{middle.p99:.1f}"]
    return f"| {' | '.join(cells)} |"
