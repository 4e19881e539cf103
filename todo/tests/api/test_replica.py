"""What the replica serves, and when the primary does, without a second server.

The alias `replica` leads to the test database. Its own connection does not see what the
test has not committed, so what the replica serves is empty.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import (
    DataError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
)
from django.urls import reverse
from django.utils import timezone

from aido.database import _pool_options, replica
from todo import changes
from todo.changes import OVERLAP, Since
from todo.models import Session
from todo.statements import Statement
from todo.tasks import Owner
from todo.tests.api.test_changes import CHANGES
from todo.tests.conftest import sign_in
from todo.tests.test_admin import ADD_TASK, list_titles, run_action
from todo.transfer.exports import export_rows

NOT_IN_RECOVERY = replica.REPLAY_TIME
RECENT = "SELECT statement_timestamp()"


@pytest.fixture
def replayed(monkeypatch):
    """Set the SQL of the time of the last commit that the replica has replayed."""

    def replayed(sql):
        monkeypatch.setattr(replica, "REPLAY_TIME", sql)
        monkeypatch.setattr(changes, "REPLAY", Statement(sql, [], ["time"]).bind())

    return replayed


@pytest.fixture
def with_replica(db, monkeypatch, replayed):
    options = connection.settings_dict["OPTIONS"] | {"pool": _pool_options(1, 2)}
    engine = "aido.database.replica"
    config = connection.settings_dict | {"ENGINE": engine, "OPTIONS": options}
    connections.settings[replica.ALIAS] = config
    monkeypatch.setattr(replica, "_paused_until", float("-inf"))
    replayed(RECENT)
    # Django's tests allow no other aliases than `default` that they know.
    connections[replica.ALIAS].alias = "unknown"
    yield
    connections[replica.ALIAS].close()
    connections[replica.ALIAS].close_pool()
    # Django's cleanup, which follows, makes a new one for each alias of the settings.
    del connections[replica.ALIAS], connections.settings[replica.ALIAS]


def read_from():
    """Return the alias of the database that serves."""
    return replica.read(lambda alias: alias)


def test_without_a_replica_the_primary_serves():
    assert not replica.is_in_use()
    assert read_from() == "default"


def test_the_replica_serves(with_replica):
    assert read_from() == "replica"


@pytest.mark.parametrize(
    "sql",
    [
        NOT_IN_RECOVERY,
        "SELECT NULL::timestamptz",
        "SELECT statement_timestamp() - interval '11 seconds'",
    ],
    ids=["no replica", "nothing replayed", "behind"],
)
def test_a_replica_that_is_not_fit_is_passed_over(with_replica, replayed, sql):
    replayed(sql)

    assert read_from() == "default"
    replayed(RECENT)
    assert read_from() == "replica"


def failing_with(error):
    def query(alias):
        if alias == replica.ALIAS:
            raise error
        return alias

    return query


@pytest.mark.parametrize(
    "error",
    [OperationalError, InterfaceError, ProgrammingError],
    ids=lambda e: e.__name__,
)
def test_after_an_error_the_primary_serves_for_a_while(
    with_replica, monkeypatch, caplog, error
):
    assert replica.read(failing_with(error("broken"))) == "default"
    assert "The replica is not used for 30 seconds: broken" in caplog.text

    assert read_from() == "default"
    monkeypatch.setattr(replica, "PAUSE", 0.0)
    monkeypatch.setattr(replica, "_paused_until", 0.0)
    assert read_from() == "replica"


def test_an_error_of_the_query_itself_is_raised(with_replica):
    with pytest.raises(DataError):
        replica.read(failing_with(DataError("out of range")))

    assert read_from() == "replica"


def test_a_statement_on_the_replica_is_not_waited_for_long(with_replica, monkeypatch):
    monkeypatch.setattr(replica, "TIMEOUT", 0.2)

    def query(alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [30 * (alias == replica.ALIAS)])
        return alias

    assert replica.read(query) == "default"


def test_a_statement_is_not_retried_on_the_replica(with_replica):
    cursor = connections[replica.ALIAS].cursor()

    with pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert connections["default"].no_retry_until == 0


def test_an_outage_of_the_replica_is_not_one_of_the_primary(with_replica):
    wrapper = connections[replica.ALIAS]
    type(wrapper).has_timed_out = True
    try:
        assert wrapper._connection_timeout() == 1
        assert connection._connection_timeout() == 10
    finally:
        type(wrapper).has_timed_out = False


def test_exports_are_read_from_the_replica(with_replica, user, make_task, replayed):
    make_task()
    assert list(export_rows(user)) == []

    replayed(NOT_IN_RECOVERY)
    assert len(list(export_rows(user))) == 1


@pytest.fixture
def owner(user):
    return Owner(user.pk, sign_in(user).session_key)


@pytest.fixture
def any_session(monkeypatch):
    """Let the replica find a session, as if that had been replayed."""
    statement = Statement("SELECT NULL::timestamptz", [], ["purged_until"]).bind()
    monkeypatch.setattr(changes, "_purged_until", lambda: statement)


def read_replica(owner):
    return changes.read(owner, Since(), 200, using=replica.ALIAS)


def test_a_reading_is_as_of_what_the_replica_has_replayed(
    with_replica, owner, any_session, replayed, monkeypatch
):
    monkeypatch.setattr(replica, "MAX_LAG", timedelta.max)
    replayed("SELECT timestamptz '2026-06-15 12:00+0'")

    since = read_replica(owner).since

    assert since.following([], 200).changed_at == (
        datetime(2026, 6, 15, 12, tzinfo=UTC) - OVERLAP
    )


def test_a_clock_of_the_primary_that_is_ahead_moves_no_reading_ahead(
    with_replica, owner, any_session, replayed
):
    replayed("SELECT statement_timestamp() + interval '1 hour'")

    assert read_replica(owner).since.restart <= timezone.now() - OVERLAP


def test_a_page_from_a_server_that_is_behind_moves_the_next_reading_back():
    now = timezone.now()
    first_page = Since().begin(now)

    second_page = first_page.begin(now - timedelta(seconds=9))
    third_page = second_page.begin(now + timedelta(seconds=1))

    assert third_page.restart == now - timedelta(seconds=9) - OVERLAP


@pytest.mark.parametrize(
    "sql", ["SELECT NULL::timestamptz", "SELECT now() - '1h'::interval"]
)
def test_a_reading_from_another_server_that_is_not_fit_is_discarded(
    with_replica, owner, any_session, replayed, sql
):
    replayed(sql)

    with pytest.raises(replica.Behind):
        read_replica(owner)


def test_the_time_is_read_before_the_changes_in_the_same_round_trip(
    with_replica, owner, any_session, django_assert_num_queries
):
    with django_assert_num_queries(1, using=replica.ALIAS) as queries:
        read_replica(owner)

    [query] = [query["sql"] for query in queries]
    assert query.startswith(RECENT)


def test_a_session_that_the_replica_does_not_know_yet_is_looked_up_in_the_primary(
    with_replica, api, make_task
):
    task = make_task()

    response = api.get(CHANGES)

    assert [row["id"] for row in response.json()["results"]] == [str(task.pk)]


def test_an_ended_session_that_the_replica_still_has_is_refused(
    with_replica, any_session, api
):
    Session.objects.all().delete()

    assert api.get(CHANGES).status_code == 401


def test_lists_of_the_admin_are_read_from_the_replica(with_replica, admin, make_task):
    make_task(title="Buy milk")

    assert list_titles(admin) == set()


def test_after_a_change_an_admin_sees_the_primary(with_replica, admin, user):
    admin.post(ADD_TASK, {"owner": user.pk, "title": "Buy milk", "priority": 0})

    assert list_titles(admin) == {"Buy milk"}


def test_actions_of_the_admin_find_their_rows(with_replica, admin, make_task):
    assert "1 task completed." in run_action(admin, "complete", make_task())


def test_another_admins_change_does_not_matter(with_replica, admin, make_task, client):
    make_task()

    client.post(ADD_TASK, {})

    assert list_titles(admin) == set()


def test_signing_out_of_the_admin_leaves_no_session(with_replica, admin):
    admin.post(reverse("admin:logout"))

    assert not Session.objects.exists()


def test_a_failure_of_the_replica_is_none_of_the_admin(
    with_replica, admin, make_task, replayed
):
    make_task(title="Buy milk")
    replayed("SELECT 1 FROM missing")

    assert list_titles(admin) == {"Buy milk"}
