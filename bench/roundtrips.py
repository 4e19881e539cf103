"""How often a request waits for PostgreSQL: round trips on the wire, one client."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from aido.testing.postgres import with_port
from aido.testing.proxy import Proxy
from bench.services import ROUTES, Service

REPETITIONS = 20
REQUESTS = ROUTES | {"delete": ("DELETE", "/tasks/{id}", None)}
TABLE_HEADER = (
    f"| service | through | cold | {' | '.join(REQUESTS)} |\n"
    f"|---|---|{'---:|' * (len(REQUESTS) + 1)}"
)


@contextmanager
def counting_proxy(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy in front of the server of a URL, and the URL through the proxy."""
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with Proxy(("127.0.0.1", port)) as proxy:
        yield proxy, with_port(url, proxy.port)


def print_round_trips(service: Service, through: str, proxy: Proxy) -> None:
    """Print a table row; "cold" is from the start of the process to the first list."""
    time.sleep(1)  # the pool begins to connect
    wait_until_idle(proxy)
    session = service.session()
    service.task_ids()
    cells = [proxy.round_trips]
    for name in REQUESTS:
        ids = service.task_ids()
        send(service, session, name, ids)
        wait_until_idle(proxy)
        before = proxy.round_trips
        for _ in range(REPETITIONS):
            send(service, session, name, ids)
        time.sleep(0.1)  # a service may end its transaction after the response
        cells.append((proxy.round_trips - before) / REPETITIONS)
    cells = [service.name, through, *(f"{cell:g}" for cell in cells)]
    print(f"| {' | '.join(cells)} |", flush=True)


def wait_until_idle(proxy: Proxy) -> None:
    """Wait while a pool still opens connections."""
    before = None
    while before != (before := proxy.round_trips):
        time.sleep(0.3)


def send(service: Service, session: requests.Session, name: str, ids: list) -> None:
    method, path, body = REQUESTS[name]
    pk = ids.pop() if method == "DELETE" else ids[0]
    url = service.url + service.path(path).format(id=pk)
    session.request(method, url, json=body).raise_for_status()
