from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from todo import completions, tasks
from todo.models import List, Task
from todo.statements import run_together
from todo.tests.conftest import sign_in

pytestmark = pytest.mark.django_db

NOON = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
TODAY = NOON.date()
DAY_AFTER = TODAY + timedelta(days=1)
DAILY = "FREQ=DAILY"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """Let each test start at noon of tomorrow, so that none runs over midnight.

    Later than now, because default values of models take the real time.
    """
    ahead = NOON - datetime.now(UTC)
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + ahead)


@pytest.fixture
def owner(user):
    return tasks.Owner(user.pk, sign_in(user).session_key)


@pytest.fixture
def make_repeating(make_task):
    def make_repeating(due=TODAY, repeat=DAILY, **fields):
        return make_task(due_date=due, repeat=repeat, **fields)

    return make_repeating


def apply(owner, task, verb, version=None, key=None):
    """Apply a verb as the doors do, in two round trips; return the row."""
    statement = tasks.apply(owner, task.pk, verb, version, key)
    [row], _, _ = completions.run(owner, [statement], key=key)
    return row


def copies():
    return Task.objects.filter(copy_of__isnull=False, deleted_at=None).order_by(
        "due_date"
    )


def test_a_task_that_repeats_moves_to_its_next_date(owner, make_repeating):
    task = make_repeating()

    row = apply(owner, task, "complete")

    assert row["id"] == task.pk
    assert row["completed_at"] is None
    assert row["due_date"] == TODAY + timedelta(days=1)
    assert row["updated_at"] > task.updated_at
    assert "time_zone" not in row


def test_a_completed_copy_is_put_on_record(owner, user, make_repeating):
    home = List.objects.create(owner=user, name="Home")
    fields = {"description": "- [x] pot", "priority": 2, "labels": ["garden"]}
    fields |= {"list": home, "due_time": time(7), "title": "Water the plants"}
    task = make_repeating(**fields)

    apply(owner, task, "complete")

    copy = copies().get()
    assert copy.completed_at
    assert (copy.due_date, copy.copy_of) == (TODAY, task.pk)
    assert {name: getattr(copy, name) for name in fields} == fields
    assert copy.folded == Task.objects.get(pk=task.pk).folded


def test_dates_that_were_missed_are_skipped(owner, make_repeating):
    task = make_repeating(due=TODAY - timedelta(days=10))

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=1)
    assert copies().get().due_date == TODAY - timedelta(days=10)


def test_a_date_in_the_future_can_be_completed_early(owner, make_repeating):
    task = make_repeating(due=TODAY + timedelta(days=5))

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=6)


def test_a_task_can_repeat_after_its_completion(owner, make_repeating):
    late = TODAY - timedelta(days=3)
    task = make_repeating(
        late, repeat="FREQ=WEEKLY;INTERVAL=2", repeat_after_completion=True
    )

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=14)


def test_today_is_a_day_in_the_time_zone_of_the_owner(user, owner, make_repeating):
    user.time_zone = "Pacific/Kiritimati"  # the first to see a new day
    user.save()
    kiritimati = user.today
    task = make_repeating(due=kiritimati)

    row = apply(owner, task, "complete")

    assert row["due_date"] == kiritimati + timedelta(days=1)


def test_a_rule_that_has_ended_completes_the_task(owner, make_repeating):
    task = make_repeating(repeat="FREQ=DAILY;COUNT=2")

    assert apply(owner, task, "complete")["completed_at"] is None
    row = apply(owner, task, "complete")

    assert row["completed_at"]
    assert row["due_date"] == TODAY + timedelta(days=1)
    assert copies().count() == 1


def test_the_31st_comes_back_after_a_short_month(owner, make_repeating):
    task = make_repeating(due=date(2027, 1, 31), repeat="FREQ=MONTHLY")

    dates = [apply(owner, task, "complete")["due_date"] for _ in range(2)]

    assert dates == [date(2027, 2, 28), date(2027, 3, 31)]


