"""The feed of changes, for clients that keep a copy of all tasks."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo import changes
from todo.api import change_views
from todo.changes import Since
from todo.models import Session, Task, User
from todo.tests.api.helpers import TASKS, error_codes, task_url

CHANGES = f"{TASKS}/changes"


def read(api, since=None):
    """Return the titles of the changes, and where to go on."""
    response = api.get(CHANGES, {"since": since} if since else {})
    assert response.status_code == 200, response.json()
    body = response.json()
    assert body.keys() == {"results", "since"}
    return [row["title"] for row in body["results"]], body["since"]


@pytest.fixture
def no_overlap(monkeypatch):
    monkeypatch.setattr(changes, "OVERLAP", timedelta(0))


@pytest.fixture
def two_per_page(monkeypatch):
    monkeypatch.setattr(change_views, "PAGE_SIZE", 2)


def hours_ago(hours):
    return timezone.now() - timedelta(hours=hours)


def test_the_first_reading_returns_all_tasks_in_the_order_of_their_changes(
    api, make_task
):
    make_task(title="new", updated_at=hours_ago(1))
    make_task(title="old", updated_at=hours_ago(3))
    make_task(title="trashed", updated_at=hours_ago(2), deleted_at=hours_ago(2))

    titles, _ = read(api)

    assert titles == ["old", "trashed", "new"]


def test_a_change_has_the_fields_of_a_task(api, make_task):
    task = make_task()

    [row] = api.get(CHANGES).json()["results"]

    assert row == api.get(task_url(task)).json()


def test_a_reading_returns_what_changed_since(api, make_task, no_overlap):
    milk = make_task(title="milk")
    make_task(title="bread")
    _, since = read(api)

    assert read(api, since)[0] == []
    api.delete(task_url(milk))
    titles, since = read(api, since)

    assert titles == ["milk"]
    assert read(api, since)[0] == []


def test_changes_of_the_last_minute_are_returned_again(api, make_task):
    make_task(title="older", updated_at=timezone.now() - timedelta(seconds=61))
    make_task(title="recent")

    _, since = read(api)

    assert read(api, since)[0] == ["recent"]


def test_all_pages_are_read_though_many_tasks_changed_at_the_same_time(
    api, make_task, two_per_page
):
    now = timezone.now()
    for number in range(5):
        make_task(title=str(number), updated_at=now)
    found, since = [], None

    while len(page := read(api, since)[0]) == 2:
        found += page
        since = read(api, since)[1]

    assert sorted(found + page) == list("01234")


def test_the_reading_after_the_last_page_begins_before_the_first_page(
    api, make_task, two_per_page
):
    for number in range(3):
        make_task(title=str(number), updated_at=timezone.now())
    _, since = read(api)
    late = timezone.now() - timedelta(seconds=30)
    _, since = read(api, since)
    make_task(title="late", updated_at=late)  # by a slow statement

    titles, _ = read(api, since)

    assert titles[0] == "late"


def test_an_imported_task_is_new_though_it_is_old(api, make_task, no_overlap):
    _, since = read(api)
    make_task(title="old", updated_at=hours_ago(1000), imported_at=timezone.now())

    assert read(api, since)[0] == ["old"]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_not_missed(api, make_task):
    slow, quick = make_task(title="slow"), make_task(title="quick")
    may_commit, has_written = Event(), Event()

    def change_slowly():
        with transaction.atomic():
            Task.objects.filter(pk=slow.pk).update(
                title="slow!", updated_at=timezone.now()
            )
            has_written.set()
            may_commit.wait(10)
        connection.close()

    thread = Thread(target=change_slowly)
    thread.start()
    has_written.wait(10)
    api.patch(task_url(quick), {"title": "quick!"})
    titles, since = read(api)
    may_commit.set()
    thread.join()

    assert "slow!" not in titles
    assert "slow!" in read(api, since)[0]


def test_the_feed_takes_one_query(api, make_task, django_assert_num_queries):
    make_task()

    with django_assert_num_queries(1):
        read(api)


def test_other_users_changes_are_not_returned(strangers_api, make_task):
    make_task()

    assert read(strangers_api)[0] == []


def test_nobody_else_may_read_changes(anonymous):
    assert anonymous.get(CHANGES).status_code == 401


@pytest.mark.parametrize("has_tasks", [True, False])
def test_an_ended_session_is_refused(api, make_task, has_tasks):
    if has_tasks:
        make_task()
    Session.objects.all().delete()

    response = api.get(CHANGES)

    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    "since", ["x", "%", "W10", "e30", "bnVsbA", "WzEsMiwzXQ", "é", "9" * 400, ""]
)
def test_a_since_that_is_none_is_refused(api, since):
    response = api.get(CHANGES, {"since": since})

    assert response.status_code == 400
    assert response.json()["errors"].keys() == {"since"}


def test_an_unknown_parameter_is_refused(api):
    assert error_codes(api.get(CHANGES, {"sinze": "x"}), "sinze") == ["unknown_field"]


def test_a_reading_that_a_purge_has_passed_is_gone(api, user, make_task):
    make_task(updated_at=hours_ago(3))
    User.objects.filter(pk=user.pk).update(purged_until=hours_ago(1))

    response = api.get(CHANGES, {"since": Since(hours_ago(2)).encode()})

    assert (response.status_code, response.json()["code"]) == (410, "gone")
    assert "without `since`" in response.json()["detail"]


def test_a_reading_after_the_purge_goes_on(api, user):
    User.objects.filter(pk=user.pk).update(purged_until=hours_ago(3))

    assert read(api, Since(hours_ago(2)).encode())[0] == []
    assert read(api)[0] == []


def test_the_time_of_a_purge_is_read_after_the_changes(api):
    with CaptureQueriesContext(connection) as queries:
        read(api)

    # Otherwise a purge in between would neither be in the changes nor be an error.
    [sql] = [query["sql"] for query in queries]
    assert sql.index("GREATEST") < sql.index("purged_until")


def test_since_survives_its_encoding():
    now = timezone.now()
    for since in (Since(), Since().begin(now), Since(hours_ago(1)).begin(now)):
        assert Since.decode(since.encode()) == since
