"""The embedded PostgreSQL, with processes that start, end and are killed."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psycopg
import pytest

from aido import embedded
from aido.embedded import EmbeddedError, Server
from aido.testing.processes import ROOT, has_stopped

USER = """
    import sys, time
    from pathlib import Path
    from aido.embedded import Server

    server = Server(Path(sys.argv[1]))
    server.start()
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def user(home):
    """A function that starts a process that uses the server until its stdin ends."""
    processes = []

    def start(home=home):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(USER), home],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    assert has_stopped(home)


def has_started(process):
    return process.stdout.readline() == b"started\n"


def pid_of(home):
    try:
        return int((home / "data" / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return None


def pids_of_keepers(home):
    pids = subprocess.check_output(["pgrep", "-f", f"embedded.py {home}"], text=True)
    return [int(pid) for pid in pids.split()]


def query(home, sql):
    sockets = str(Server(home).sockets)
    with psycopg.connect(
        host=sockets, user="aido", dbname="aido", autocommit=True
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def test_the_path_may_contain_spaces(home, user):
    assert has_started(user())

    assert query(home, "SELECT current_database()") == "aido"
    assert query(home, "SHOW server_encoding") == "UTF8"
    assert query(home, "SELECT lower('ÄÖ')") == "äö"


def test_the_server_listens_only_on_a_private_socket(home, user):
    assert has_started(user())

    assert query(home, "SHOW listen_addresses") == ""
    assert Server(home).sockets.stat().st_mode & 0o077 == 0
    assert len(str(Server(home).sockets / ".s.PGSQL.5432")) < 60


def test_addresses_of_other_servers_in_the_environment_are_ignored(
    home, user, monkeypatch
):
    for name, value in {
        "PGHOST": "192.0.2.1",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGSERVICE": "other",
        "PGDATABASE": "other",
        "PGDATA": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)

    connect = """
        import psycopg
        psycopg.connect(host=str(server.sockets), user="aido", dbname="aido")
        """
    code = textwrap.dedent(USER).replace("sys.stdin.read()", textwrap.dedent(connect))
    process = subprocess.run([sys.executable, "-c", code, home], cwd=ROOT)

    assert process.returncode == 0


def test_processes_that_start_at_once_share_a_server(home, user):
    users = [user() for _ in range(6)]

    assert all([has_started(process) for process in users])
    assert len(pids_of_keepers(home)) == 1
    assert query(home, "SELECT 1") == 1


def test_the_server_stops_with_its_last_user_and_keeps_its_data(home, user):
    first, second = user(), user()
    assert has_started(first) and has_started(second)
    query(home, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = pid_of(home)

    first.communicate()
    time.sleep(0.3)
    assert pid_of(home) == pid
    second.communicate()
    assert has_stopped(home)
    assert pid_of(home) is None

    assert has_started(user())
    assert query(home, "SELECT answer FROM kept") == 42
    assert "database system was shut down at" in Server(home).log.read_text()


def test_the_server_stops_when_its_last_user_is_killed(home, user):
    process = user()
    assert has_started(process)

    process.kill()

    assert has_stopped(home)


def test_the_server_stops_when_its_keeper_is_terminated(home, user):
    assert has_started(user())
    (keeper,) = pids_of_keepers(home)

    os.kill(keeper, signal.SIGTERM)

    assert has_stopped(home)
    assert pid_of(home) is None


def test_the_server_is_not_interrupted_by_the_terminal(home, user):
    process = user()
    assert has_started(process)

    assert os.getpgid(pid_of(home)) != os.getpgid(process.pid)


def test_a_killed_server_is_started_again(home, user):
    process = user()
    assert has_started(process)
    query(home, "CREATE TABLE kept (x int)")
    os.kill(pid_of(home), signal.SIGKILL)
    wait_for_end_of_keeper(home)

    assert has_started(user())
    assert query(home, "SELECT count(*) FROM kept") == 0


def wait_for_end_of_keeper(home):
    give_up_at = time.monotonic() + 60
    while embedded._is_locked(home / "keeper") and time.monotonic() < give_up_at:
        time.sleep(0.05)


def test_a_server_whose_keeper_was_killed_is_replaced(home, user):
    assert has_started(user())
    (keeper,) = pids_of_keepers(home)
    os.kill(keeper, signal.SIGKILL)

    second = user()
    assert has_started(second)
    assert query(home, "SELECT 1") == 1


def test_a_deleted_folder_is_created_again(home, user):
    process = user()
    assert has_started(process)
    server = Server(home)
    server.start()
    try:
        home.rename(home.with_name("deleted"))  # a deletion would not be atomic
        process.kill()
        restart(server)  # fails until the old server has stopped

        assert query(home, "SELECT 1") == 1
        time.sleep(0.5)
        assert query(home, "SELECT 1") == 1  # this process is a user of the server
    finally:
        os.close(embedded._user_locks.pop(home))


def test_a_process_registers_again_in_a_folder_that_was_replaced(home):
    home.mkdir()
    server = Server(home)
    server._register_user()
    try:
        home.rename(home.with_name("deleted"))
        home.mkdir()
        (home / "users").touch()

        server._register_user()

        assert embedded._is_locked(home / "users")
    finally:
        os.close(embedded._user_locks.pop(home))


def restart(server):
    give_up_at = time.monotonic() + 60
    while True:
        try:
            return server.start()
        except EmbeddedError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)


def test_data_of_an_incomplete_first_start_is_replaced(home, user):
    (home / "data.new").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18")

    assert has_started(user())
    assert query(home, "SELECT 1") == 1


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs the server as another user"
)
def test_root_keeps_the_data_elsewhere_if_other_users_have_no_access(home, user):
    home.parent.chmod(0o700)

    assert has_started(user())

    assert home.resolve().parent == Path("/var/lib")
    assert query(home, "SELECT 1") == 1
    assert home.parent.stat().st_mode & 0o777 == 0o700


def test_data_of_another_version_is_reported(home, user):
    process = user()
    assert has_started(process)
    process.communicate()
    assert has_stopped(home)
    (home / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedError, match="FATAL.*incompatible"):
        Server(home).start()