def test_the_statements_of_a_completion_can_run_again(owner, make_repeating):
    task = make_repeating()
    [row] = tasks.apply(owner, task.pk, "complete").rows()
    follow_up = completions.follow_up(owner, row)

    results = [run_together(*follow_up)[-1] for _ in range(2)]

    assert results[0] == results[1]
    assert copies().count() == 1


def test_a_completion_with_a_key_that_is_repeated_advances_once(owner, make_repeating):
    task, key = make_repeating(), uuid4()

    rows = [apply(owner, task, "complete", key=key) for _ in range(2)]

    assert rows[0] == rows[1]
    assert copies().count() == 1


def test_a_completion_with_another_key_advances_again(owner, make_repeating):
    task = make_repeating()

    for _ in range(2):
        apply(owner, task, "complete", key=uuid4())

    assert copies().count() == 2


def test_a_completion_of_an_old_version_advances_nothing(owner, make_repeating):
    task = make_repeating()
    apply(owner, task, "complete", task.updated_at)

    assert tasks.apply(owner, task.pk, "complete", task.updated_at).rows() == []
    assert copies().count() == 1


def test_a_change_that_completes_too_moves_the_task_on(owner, make_repeating):
    task = make_repeating()
    [row] = tasks.change(owner, task.pk, {"title": "x", "completed": True}).rows()

    [row] = run_together(*completions.follow_up(owner, row))[-1]

    assert (row["title"], row["due_date"]) == ("x", TODAY + timedelta(days=1))
    assert copies().get().title == "x"


def test_reopening_the_copy_takes_the_completion_back(owner, make_repeating):
    task = make_repeating(repeat="FREQ=DAILY;COUNT=5")
    apply(owner, task, "complete")

    row = apply(owner, copies().get(), "reopen")

    assert row["id"] == task.pk
    assert (row["due_date"], row["repeat"]) == (TODAY, "FREQ=DAILY;COUNT=5")
    assert not copies().exists()
    assert Task.objects.in_status("open").get() == task


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DAILY, None),
        (DAILY, "FREQ=WEEKLY"),
        (DAILY, "FREQ=DAILY;COUNT=5"),
        ("FREQ=DAILY;COUNT=5", DAILY),
        ("FREQ=DAILY;COUNT=5", "FREQ=DAILY;COUNT=10"),
        ("FREQ=DAILY;COUNT=5", "FREQ=DAILY;INTERVAL=2;COUNT=4"),
        ("FREQ=DAILY;COUNT=5", "FREQ=DAILY;UNTIL=99990101"),
    ],
)
def test_a_rule_that_changed_since_stays_when_a_completion_is_taken_back(
    owner, make_repeating, before, after
):
    task = make_repeating(repeat=before)
    apply(owner, task, "complete")
    tasks.change(owner, task.pk, {"repeat": after}).rows()

    row = apply(owner, copies().get(), "reopen")

    assert (row["id"], row["due_date"]) == (task.pk, TODAY)
    assert row["repeat"] == after


@pytest.mark.parametrize("rule", [None, "FREQ=WEEKLY"])
def test_the_rule_of_the_task_stays_though_that_of_its_copy_was_changed(
    owner, make_repeating, rule
):
    apply(owner, make_repeating(), "complete")
    copy = copies().get()
    tasks.change(owner, copy.pk, {"repeat": rule}).rows()

    assert apply(owner, copy, "reopen")["repeat"] == DAILY


@pytest.mark.parametrize(
    ("due", "rule"),
    [
        (date(2028, 2, 29), "FREQ=YEARLY;COUNT=3"),
        (date(2027, 1, 31), "FREQ=MONTHLY;INTERVAL=2;COUNT=10"),
        (date(2027, 1, 31), "FREQ=MONTHLY"),
        (date(2027, 1, 31), "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"),
        (date(2027, 1, 29), "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"),
    ],
)
def test_a_rule_is_the_same_after_a_completion_is_taken_back(
    owner, make_repeating, due, rule
):
    task = make_repeating(due, repeat=rule)
    assert apply(owner, task, "complete")["due_date"] > due

    row = apply(owner, copies().get(), "reopen")

    assert (row["due_date"], row["repeat"]) == (due, rule)


