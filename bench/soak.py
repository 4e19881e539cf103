"""Does aido leak memory under load, and stay silent when idle? `make soak`

Eight clients read and write for 20 minutes; the memory of the worker is compared before
and after. Then 10 minutes without requests must cause no round trip to PostgreSQL, as
Neon suspends a compute that is idle for 5 minutes. Takes 36 minutes.
"""

import sys
import time

import psycopg
import requests

from aido.testing import components
from aido.testing.postgres import running_postgres
from bench import data, roundtrips, services
from bench.clients import run_clients

WARM_UP = 60  # seconds
LOAD = 20 * 60  # seconds
POOL_SHRINKING = 5 * 60  # seconds, more than the pool needs to close what it can
SILENCE = 10 * 60  # seconds
MAX_GROWTH = 1.05


def main():
    components.require("tls")
    with running_postgres(shared_buffers="512MB") as server:
        data.seed_aido(server.url, tasks=100_000)
        with (
            roundtrips.counting_proxy(server.url) as (proxy, url),
            services.running_aido(url) as service,
        ):
            growth = measure_memory(service)
            round_trips = measure_silence(service, proxy, server.url)
    sys.exit(growth > MAX_GROWTH or round_trips > 0)


def measure_memory(service):
    """Return how many times as much memory the worker has after the load."""
    run_clients(service, WARM_UP)
    before = service.memory()
    clients = run_clients(service, LOAD)
    after = service.memory()
    sent = sum(client.sent for client in clients)
    failed = sum(client.failed.total() for client in clients)
    print(f"{sent} requests in {LOAD // 60} minutes, {failed} failed.")
    print(
        f"Memory of the worker: {before:.1f} MiB before, {after:.1f} MiB after"
        f" ({after / before:.3f} times)."
    )
    return after / before


def measure_silence(service, proxy, database_url):
    time.sleep(POOL_SHRINKING)
    before = proxy.round_trips
    time.sleep(SILENCE)
    round_trips = proxy.round_trips - before
    print(f"{round_trips} round trips to PostgreSQL in {SILENCE // 60} idle minutes.")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'aido'"
        )
    status = requests.get(f"{service.url}/health").status_code
    print(f"/health after the connections were closed, as a suspend does: {status}.")
    return round_trips


if __name__ == "__main__":
    main()
