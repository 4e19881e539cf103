"""Databases that hang, may not write, or fail over to a replica."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from aido.embedded import identity
from aido.testing.components import find_postgres
from aido.testing.postgres import PASSWORD, Postgres
from aido.testing.processes import reachable_folder, wait_until
from bench import services


class Hangs:
    """Faults of a database that is reached through a proxy; each lasts `seconds`."""

    def __init__(self, server, replica, proxy, service):
        self.server, self.replica = server, replica
        self.proxy, self.service = proxy, service

    def lock(self, seconds):
        with self.server.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE task")
            time.sleep(seconds)

    def silence(self, seconds):
        self.proxy.is_silent = True
        time.sleep(seconds)
        self.proxy.is_silent = False
        self.proxy.cut()  # what was lost in between cannot be resumed

    def stop(self, seconds):
        """Stop every process of PostgreSQL, as a paused virtual machine does."""
        group = self.server.process.pid
        pids = services.process_tree(group)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def read_only(self, seconds):
        self.set_read_only("on")
        time.sleep(seconds)
        self.set_read_only("off")

    def set_read_only(self, value):
        with self.server.connect("postgres") as connection:
            connection.execute(
                f"ALTER DATABASE aido SET default_transaction_read_only = {value}"
            )
        if value == "on":
            self.server.kill_clients("aido")

    def failover(self, seconds):
        """Make the primary read-only, and connect to its promoted replica."""
        self.set_read_only("on")
        wait_for_replay(self.server, self.replica)
        with self.replica.connect("postgres") as connection:
            connection.execute("SELECT pg_promote()")
            connection.execute(
                "ALTER DATABASE aido RESET default_transaction_read_only"
            )
        time.sleep(seconds)
        # Old connections still lead to the primary, which refuses to write.
        self.proxy.address = ("127.0.0.1", self.replica.port)

    def reload(self, seconds):
        self.service.process.send_signal(signal.SIGHUP)


HANGS = {  # fault: seconds
    "lock": 20,
    "silence": 20,
    "stop": 15,
    "read_only": 5,
    "reload": 0,
    "failover": 2,  # the last one: the replica is then the primary
}


@contextmanager
def running_replica(server):
    """A replica of the server, made with pg_basebackup."""
    with reachable_folder() as folder:
        for name in ("certificate", "key"):
            shutil.copy2(server.folder / name, folder / name)
        replica = Postgres(folder, server.settings)
        backup = Path(find_postgres()).with_name("pg_basebackup")
        command = [backup, "-D", replica.data, "-R", "-X", "stream", "-c", "fast"]
        url = (
            server.url_of("replication").partition("?")[0].replace("/replication", "/")
        )
        subprocess.run(
            [*command, "-d", url],
            check=True,
            env=os.environ | {"PGPASSWORD": PASSWORD},
        )
        # Files that do not exist: in the home of root it may not even look for them.
        address = f"host=localhost port={server.port} user=owner password={PASSWORD}"
        tls = "sslmode=require sslcert=/none sslkey=/none sslrootcert=/none"
        with open(replica.data / "postgresql.auto.conf", "a") as configuration:
            configuration.write(f"primary_conninfo = '{address} {tls}'\n")
        if user := identity().get("user"):
            subprocess.run(["chown", "-R", str(user), folder], check=True)
        replica.start()
        try:
            yield replica
        finally:
            replica.stop("immediate")


def wait_for_replay(server, replica):
    with server.connect("postgres") as primary, replica.connect("postgres") as standby:
        position = primary.execute("SELECT pg_current_wal_flush_lsn()").fetchone()[0]
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: standby.execute(replayed, [position]).fetchone()[0])
