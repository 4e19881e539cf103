"""Does a request fail when one of several machines does? `make fleet`

Three servers of aido share a PostgreSQL behind PgBouncer, and nginx is in front of
them. Eight clients read and write while one server is killed, one is reloaded, and all
are replaced, one after the other, after a migration. At the end of each phase the
writes that were acknowledged are compared with the table.

nginx asks another server if one refuses a connection. If a connection breaks later, it
repeats neither POST nor PATCH: the clients do, POST with an Idempotency-Key.
"""

import os
import signal
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from aido.testing import components
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres
from aido.testing.processes import (
    ROOT,
    SECRETS,
    child_ids,
    copy_project,
    free_port,
    reachable_folder,
    wait_until,
)
from aido.testing.proxies import running_nginx
from bench import data, services
from bench.clients import Client, count_errors, run_clients

SERVERS = 3
SECONDS = 15  # of load in each phase, or more if it takes longer
RETRIES = 5
RETRY_PAUSE = 0.2  # seconds
UPDATE_PAUSE = 3  # seconds after which nginx certainly asks a server again that failed
TABLE_HEADER = (
    "| phase | requests | repeated | failed | slowest | lost | duplicated |\n"
    "|---|---:|---|---|---:|---:|---:|"
)
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("todo", "{latest}")]
    operations = [migrations.AddField("task", "fleet", models.TextField(db_default=""))]
"""


class RetryingClient(Client):
    """Repeats requests that got no response or a 5xx, and counts them."""

    def __init__(self, service, until):
        super().__init__(service, until)
        self.repeated = Counter()

    def exchange(self, method, path, **options):
        if method == "POST":
            options["headers"] = {"Idempotency-Key": str(uuid4())}
        for _ in range(RETRIES):
            response, status = super().exchange(method, path, **options)
            if response is not None and response.status_code < 500:
                break
            self.repeated[f"{method} {status}"] += 1
            time.sleep(RETRY_PAUSE)
        # The server that was killed had deleted it before nginx asked another one.
        is_repeated_delete = method == "DELETE" and status == 404
        return response, 204 if is_repeated_delete else status


class Machine:
    """A server of aido that keeps its port when it is replaced."""

    def __init__(self, **variables):
        self.port = free_port()
        self.variables = {"LOG_LEVEL": "WARNING", "API_PORT": str(self.port)}
        self.variables |= SECRETS | variables

    def start(self, project=ROOT):
        command = [sys.executable, "-m", "aido"]
        self.stack = ExitStack()
        self.process = self.stack.enter_context(
            services.running_service(command, project, self.variables, self.port)
        )

    def stop(self):
        """Stop it with TERM, and wait until it has ended."""
        self.stack.close()

    def kill(self):
        for pid in services.process_tree(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def reload(self):
        """Reload it, and wait until the old workers have ended."""
        workers = child_ids(self.process)
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not workers & child_ids(self.process))


class Fleet:
    """What happens to the machines; `update` is the code to replace them with."""

    def __init__(self, server, machines, service, update):
        self.server, self.machines = server, machines
        self.service, self.update = service, update

    def rest(self):
        pass

    def kill_one(self):
        self.machines[0].kill()
        self.machines[0].start()

    def reload_one(self):
        self.machines[1].reload()

    def update_all(self):
        """Migrate first: the old code does not mind the new column."""
        data.manage(self.server.url, "migrate", "--verbosity", "0", project=self.update)
        for machine in self.machines:
            machine.stop()
            machine.start(self.update)
            time.sleep(UPDATE_PAUSE)


PHASES = {
    "no fault": Fleet.rest,
    "kill one": Fleet.kill_one,
    "reload one": Fleet.reload_one,
    "migrate, update all": Fleet.update_all,
}


def measure(fleet, phase, seconds):
    """Print a table row; return the numbers of failed, lost and duplicated requests."""
    with fleet.server.connect() as connection:
        connection.execute("TRUNCATE task")
    clients = run_clients(
        fleet.service, seconds, lambda: PHASES[phase](fleet), kind=RetryingClient
    )
    lost, duplicated = count_errors(fleet.server.url, clients)
    failed = sum((client.failed for client in clients), Counter())
    repeated = sum((client.repeated for client in clients), Counter())
    sent = sum(client.sent for client in clients)
    slowest = max(client.slowest for client in clients)
    cells = [phase, sent, describe(repeated), describe(failed)]
    cells += [f"{slowest:.2f} s", lost, duplicated]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return failed.total(), lost, duplicated


def describe(counts):
    return f"{counts.total()} {dict(counts) or ''}".strip()


@contextmanager
def running_fleet():
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres(shared_buffers="512MB"))
        data.seed_aido(server.url, tasks=0)
        pooled = stack.enter_context(running_pgbouncer(server))
        urls = {"DATABASE_URL": pooled, "DATABASE_URL_UNPOOLED": server.url}
        machines = [Machine(**urls) for _ in range(SERVERS)]
        for machine in machines:
            machine.start()
            stack.callback(machine.stop)
        upstream = [f"http://127.0.0.1:{machine.port}" for machine in machines]
        url = stack.enter_context(running_nginx(*upstream))
        service = services.Aido("nginx", None, int(url.rpartition(":")[2]))
        folder = stack.enter_context(reachable_folder())
        yield Fleet(server, machines, service, changed_project(folder / "aido"))


def changed_project(folder):
    """Return a copy of the project whose migrations add a column."""
    project = copy_project(folder)
    migrations = project / "todo/migrations"
    latest = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_fleet.py").write_text(MIGRATION.format(latest=latest))
    return project


def main():
    components.require("tls", "pgbouncer", "nginx")
    seconds = int(sys.argv[1]) if sys.argv[1:] else SECONDS
    with running_fleet() as fleet:
        print(TABLE_HEADER)
        results = [measure(fleet, phase, seconds) for phase in PHASES]
    sys.exit(any(map(any, results)))


if __name__ == "__main__":
    main()
