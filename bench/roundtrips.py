"""How often a request waits for PostgreSQL: counted on the wire, one client, warm."""

import socket
import time
from contextlib import contextmanager

from aido.testing.servers import Proxy
from bench.services import ROUTES

TIMES = 20
ACTS = ROUTES | {"delete": ("DELETE", "/tasks/{id}", None)}
HEAD = (
    f"| service | through | cold | {' | '.join(ACTS)} |\n"
    f"|---|---|{'---:|' * (len(ACTS) + 1)}"
)


@contextmanager
def counted(port, url):
    """A proxy before that port, and the URL by way of it."""
    proxy = Proxy(socket.AF_INET, ("127.0.0.1", port))
    yield proxy, url.replace(f":{port}/", f":{proxy.port}/")
    proxy.stop()


def count(service, through, proxy):
    """Print a line; `cold` is from the start of the process to the first list."""
    time.sleep(1)  # while a pool begins to open
    settle(proxy)
    session = service.session()
    service.task_ids()
    cells = [proxy.round_trips]
    for name in ACTS:
        ids = service.task_ids()
        ask(service, session, name, ids)
        settle(proxy)
        before = proxy.round_trips
        for _ in range(TIMES):
            ask(service, session, name, ids)
        time.sleep(0.1)
        cells.append((proxy.round_trips - before) / TIMES)
    cells = [service.name, through, *(f"{cell:g}" for cell in cells)]
    print(f"| {' | '.join(cells)} |", flush=True)


def settle(proxy):
    """Wait while a pool connects, or closes what it does not need."""
    before = None
    while before != (before := proxy.round_trips):
        time.sleep(0.3)


def ask(service, session, name, ids):
    method, path, body = ACTS[name]
    pk = ids.pop() if method == "DELETE" else ids[0]
    url = service.url + service.path(path).format(id=pk)
    session.request(method, url, json=body).raise_for_status()
