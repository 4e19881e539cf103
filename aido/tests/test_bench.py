"""The benchmarks run, on little data. Their figures belong to `make bench`."""

import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres
from aido.testing.processes import ROOT, copy_project
from bench import (
    clients,
    compare,
    data,
    faults,
    fleet,
    growth,
    layers,
    roundtrips,
    services,
    start,
    storage,
    versus,
)

pytestmark = [pytest.mark.tls, pytest.mark.pgbouncer, pytest.mark.wrk]


@pytest.fixture
def short_runs(monkeypatch):
    monkeypatch.setattr(compare, "ROUNDS", 1)
    monkeypatch.setattr(compare, "SECONDS", 1)


@pytest.fixture(scope="module")
def server():
    with running_postgres(fsync="off") as server:
        data.seed_aido(server.url, tasks=20_000)
        yield server


@pytest.fixture(scope="module")
def aido(server):
    with services.running_aido(server.url) as service:
        yield service


def test_the_heavy_and_the_light_user_have_their_share_of_tasks(server):
    url = server.create_database("shares")  # other tests change tasks of any user
    data.seed_aido(url, tasks=2_000)

    count = "SELECT count(*) FROM task WHERE owner_id = %s"
    with server.connect("shares") as connection:
        heavy, light = (
            connection.execute(count, [data.user_id(user)]).fetchone()[0]
            for user in (data.HEAVY_USER, data.LIGHT_USER)
        )

    assert (heavy, light) == (200, 100)


def test_services_are_compared(aido, short_runs, monkeypatch, capfd):
    monkeypatch.setattr(compare, "ROUTES", {"get": services.ROUTES["get"]})

    compare.print_comparison([aido])

    row = capfd.readouterr().out.splitlines()[-1]
    assert row.startswith("| get | aido |")
    assert row.count("1.00") == 2


def test_checkouts_are_compared_on_pages(
    server, tmp_path, short_runs, monkeypatch, capfd
):
    route = "complete on a page"
    monkeypatch.setattr(versus, "TASKS", 20_000)
    monkeypatch.setattr(versus, "PAGES", {route: versus.PAGES[route]})
    monkeypatch.setattr(services, "ROUTES", {})
    project = copy_project(tmp_path / "project")

    with ExitStack() as stack:
        contender = versus.Contender(stack, server, "old", project)
        versus.print_ratios(contender, contender)

    row = capfd.readouterr().out.splitlines()[-1]
    assert row.startswith(f"| {route} |")
    assert row.count("| 1.000 |") == 2


def test_round_trips_are_counted_behind_pgbouncer(server, monkeypatch, capfd):
    monkeypatch.setattr(roundtrips, "REPETITIONS", 2)
    variables = {"DATABASE_URL_UNPOOLED": server.url, "DATABASE_POOL_MAX": "1"}
    with (
        running_pgbouncer(server) as pooled,
        roundtrips.counting_proxy(pooled) as (proxy, url),
        services.running_aido(url, **variables) as service,
    ):
        roundtrips.print_round_trips(service, "PgBouncer", proxy)

    cells = capfd.readouterr().out.splitlines()[-1].strip("| ").split(" | ")
    assert cells[:2] == ["aido", "PgBouncer"]
    assert int(cells[2]) <= 8
    assert cells[3:] == ["1"] * len(roundtrips.REQUESTS)


def test_growth_is_measured(aido, monkeypatch, capfd):
    monkeypatch.setattr(growth, "REPETITIONS", 2)

    growth.print_growth(aido, aido)

    assert len(capfd.readouterr().out.splitlines()) == 2 + len(growth.QUERIES)


def test_starts_are_measured(server, monkeypatch, capfd):
    monkeypatch.setattr(start, "ROUNDS", 1)
    monkeypatch.setattr(start, "REST", 0)
    python = Path(sys.executable)
    monkeypatch.setattr(services, "PEER_BIN", python.parent)
    peer = [python.name, "-m", "http.server", "{port}"]
    monkeypatch.setitem(services.PEER_COMMANDS, "peer", peer)

    start.print_starts(
        {
            "peer": partial(services.running_peer, "peer", server.url),
            "aido": partial(services.running_aido, server.url),
        }
    )

    lines = capfd.readouterr().out.splitlines()[-2:]
    peer, aido = (line.strip("| ").split(" | ") for line in lines)
    assert peer[0] == "peer" and peer[2] == "1.00"
    assert aido[0] == "aido"
    assert all(float(cell) > 0 for cell in peer[1:] + aido[1:])


def test_the_cost_of_storing_tasks_is_measured(server, monkeypatch, capfd):
    monkeypatch.setattr(storage, "REQUESTS", 5)
    monkeypatch.setattr(storage, "ROUTE_REPETITIONS", 1)

    storage.print_all(server.url)

    output = capfd.readouterr().out
    assert "| rows | 2" in output and "| `task_pkey` | " in output
    assert all(f"| {name} | " in output for name in [*storage.ROUTES, *storage.CHANGES])


def test_killed_connections_fail_no_request(monkeypatch, capfd):
    monkeypatch.setattr(faults, "SECONDS", 2)
    with running_postgres(fsync="off") as server:
        data.seed_aido(server.url, tasks=0)
        with services.running_aido(server.url) as aido:
            assert faults.measure(server, aido, "direct", "kill") == 0

    assert capfd.readouterr().out.startswith("| direct | kill |")


@pytest.fixture(scope="module")
def running_fleet():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(fleet, "SERVERS", 2)
        with fleet.running_fleet() as running:
            yield running


@pytest.mark.nginx
@pytest.mark.parametrize("phase", ["kill one", "reload one", "migrate, update all"])
def test_a_fleet_loses_nothing(running_fleet, phase, monkeypatch, capfd):
    monkeypatch.setattr(clients, "PAUSE", 0.2)

    failed, lost, duplicated = fleet.measure(running_fleet, phase, seconds=2)

    assert (failed, lost, duplicated) == (0, 0, 0)
    assert capfd.readouterr().out.startswith(f"| {phase} |")


def test_the_time_of_each_layer_is_measured():
    options = ["--batches", "2", "--tasks", "20000"]
    command = [sys.executable, "-m", "bench.layers", *options]

    table = subprocess.check_output(command, cwd=ROOT, text=True)

    rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert [row[0] for row in rows[2:]] == ["server", *layers.LAYERS, "in all"]
    columns = dict(zip(rows[0], zip(*rows[2:], strict=True), strict=True))
    times = dict(zip(columns["CPU µs"], map(int, columns["get"]), strict=True))
    assert all(times[name] > 0 for name in ("DRF", "view", "statement", "in all"))
