"""Prepared statements on a real PostgreSQL, behind a pool and a transaction pooler."""

import threading
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.utils import ConnectionHandler

from aido import database
from aido.prepared import MAX_PREPARED, MIN_USES, Call, Query
from aido.testing.pgbouncer import running_pgbouncer
from aido.testing.postgres import running_postgres
from aido.tests.conftest import kill

VALUES = {
    "text": ("text", "it's 100% \\ ü\n"),
    "empty text": ("text", ""),
    "null": ("int", None),
    "true": ("bool", True),
    "false": ("bool", False),
    "number": ("int", -7),
    "large number": ("numeric", 10**30),
    "bytes": ("bytea", b"\0\xff"),
    "uuid": ("uuid", UUID(int=7)),
    "moment": ("timestamptz", datetime(2026, 6, 15, 12, 30, 1, 5, tzinfo=UTC)),
    "date": ("date", date.max),
    "time": ("time", time(17, 30)),
    "words": ("text[]", ["a", 'b"c', "d,e", "NULL", ""]),
    "no words": ("text[]", []),
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def count():
    """A query that prepares nothing yet; its text is new, as are its uses."""
    return Query("SELECT $1::int + 1")


@pytest.fixture
def database_(pooled):
    yield pooled["p"]
    pooled["p"].close()


@pytest.fixture
def number():
    """Reads and changes the only number in a table."""

    def execute(sql="SELECT number FROM numbers"):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    execute("CREATE TABLE numbers AS SELECT 1 AS number")
    yield execute
    execute("DROP TABLE numbers")


def run(wrapper, *calls):
    """Run pairs of a query and its values; return the rows of each."""
    return wrapper.run_queries([Call(query, values, tuple) for query, values in calls])


def prepare(wrapper, query, values=(1,)):
    for _ in range(MIN_USES + 1):
        run(wrapper, (query, values))


def prepared_names(wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return [name.encode() for (name,) in cursor.fetchall()]


@pytest.mark.parametrize("name", VALUES)
def test_values_return_as_they_were_sent(database_, name):
    type_, value = VALUES[name]
    query = Query(f"SELECT $1::{type_}")

    results = [run(database_, (query, [value])) for _ in range(MIN_USES + 2)]

    assert results == [[[(value,)]]] * (MIN_USES + 2)
    assert query.name in prepared_names(database_)


def test_text_with_nul_is_refused(database_):
    with pytest.raises(DataError):
        run(database_, (Query("SELECT $1::text"), ["a\0b"]))


def test_a_query_is_prepared_once_it_is_used_often(database_, count):
    for _ in range(MIN_USES):
        run(database_, (count, [1]))
    assert prepared_names(database_) == []

    for _ in range(3):
        assert run(database_, (count, [1])) == [[(2,)]]
    assert prepared_names(database_) == [count.name]


def test_a_connection_prepares_a_limited_number_of_queries(database_):
    queries = [Query(f"SELECT $1::int + {n}") for n in range(MAX_PREPARED + 5)]

    for query in queries:
        prepare(database_, query)

    assert len(prepared_names(database_)) == MAX_PREPARED
    assert run(database_, (queries[-1], [1])) == [[(MAX_PREPARED + 5,)]]


def test_queries_are_one_round_trip_at_each_use(database_, proxy, count):
    run(database_, (Query("SELECT 1"), []))

    for calls in (1, 3):
        for _ in range(MIN_USES + 2):
            before = proxy.round_trips
            run(database_, *[(count, [1])] * calls)
            assert proxy.round_trips - before == 1


def test_queries_run_in_order(database_, count):
    prepare(database_, count)
    other = Query("SELECT 'x'")

    results = run(database_, (count, [1]), (other, []), (count, [2]))

    assert results == [[(2,)], [("x",)], [(3,)]]


def test_an_error_of_the_commit_is_raised(database_, number):
    number("ALTER TABLE numbers ADD UNIQUE (number) DEFERRABLE INITIALLY DEFERRED")
    insert = Query("INSERT INTO numbers VALUES ($1)")
    for value in range(2, MIN_USES + 4):
        run(database_, (insert, [value]))
    assert insert.name in prepared_names(database_)

    with pytest.raises(IntegrityError):
        run(database_, (insert, [1]))

    run(database_, (insert, [100]))
    assert number("SELECT count(*) FROM numbers") == MIN_USES + 4


def test_queries_that_fail_have_no_effect_together(database_, number):
    update = Query("UPDATE numbers SET number = $1 RETURNING number")

    with pytest.raises(DataError):
        run(database_, (update, [2]), (Query("SELECT 1 / $1::int"), [0]))

    assert number() == 1
    assert run(database_, (update, [2])) == [[(2,)]]


def test_a_query_that_failed_when_it_was_prepared_runs_again(database_):
    query = Query("SELECT 1 / $1::int")
    for _ in range(MIN_USES):
        run(database_, (query, [1]))

    with pytest.raises(DataError):
        run(database_, (query, [0]))

    assert run(database_, (query, [1])) == [[(1,)]]
    assert database_.connection.can_prepare


def test_a_mistaken_query_is_refused_each_time(database_):
    query = Query("SELECT nonsense")

    for _ in range(MIN_USES + 2):
        with pytest.raises(ProgrammingError):
            run(database_, (query, []))


def test_queries_belong_to_the_transaction(number):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run(connection, (Query("UPDATE numbers SET number = $1"), [2]))
        raise ZeroDivisionError

    assert number() == 1


def test_nothing_is_prepared_in_a_transaction(count):
    with transaction.atomic():
        prepare(connection, count)
        assert prepared_names(connection) == []


def test_a_broken_transaction_refuses_queries(count):
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        with pytest.raises(ProgrammingError):
            run(connection, (Query("SELECT nonsense"), []))
        connection.needs_rollback = True
        run(connection, (count, [1]))


@pytest.mark.parametrize("is_prepared", [True, False], ids=["prepared", "new"])
def test_queries_are_retried_on_a_new_connection(database_, count, is_prepared):
    if is_prepared:
        prepare(database_, count)
    run(database_, (count, [1]))
    kill(database_.connection.info.backend_pid)

    assert run(database_, (count, [1]), (count, [2])) == [[(2,)], [(3,)]]


@pytest.mark.parametrize("count", [1, 2], ids=["alone", "together"])
def test_queries_end_at_the_statement_timeout(database_, monkeypatch, caplog, count):
    sleep = Query("SELECT pg_sleep($1)")
    prepare(database_, sleep, [0])
    monkeypatch.setattr("aido.resilience.STATEMENT_TIMEOUT", 0.3)

    with pytest.raises(OperationalError):
        run(database_, *[(sleep, [60])] * count)

    assert "Retrying" not in caplog.text
    database_.close()
    assert run(database_, (Query("SELECT 1"), [])) == [[(1,)]]


def test_a_column_that_gets_another_type_is_read_on(database_, number):
    query = Query("SELECT number FROM numbers")
    prepare(database_, query, [])

    number("ALTER TABLE numbers ALTER number TYPE text")

    assert run(database_, (query, [])) == [[("1",)]]


def test_a_statement_that_the_server_forgot_is_sent_in_full(database_, count):
    prepare(database_, count)
    with database_.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert run(database_, (count, [1])) == [[(2,)]]


def test_a_statement_that_the_server_has_already_is_sent_in_full(database_, count):
    with database_.cursor() as cursor:
        cursor.execute(f"PREPARE {count.name.decode()} AS SELECT $1::int + 1")

    prepare(database_, count)

    assert run(database_, (count, [1])) == [[(2,)]]


def test_connections_of_other_threads_return_to_the_pool(pooled):
    pooled["p"].ensure_connection()
    returned = []

    def request():
        wrapper = pooled["p"]
        wrapper.ensure_connection()
        wrapper.close_if_unusable_or_obsolete()
        returned.append(wrapper.connection is None)

    thread = threading.Thread(target=request)
    thread.start()
    thread.join()

    assert returned == [True]


@pytest.mark.tls
@pytest.mark.pgbouncer
def test_queries_succeed_on_any_server_of_a_transaction_pooler():
    """PgBouncer prepares them on each server only since 1.21."""
    queries = [Query(f"SELECT $1::int + {n}") for n in range(3)]
    with (
        running_postgres(fsync="off") as server,
        running_pgbouncer(server) as url,
    ):
        config = database.config_from_url(url, pool=(1, 4), pooler=True)
        default = connection.settings_dict
        handler = ConnectionHandler({"default": default, "p": config})
        results = []

        def work():
            for n in range(60):
                number = n % len(queries)
                [[row]] = run(handler["p"], (queries[number], [1]))
                results.append(row == (1 + number,))
                handler["p"].close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        handler["p"].close_pool()

    assert results == [True] * 240