@pytest.mark.parametrize("days", [0, 1, 3, 90])
def test_a_completion_is_taken_back_however_early_it_was(owner, make_repeating, days):
    due, rule = TODAY + timedelta(days=days), "FREQ=DAILY;INTERVAL=3;COUNT=3"
    task = make_repeating(due, repeat=rule, repeat_after_completion=True)
    apply(owner, task, "complete")

    row = apply(owner, copies().get(), "reopen")

    assert (row["id"], row["due_date"], row["repeat"]) == (task.pk, due, rule)
    assert Task.objects.in_status("all").get() == task


def test_completions_of_one_day_are_taken_back_one_by_one(owner, make_repeating):
    task = make_repeating(repeat="FREQ=DAILY;COUNT=5", repeat_after_completion=True)
    for _ in range(3):
        apply(owner, task, "complete")

    rows = [apply(owner, copy, "reopen") for copy in copies().order_by("-created_at")]

    assert [row["id"] for row in rows] == [task.pk] * 3
    assert [row["repeat"][-1] for row in rows] == ["3", "4", "5"]
    assert rows[-1]["due_date"] == TODAY


def test_an_earlier_copy_of_the_same_date_becomes_a_task_of_its_own(
    owner, make_repeating
):
    task = make_repeating(repeat_after_completion=True)
    for _ in range(3):
        apply(owner, task, "complete")
    earlier = copies().filter(due_date=DAY_AFTER).earliest("created_at")

    row = apply(owner, earlier, "reopen")

    assert (row["id"], row["repeat"]) == (earlier.pk, None)
    assert copies().count() == 2


def test_a_copy_without_a_date_becomes_a_task_of_its_own(owner, make_repeating):
    task = make_repeating()
    apply(owner, task, "complete")
    copy = copies().get()
    tasks.change(owner, copy.pk, {"due_date": None}).rows()

    assert apply(owner, copy, "reopen")["id"] == copy.pk
    task.refresh_from_db()
    assert task.due_date == DAY_AFTER


def test_the_statements_that_take_a_completion_back_can_run_again(
    owner, make_repeating
):
    apply(owner, make_repeating(), "complete")
    [row] = tasks.apply(owner, copies().get().pk, "reopen").rows()
    follow_up = completions.follow_up(owner, row)

    results = [run_together(*follow_up)[-1] for _ in range(2)]

    assert results[0] == results[1]


def test_a_completion_can_be_taken_back_and_repeated(owner, make_repeating):
    task = make_repeating()
    apply(owner, task, "complete")
    apply(owner, copies().get(), "reopen")
    tasks.change(owner, task.pk, {"title": "Buy bread"}).rows()

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=1)
    assert copies().get().title == "Buy bread"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda task: {"deleted_at": datetime.now(UTC)}, id="is trashed"),
        pytest.param(lambda task: {"due_date": TODAY}, id="was moved back by hand"),
    ],
)
def test_a_copy_of_a_task_that_cannot_move_back_becomes_a_task_of_its_own(
    owner, make_repeating, spoil
):
    task = make_repeating()
    apply(owner, task, "complete")
    copy = copies().get()
    changes = spoil(task)
    Task.objects.filter(pk=task.pk).update(**changes)

    apply(owner, copy, "reopen")

    copy.refresh_from_db()
    is_trashed = "deleted_at" in changes
    assert (copy.completed_at is None) == is_trashed
    assert (copy.repeat is None) == is_trashed
    assert bool(copy.deleted_at) != is_trashed


