"""Compare aido with four other services: `make bench`, about 8 minutes.

`seed` is how aido was first planned; `expert` gives up the ORM for speed; django-ninja
and django-bolt are what a Django user would pick for it. Each has one worker. With two
processors, the service has one, and PostgreSQL and wrk the other.
"""

import os
import platform
from contextlib import ExitStack
from functools import partial

import psycopg

from aido.testing import components
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres
from bench import compare, data, growth, roundtrips, services


def main():
    components.require("tls", "pgbouncer", "wrk")
    with running_postgres(shared_buffers="512MB") as server:
        services.pin(server.process.pid, 1)
        services.pin(os.getpid(), 1)  # and wrk with it
        peer, small = server.create_database("peer"), server.create_database("small")
        data.seed_aido(server.url)
        data.seed_aido(small, tasks=10_000)
        data.seed_peer(peer)
        print(machine(server.url), "\n")
        compare_services(server.url, peer)
        print("\n")
        count_round_trips(server, peer)
        print()
        with (
            services.running_aido(small) as few,
            services.running_aido(server.url) as many,
        ):
            growth.print_growth(few, many)


def compare_services(aido_url, peer_url):
    with ExitStack() as stack:
        contenders = [
            stack.enter_context(services.running_peer(name, peer_url))
            for name in services.PEER_COMMANDS
        ]
        contenders.append(stack.enter_context(services.running_aido(aido_url)))
        compare.print_comparison(contenders)
        for service in contenders:
            print(f"\nMemory of {service.name}: {service.memory():.0f} MiB", end="")


def count_round_trips(server, peer_url):
    print(roundtrips.TABLE_HEADER)
    for name in services.PEER_COMMANDS:
        count_through(peer_url, partial(services.running_peer, name))
    # With a larger pool, a connection that opens beside the first would be counted.
    aido = partial(services.running_aido, DATABASE_POOL_MAX="1")
    count_through(server.url, aido)
    with running_pgbouncer(server) as pooled:
        aido = partial(aido, DATABASE_URL_UNPOOLED=server.url)
        count_through(pooled, aido, "PgBouncer")


def count_through(database_url, start, through="direct"):
    with (
        roundtrips.counting_proxy(database_url) as (proxy, url),
        start(database_url=url) as service,
    ):
        roundtrips.print_round_trips(service, through, proxy)


def machine(database_url):
    """Describe the machine and the versions, without which figures mean little."""
    with psycopg.connect(database_url) as connection:
        version = connection.info.parameter_status("server_version")
    versions = f"Python {platform.python_version()}, PostgreSQL {version}"
    return f"{os.cpu_count()} processors ({processor()}), Linux, {versions}"


def processor():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":")[1] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


if __name__ == "__main__":
    main()
