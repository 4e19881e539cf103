"""That the benchmarks run, with little data; what they measure is in their tables."""

import psycopg
import pytest

from aido.testing.postgres import postgres
from aido.testing.servers import pgbouncer_to
from bench import compare, data, faults, growth, roundtrips, services

pytestmark = [pytest.mark.tls, pytest.mark.pgbouncer, pytest.mark.wrk]


@pytest.fixture(scope="module")
def server():
    with postgres() as server:
        data.seed_aido(server.url, tasks=50_000)
        yield server


@pytest.fixture(scope="module")
def aido(server):
    with services.aido(server.url) as service:
        yield service


def test_the_data_is_what_it_says(server):
    count = "SELECT count(*) FROM task WHERE owner_id = %s"
    with psycopg.connect(server.url) as connection:
        heavy, light = (
            connection.execute(count, [data.user_id(person)]).fetchone()[0]
            for person in (data.HEAVY, data.LIGHT)
        )

    assert (heavy, light) == (5000, 100)


def test_services_are_compared(aido, monkeypatch, capfd):
    monkeypatch.setattr(compare, "ROUNDS", 1)
    monkeypatch.setattr(compare, "SECONDS", 1)
    monkeypatch.setattr(compare, "ROUTES", {"get": services.ROUTES["get"]})

    compare.compare([aido])

    line = capfd.readouterr().out.splitlines()[-1]
    assert line.startswith("| get | aido |")
    assert line.count("1.00") == 2


def test_round_trips_are_counted_behind_pgbouncer(server, capfd):
    with pgbouncer_to(server.port) as port:
        pooled = server.url.replace(f":{server.port}/", f":{port}/").split("?")[0]
        with (
            roundtrips.counted(port, pooled) as (proxy, url),
            services.aido(url, DATABASE_URL_UNPOOLED=server.url) as service,
        ):
            roundtrips.count(service, "PgBouncer", proxy)

    cells = capfd.readouterr().out.splitlines()[-1].strip("| ").split(" | ")
    assert cells[:2] == ["aido", "PgBouncer"]
    assert int(cells[2]) <= 8
    assert cells[3:] == ["1"] * 6


def test_growth_is_measured(aido, monkeypatch, capfd):
    monkeypatch.setattr(growth, "TIMES", 2)

    growth.grow(aido, aido)

    assert len(capfd.readouterr().out.splitlines()) == 2 + len(growth.ACTS)


def test_a_fault_fails_no_request(capfd):
    with postgres() as server:
        data.seed_aido(server.url, tasks=0)
        with services.aido(server.url) as aido:
            assert faults.measure(server, aido, "direct", "kill") == 0

    assert capfd.readouterr().out.startswith("| direct | kill |")
