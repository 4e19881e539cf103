"""aido beside two services on FastAPI, on one machine: `make bench`, some 5 minutes.

`seed` is what aido was planned as, `expert` gives up the ORM for speed. Each has one
worker, on a processor of its own if there are two, and PostgreSQL by TLS.
"""

import os
import platform
import shutil
from contextlib import ExitStack
from functools import partial

import psycopg

from aido.testing.postgres import postgres
from aido.testing.servers import pgbouncer, pgbouncer_to
from bench import compare, data, growth, roundtrips, services


def main():
    if not (shutil.which("wrk") and pgbouncer()):
        raise SystemExit("This needs wrk and PgBouncer: apt install wrk pgbouncer.")
    with postgres() as server:
        services.pin(server.process.pid, 1)
        services.pin(os.getpid(), 1)  # wrk too
        peer, small = server.database("peer"), server.database("small")
        data.seed_aido(server.url)
        data.seed_aido(small, tasks=10_000)
        data.seed_peer(peer)
        print(machine(server.url), "\n")
        with ExitStack() as running:
            contenders = [
                running.enter_context(services.peer("seed_fastapi", peer)),
                running.enter_context(services.aido(server.url)),
                running.enter_context(services.peer("expert_fastapi", peer)),
            ]
            compare.compare(contenders)
            for service in contenders:
                print(f"\nMemory of {service.name}: {service.memory():.0f} MiB", end="")
        print("\n")
        count_round_trips(server, peer)
        print()
        with services.aido(small) as few, services.aido(server.url) as many:
            growth.grow(few, many)


def count_round_trips(server, peer):
    print(roundtrips.HEAD)
    through(server.port, peer, partial(services.peer, "seed_fastapi"))
    through(server.port, peer, partial(services.peer, "expert_fastapi"))
    through(server.port, server.url, services.aido)
    with pgbouncer_to(server.port) as port:
        pooled = server.url.replace(f":{server.port}/", f":{port}/").split("?")[0]
        unpooled = {"DATABASE_URL_UNPOOLED": server.url}
        through(port, pooled, partial(services.aido, **unpooled), "PgBouncer")


def through(port, url, start, name="direct"):
    with roundtrips.counted(port, url) as (proxy, url), start(url) as service:
        roundtrips.count(service, name, proxy)


def machine(url):
    """Where the figures were taken, which says more than the figures alone."""
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
    versions = f"Python {platform.python_version()}, PostgreSQL {version}"
    return f"{os.cpu_count()} processors ({processor()}), Linux, {versions}"


def processor():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":")[1] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


if __name__ == "__main__":
    main()
