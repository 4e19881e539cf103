"""Does it stay small under load, and quiet without? `make soak`, for 36 minutes.

20 minutes of reads and writes by eight clients, with the memory of the worker before
and after; then 10 minutes in which nobody asks, with what crosses the wire to
PostgreSQL, which Neon would suspend after 5.
"""

import socket
import sys
import time

import psycopg
import requests

from aido.testing.postgres import postgres
from aido.testing.servers import Proxy
from bench import data, services
from bench.faults import load

WARM_UP = 60  # seconds
LOAD = 20 * 60
SHRINKING = 5 * 60  # until the pool has closed what it does not need
SILENCE = 10 * 60
MAX_GROWTH = 1.05


def main():
    with postgres() as server:
        data.seed_aido(server.url, tasks=100_000)
        proxy = Proxy(socket.AF_INET, ("127.0.0.1", server.port))
        url = server.url.replace(f":{server.port}/", f":{proxy.port}/")
        with services.aido(url) as service:
            grew = measure_memory(service)
            round_trips = measure_silence(service, proxy, server.url)
    sys.exit(grew > MAX_GROWTH or round_trips > 0)


def measure_memory(service):
    load(service, WARM_UP)
    before = service.memory()
    clients = load(service, LOAD)
    after = service.memory()
    sent = sum(client.sent for client in clients)
    failed = sum(client.failed.total() for client in clients)
    print(f"{sent} requests in {LOAD // 60} minutes, {failed} failed.")
    print(
        f"The worker had {before:.1f} MiB, and has {after:.1f}: {after / before:.3f}."
    )
    return after / before


def measure_silence(service, proxy, database_url):
    time.sleep(SHRINKING)
    round_trips = proxy.round_trips
    time.sleep(SILENCE)
    round_trips = proxy.round_trips - round_trips
    print(f"{round_trips} messages to PostgreSQL in {SILENCE // 60} idle minutes.")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'aido'"
        )
    status = requests.get(f"{service.url}/health").status_code
    print(f"After what a suspended compute does to connections: {status}.")
    return round_trips


if __name__ == "__main__":
    main()
