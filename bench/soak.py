"""Does aido leak memory under load, and stay silent when idle? `make soak`

Eight clients read and write for 20 minutes; the memory of the worker is compared before
and after. Then 10 minutes without requests must cause no round trip to PostgreSQL, as
Neon suspends a compute that is idle for 5 minutes. Takes 36 minutes.

`python -m bench.soak burst` takes a minute instead: after 256 sign-ins at once, with
exports and imports among them, the worker's memory must soon be small again.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import requests

from aido.testing import components
from aido.testing.postgres import running_postgres
from aido.testing.processes import HTTPS_HEADERS
from bench import data, roundtrips, services
from bench.clients import run_clients

WARM_UP = 60  # seconds
LOAD = 20 * 60  # seconds
POOL_SHRINKING = 5 * 60  # seconds, more than the pool needs to close what it can
SILENCE = 10 * 60  # seconds
MAX_GROWTH = 1.05

SIGN_INS, EXPORTS, IMPORTS = 256, 16, 4  # of a burst
RECOVERY = 60  # seconds
MAX_MEMORY = 150  # MiB, after them


def main():
    components.require("tls")
    if sys.argv[1:] == ["burst"]:
        sys.exit(not recovers_from_burst())
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


def recovers_from_burst():
    """Return whether the worker's memory is below MAX_MEMORY in time."""
    with running_postgres(shared_buffers="512MB") as server:
        data.seed_aido(server.url, tasks=100_000)
        with services.running_aido(server.url, LOG_LEVEL="ERROR") as service:
            run_clients(service, 5)
            before = service.memory()
            peak = send_burst(service)
            started = time.monotonic()
            while (after := service.memory()) > MAX_MEMORY:
                if time.monotonic() - started > RECOVERY:
                    break
                time.sleep(0.5)
            seconds = time.monotonic() - started
    print(
        f"Memory of the worker: {before:.0f} MiB before, {peak:.0f} MiB at most,"
        f" {after:.0f} MiB {seconds:.0f} s after."
    )
    return after <= MAX_MEMORY


def send_burst(service):
    """Send all requests at once; return the most memory that the worker had, in MiB."""
    jobs = [(sign_in, number) for number in range(SIGN_INS)]
    jobs += [(export, number) for number in range(EXPORTS)]
    jobs += [(import_tasks, 5 + number) for number in range(IMPORTS)]
    started, peak = time.monotonic(), 0.0
    with ThreadPoolExecutor(len(jobs)) as threads:
        futures = [threads.submit(job, service, number) for job, number in jobs]
        while not all(future.done() for future in futures):
            peak = max(peak, service.memory())
            time.sleep(0.05)
    statuses = Counter(future.result() for future in futures)
    print(f"Statuses in {time.monotonic() - started:.0f} s: {dict(statuses)}")
    return peak


def sign_in(service, number):
    """Try a wrong password, each time from another address: rate limits count them."""
    body = {"email": f"{number + 1}@example.com", "password": "a wrong password"}
    status = send(
        *(service, "POST", "/auth/login"),
        headers=HTTPS_HEADERS | {"X-Forwarded-For": f"192.0.2.{number}"},
        json=body,
    )
    return f"sign-in {status}"


def export(service, number):
    path = ("/tasks/export?as=json", "/tasks/export?as=csv")[number % 2]
    headers = service.headers(data.HEAVY_USER)
    return f"export {send(service, 'GET', path, headers=headers)}"


def import_tasks(service, user):
    titles = "".join(f"Task {number}\n" for number in range(20_000))
    headers = service.headers(user) | {"Content-Type": "text/csv"}
    file = f"title\n{titles}"
    status = send(service, "POST", "/tasks/import", headers=headers, data=file)
    return f"import {status}"


def send(service, method, path, **options):
    """Send a request, again while the service is overloaded; return the status."""
    while True:
        url = service.url + service.path(path)
        response = requests.request(method, url, **options)
        if response.status_code != 503:
            return response.status_code
        time.sleep(1)


if __name__ == "__main__":
    main()