def test_an_earlier_copy_becomes_a_task_of_its_own(owner, make_repeating):
    task = make_repeating()
    for _ in range(2):
        apply(owner, task, "complete")
    first = copies().first()

    row = apply(owner, first, "reopen")

    assert row["id"] == first.pk
    assert (row["completed_at"], row["repeat"]) == (None, None)
    task.refresh_from_db()
    assert task.due_date == TODAY + timedelta(days=2)


def test_a_copy_that_was_made_for_somebody_else_is_left_alone(
    owner, stranger, make_repeating
):
    task = make_repeating()
    [row] = tasks.read(owner, task.pk).rows()
    copy_id = completions.copy_id(row)
    Task.objects.create(id=copy_id, owner=stranger, title="Mine")

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=1)
    mine = Task.objects.get(pk=copy_id)
    assert (mine.title, mine.completed_at) == ("Mine", None)


@pytest.mark.django_db(transaction=True)
def test_two_clients_that_complete_the_same_date_advance_once(owner, make_repeating):
    task = make_repeating()
    [row] = tasks.apply(owner, task.pk, "complete").rows()
    follow_up = completions.follow_up(owner, row)

    def complete():
        run_together(*follow_up)
        connection.close()

    threads = [Thread(target=complete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    task.refresh_from_db()
    assert task.due_date == TODAY + timedelta(days=1)
    assert copies().count() == 1


@pytest.mark.parametrize(
    ("change", "due_date"),
    [
        ({"title": "Buy bread"}, TODAY + timedelta(days=1)),
        ({"due_date": TODAY + timedelta(days=9)}, TODAY + timedelta(days=10)),
        ({"repeat": "FREQ=WEEKLY"}, TODAY + timedelta(days=7)),
    ],
    ids=["title", "date", "rule"],
)
def test_a_task_that_another_client_changes_is_completed_as_it_is_then(
    owner, make_repeating, meanwhile, change, due_date
):
    task = make_repeating()
    meanwhile(lambda: tasks.change(owner, task.pk, change).rows())

    row = apply(owner, task, "complete")

    assert row["due_date"] == due_date
    copy = copies().get()
    assert all(getattr(copy, name) == value for name, value in change.items())


def test_the_last_date_that_another_client_changes_is_completed(
    owner, make_repeating, meanwhile
):
    task = make_repeating(repeat="FREQ=DAILY;COUNT=1")
    meanwhile(lambda: tasks.change(owner, task.pk, {"due_date": DAY_AFTER}).rows())

    row = apply(owner, task, "complete")

    assert row["completed_at"]
    assert row["due_date"] == DAY_AFTER


def test_a_series_that_another_client_ends_is_completed(
    owner, make_repeating, meanwhile
):
    task = make_repeating()
    meanwhile(lambda: tasks.change(owner, task.pk, {"repeat": None}).rows())

    assert apply(owner, task, "complete")["completed_at"]
    assert not copies().exists()


def test_a_date_that_another_client_changes_and_completes_is_completed_once(
    owner, make_repeating, meanwhile
):
    task = make_repeating()
    change = {"title": "Buy bread", "completed": True}
    meanwhile(lambda: completions.run(owner, [tasks.change(owner, task.pk, change)]))

    row = apply(owner, task, "complete")

    assert row["due_date"] == TODAY + timedelta(days=1)
    assert copies().count() == 1


def test_a_task_that_another_client_moves_to_the_trash_is_gone(
    owner, make_repeating, meanwhile
):
    task = make_repeating()
    meanwhile(lambda: tasks.apply(owner, task.pk, "trash").rows())
    statement = tasks.apply(owner, task.pk, "complete")

    rows, _, _ = completions.run(owner, [statement])

    assert rows == []
    assert not copies().exists()


def test_a_task_that_is_due_on_the_same_date_again_gets_another_copy(
    owner, make_repeating
):
    task = make_repeating(repeat="FREQ=DAILY;INTERVAL=3", repeat_after_completion=True)

    for _ in range(4):
        apply(owner, task, "complete")

    later = TODAY + timedelta(days=3)
    assert [copy.due_date for copy in copies()] == [TODAY, later, later, later]
