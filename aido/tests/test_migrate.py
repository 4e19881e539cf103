"""migrate while the service is used, on two machines, and on unsuitable databases."""

import os
import subprocess
import sys
import threading
import time
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from aido.database.operations import index_is_valid
from aido.testing.processes import ROOT, WAIT_TIMEOUT, wait_until
from aido.tests.conftest import execute

ROWS = 2500  # several batches of each migration that changes rows
INSERT_USER = (
    'INSERT INTO "user" (id, password, is_superuser, email, name, is_staff,'
    " is_active, date_joined, time_zone)"
    " VALUES (gen_random_uuid(), '', false, 'a@example.com', '', false, true, now(),"
    " 'UTC') RETURNING id"
)
INSERT_TASKS = (
    "INSERT INTO task (id, owner_id, title, description, priority, created_at,"
    " updated_at) SELECT gen_random_uuid(), %s, 'Milk ' || n, '', 0, now(), now()"
    " FROM generate_series(1, %s) n"
)

pytestmark = pytest.mark.django_db(transaction=True)


def start(url, *arguments):
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    output, _ = process.communicate(timeout=WAIT_TIMEOUT)
    return process.returncode, output


def read_until(process, text):
    """Read the output until a line that contains the text; fail if it ends before."""
    assert any(text in line for line in process.stdout)


def migrate(url, *arguments):
    return finish(start(url, "migrate", *arguments))


def connect(url):
    return psycopg.connect(url, autocommit=True)


