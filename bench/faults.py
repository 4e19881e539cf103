"""Does a request fail when the database does? `make faults`

Eight clients read and write over TLS while PostgreSQL is killed or restarted. Then 64
clients do while it hangs, may not write, or fails over to a replica. At the end the
writes that were acknowledged are compared with the table.

`python -m bench.faults lock failover` injects only these faults.
"""

import argparse
import sys
import time
from collections import Counter

from aido.testing import components
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres, with_port
from aido.testing.proxy import Proxy
from bench import data, services
from bench.clients import Livez, count_errors, run_clients
from bench.hangs import HANGS, Hangs, running_replica

SECONDS = 6  # of load; the fault happens after a third of them
OUTAGE = 2  # seconds
CROWD = 64  # clients, for the faults that leave requests waiting
FAULTS = ["kill", "fast", "immediate", "outage", "idle kill", "idle fast"]
TABLE_HEADER = (
    "| through | fault | requests | failed | not 503 | slowest | /livez | lost"
    " | duplicated |\n|---|---|---:|---|---:|---:|---:|---:|---:|"
)


def inject(server, fault):
    """Close all connections, or restart PostgreSQL in a mode of `pg_ctl stop`."""
    if fault == "kill":
        return server.kill_clients("aido")
    server.stop("fast" if fault == "outage" else fault)
    if fault == "outage":
        time.sleep(OUTAGE)
    server.start()


def measure(server, service, through, fault):
    """Print a table row; return the number of requests that went wrong."""
    truncate(server)
    livez = Livez(service.url)
    livez.start()
    if fault.startswith("idle "):
        clients = run_clients(service, SECONDS / 3)
        inject(server, fault.removeprefix("idle "))
        time.sleep(0.5)
        clients += run_clients(service, SECONDS / 3)
    else:
        clients = run_clients(service, SECONDS, lambda: inject(server, fault))
    failed = report(server, clients, livez, through, fault)
    return sum(client.failed.total() for client in clients) + failed


def measure_hang(hangs, fault, seconds):
    """Print a table row; return the number of requests that were not answered."""
    truncate(hangs.server)
    livez = Livez(hangs.service.url)
    livez.start()
    interrupt = getattr(hangs, fault)
    clients = run_clients(
        hangs.service, seconds, lambda: interrupt(HANGS[fault]), count=CROWD
    )
    server = hangs.replica if fault == "failover" else hangs.server
    wrong = report(server, clients, livez, "a proxy", fault)
    return sum(client.wrong for client in clients) + wrong + (livez.slowest > 1)


def truncate(server):
    with server.connect() as connection:
        connection.execute("TRUNCATE task")


def report(server, clients, livez, through, fault):
    """Print a table row; return the number of writes lost and duplicated."""
    livez.is_stopped = True
    lost, duplicated = count_errors(server.url, clients)
    failed = sum((client.failed for client in clients), Counter())
    sent = sum(client.sent for client in clients)
    slowest = max(client.slowest for client in clients)
    failures = f"{failed.total()} {dict(failed) or ''}"
    wrong = sum(client.wrong for client in clients)
    cells = [through, fault, sent, failures, wrong, f"{slowest:.2f} s"]
    cells += [f"{livez.slowest:.2f} s", lost, duplicated]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return lost + duplicated


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("faults", nargs="*", choices=[*FAULTS, *HANGS, []])
    parser.add_argument("--seconds", type=int, default=60, help="for each hang")
    arguments = parser.parse_args()
    chosen = arguments.faults or [*FAULTS, *HANGS]
    components.require("tls", "pgbouncer")
    print(TABLE_HEADER)
    errors = 0
    with running_postgres(shared_buffers="512MB") as server:
        data.seed_aido(server.url, tasks=0)
        if faults := [fault for fault in FAULTS if fault in chosen]:
            errors += measure_all("direct", server, server.url, faults)
            with running_pgbouncer(server) as pooled:
                errors += measure_all("PgBouncer", server, pooled, faults)
        if hangs := [fault for fault in HANGS if fault in chosen]:
            errors += measure_hangs(server, hangs, arguments.seconds)
    sys.exit(errors > 0)


def measure_all(through, server, database_url, faults):
    urls = {"database_url": database_url, "DATABASE_URL_UNPOOLED": server.url}
    with services.running_aido(**urls) as service:
        run_clients(service, 1)
        return sum(measure(server, service, through, fault) for fault in faults)


def measure_hangs(server, faults, seconds):
    with (
        running_replica(server) as replica,
        Proxy(("127.0.0.1", server.port)) as proxy,
        services.running_aido(with_port(server.url, proxy.port)) as service,
    ):
        run_clients(service, 1)
        hangs = Hangs(server, replica, proxy, service)
        return sum(measure_hang(hangs, fault, seconds) for fault in faults)


if __name__ == "__main__":
    main()
