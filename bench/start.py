"""What starting costs, and what a service holds at rest: `python -m bench.start`.

The time is from the start of the process until `/livez` is answered. The services take
turns, on one processor; a figure is the median of the rounds. Modules and memory are
those of the worker, a second later and without requests.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, redirect_stderr
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from aido.testing import components
from aido.testing.postgres import running_postgres
from bench import data, services
from bench.services import Service

ROUNDS = 7
REST = 1  # seconds
TABLE_HEADER = (
    "| service | seconds | times | CPU s | modules | RSS MiB | PSS MiB | all PSS |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|"
)
Starter = Callable[..., AbstractContextManager[Service]]


class Start(NamedTuple):
    seconds: float  # until /livez is answered
    cpu: float  # seconds, of all processes
    rss: float  # MiB, of the worker
    pss: float  # MiB, of the worker: of shared pages only its share
    all_pss: float  # MiB, of all processes of the service


def main() -> None:
    components.require("tls")
    with running_postgres() as server:
        services.pin(os.getpid(), 1)
        peer = server.create_database("peer")
        data.seed_aido(server.url, tasks=0)
        data.seed_peer(peer, tasks=0)
        print_starts(
            {
                "expert FastAPI": partial(
                    services.running_peer, "expert FastAPI", peer
                ),
                "aido": partial(services.running_aido, server.url),
                "seed FastAPI": partial(services.running_peer, "seed FastAPI", peer),
            }
        )


def print_starts(starters: dict[str, Starter]) -> None:
    """Print a table; "times" compares seconds with the first service, by round."""
    print(TABLE_HEADER)
    modules = {name: count_modules(starter) for name, starter in starters.items()}
    starts: dict[str, list[Start]] = {name: [] for name in starters}
    for turn in range(ROUNDS):
        for name in list(starters)[:: -1 if turn % 2 else 1]:
            starts[name].append(measure(starters[name]))
    base = next(iter(starts.values()))
    for name, found in starts.items():
        print(table_row(name, found, base, modules[name]))


def measure(start: Starter) -> Start:
    began = time.perf_counter()
    with start() as service:
        seconds = time.perf_counter() - began
        cpu = service.cpu_seconds()
        time.sleep(REST)
        found = [memory(pid) for pid in services.process_tree(service.process.pid)]
    rss, pss = max(found)
    return Start(seconds, cpu, rss, pss, sum(pss for _, pss in found))


def memory(pid: int) -> tuple[float, float]:
    """Return the RSS and the PSS of a process in MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    values = dict(re.findall(r"^(\w+): +(\d+) kB$", text, re.M))
    return int(values["Rss"]) / 1024, int(values["Pss"]) / 1024


def count_modules(start: Starter) -> int:
    """Return how many modules are imported by the worker, the last process to start."""
    with tempfile.TemporaryFile("w+") as output:
        with redirect_stderr(output), start(PYTHONPROFILEIMPORTTIME="1"):
            time.sleep(REST)
        output.seek(0)
        return output.read().rpartition("imported package")[2].count("import time:")


def table_row(name: str, starts: list[Start], base: list[Start], modules: int) -> str:
    middle = Start(*(median(values) for values in zip(*starts, strict=True)))
    pairs = zip(starts, base, strict=True)
    ratio = median(start.seconds / other.seconds for start, other in pairs)
    cells = [name, f"{middle.seconds:.2f}", f"{ratio:.2f}", f"{middle.cpu:.2f}"]
    cells += [str(modules), *(f"{value:.0f}" for value in middle[2:])]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