def waits_for_a_lock(url):
    sql = (
        "SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with connect(url) as database:
        return database.execute(sql).fetchone() is not None


@pytest.fixture(scope="module")
def first_version(create_database):
    """The name of a database as the first version left it, and a user with tasks."""
    url = create_database()
    assert migrate(url, "todo", "0001")[0] == 0
    with connect(url) as database:
        owner = database.execute(INSERT_USER).fetchone()[0]
        database.execute(INSERT_TASKS, [owner, ROWS])
        return database.info.dbname, owner


@pytest.fixture
def old_database(create_database, first_version):
    """The URL of a copy of `first_version`, and the user."""
    name, owner = first_version
    return create_database(f"TEMPLATE {name}"), owner


class Writer(threading.Thread):
    """Inserts a task every 10 ms; records the slowest insert in seconds."""

    def __init__(self, url, owner):
        super().__init__()
        self.url, self.owner = url, owner
        self.slowest = self.count = 0
        self.is_stopped = False

    def run(self):
        with connect(self.url) as database:
            while not self.is_stopped:
                started = time.monotonic()
                database.execute(INSERT_TASKS, [self.owner, 1])
                self.slowest = max(self.slowest, time.monotonic() - started)
                self.count += 1
                time.sleep(0.01)


@pytest.fixture
def writer(old_database):
    writer = Writer(*old_database)
    writer.start()
    yield writer
    writer.is_stopped = True
    writer.join()


def stop(writer):
    writer.is_stopped = True
    writer.join()


def test_tasks_that_exist_are_ordered_by_their_creation(create_database):
    url = create_database()
    assert migrate(url, "todo", "0008")[0] == 0
    with connect(url) as database:
        owner = database.execute(INSERT_USER).fetchone()[0]
        database.execute(INSERT_TASKS, [owner, 2500])
        database.execute(
            "UPDATE task SET created_at = now() - random() * interval '1 year'"
        )

    assert migrate(url)[0] == 0

    microseconds = "FLOOR(EXTRACT(EPOCH FROM created_at) * 1000000)"
    with connect(url) as database:
        rows = database.execute(f"SELECT position = {microseconds} FROM task")
        assert {is_equal for (is_equal,) in rows} == {True}


def test_earlier_versions_can_insert_rows_after_the_migration(test_database_url):
    with connect(test_database_url) as database:
        owner = database.execute(INSERT_USER).fetchone()[0]
        database.execute(INSERT_TASKS, [owner, 1])
        row = database.execute(
            "SELECT list_id, labels, repeat, repeat_after_completion,"
            " abs(position / 1000000 - extract(epoch FROM created_at)) < 60 FROM task"
        ).fetchone()

    assert row == (None, [], None, False, True)


def test_no_write_waits_long_for_a_migration(old_database, writer):
    url, _ = old_database
    code, output = migrate(url)
    stop(writer)

    assert code == 0, output
    assert writer.count > 10
    print(f"slowest of {writer.count} inserts: {writer.slowest:.2f} s")
    assert writer.slowest < 5  # below 1 on a quiet machine
    assert_is_complete(url)


def test_a_migration_steps_back_while_a_transaction_holds_a_lock(old_database, writer):
    url, _ = old_database
    with connect(url) as other, other.transaction():
        other.execute("LOCK TABLE task IN ACCESS SHARE MODE")  # as pg_dump does
        process = start(url, "migrate")
        read_until(process, "Waiting for a lock: ALTER TABLE")
        read_until(process, "held by process")
    code, output = finish(process)
    stop(writer)

    assert code == 0, output
    print(f"slowest of {writer.count} inserts: {writer.slowest:.2f} s")
    assert writer.slowest < 5  # below 1 on a quiet machine
    assert_is_complete(url)


def assert_is_complete(url):
    indexes = apps.get_model("todo.Task")._meta.indexes
    with connect(url) as database:
        valid = database.execute(
            "SELECT count(*), bool_and(indisvalid) FROM pg_index"
            " WHERE indrelid = 'task'::regclass"
        ).fetchone()
        unfolded = database.execute(
            "SELECT count(*) FROM task WHERE folded = '' AND created_at < now() - "
            " interval '1 minute'"
        ).fetchone()
    assert valid == (len(indexes) + 1, True)  # and the primary key
    assert unfolded == (0,)


def test_two_migrations_at_once_both_succeed(create_database):
    url = create_database()
    results = [finish(process) for process in [start(url, "migrate") for _ in "ab"]]

    assert [code for code, _ in results] == [0, 0], results
    assert any("Waiting for another migrate." in output for _, output in results)


def test_a_valid_index_is_kept_and_an_invalid_one_is_built_again(old_database):
    url, _ = old_database
    assert migrate(url, "todo", "0003")[0] == 0
    with connect(url) as database:
        database.execute("CREATE INDEX task_trashed ON task (owner_id, created_at)")
        oid = "SELECT 'task_trashed'::regclass::oid"
        kept = database.execute(oid).fetchone()
        with pytest.raises(psycopg.errors.UniqueViolation):
            database.execute(
                "CREATE UNIQUE INDEX CONCURRENTLY task_open_due ON task (created_at)"
            )

    code, output = migrate(url)

    assert code == 0, output
    with connect(url) as database:
        assert database.execute(oid).fetchone() == kept
    assert_is_complete(url)


def test_the_validity_of_an_index_is_known():
    assert index_is_valid(connection, "task_created") is True
    assert index_is_valid(connection, "nonsense") is None


def test_a_changed_row_is_folded_as_it_is_now(old_database):
    url, _ = old_database
    assert migrate(url, "todo", "0005")[0] == 0
    with connect(url) as other, other.transaction():
        other.execute("UPDATE task SET title = 'Bread'")
        process = start(url, "migrate")
        wait_until(lambda: waits_for_a_lock(url))
    code, output = finish(process)

    assert code == 0, output
    with connect(url) as database:
        folded = database.execute("SELECT DISTINCT folded FROM task").fetchall()
    assert folded == [("bread\n",)]


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_an_encoding_that_cannot_store_all_text_is_refused(create_database, encoding):
    url = create_database(
        f"ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        " LOCALE_PROVIDER libc"
    )

    code, output = migrate(url)

    assert code == 1
    assert f"The encoding of the database is {encoding}" in output
    assert "ENCODING 'UTF8' TEMPLATE template0" in output
    with connect(url) as database:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert database.execute(tables).fetchone() == (0,)
    assert (
        f"The encoding of the database is {encoding}" in finish(start(url, "verify"))[1]
    )


def test_a_role_that_may_not_create_tables_is_told_how(create_database):
    url = create_database()
    role = f"limited_{uuid4().hex[:8]}"
    with connect(url) as database:
        database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret-secret'")
    before, _, after = url.partition("@")
    try:
        code, output = migrate(f"postgresql://{role}:secret-secret@{after}")
    finally:
        execute(f"DROP ROLE {role}")

    assert code == 1
    assert "GRANT CREATE ON SCHEMA public" in output
    assert "Traceback" not in output
