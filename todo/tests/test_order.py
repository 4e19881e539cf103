from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo import order, tasks
from todo.constraints import constraint_error
from todo.models import List, Task
from todo.statements import run_together
from todo.tests.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(user):
    return tasks.Owner(user.pk, sign_in(user).session_key)


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.fixture
def three(make_task):
    return [make_task(title=title) for title in "abc"]


def titles(**condition):
    found = Task.objects.filter(**condition or {"list": None})
    return "".join(found.order_by("position", "id").values_list("title", flat=True))


def test_new_tasks_are_the_last(three):
    assert titles() == "abc"


def test_the_position_of_a_new_task_is_its_time_of_creation(owner):
    [row] = tasks.add(owner, uuid4(), title="x").rows()

    assert row["position"] == str(tasks.time_version(row["created_at"]))
    assert len(row["position"]) == 16


@pytest.mark.parametrize(
    ("moved", "after", "result"),
    [
        pytest.param("a", "b", "bac", id="between two"),
        pytest.param("a", "c", "bca", id="to the end"),
        pytest.param("c", "a", "acb", id="up"),
        pytest.param("c", None, "cab", id="to the top"),
        pytest.param("b", "a", "abc", id="where it is"),
        pytest.param("a", None, "abc", id="first, as it is"),
    ],
)
def test_a_task_is_moved(owner, three, moved, after, result):
    by_title = {task.title: task for task in three}

    [row] = order.move(
        owner, by_title[moved].pk, by_title[after].pk if after else None
    ).rows()

    assert titles() == result
    assert row["id"] == by_title[moved].pk
    assert row["updated_at"] > by_title[moved].updated_at


def test_a_move_takes_one_round_trip_and_writes_one_row(owner, three):
    before = {task.pk: task.updated_at for task in three}
    move = order.move(owner, three[0].pk, three[1].pk)

    with CaptureQueriesContext(connection) as queries:
        move.rows()

    assert len(queries) == 1
    after = dict(Task.objects.values_list("pk", "updated_at"))
    assert {pk for pk in after if after[pk] != before[pk]} == {three[0].pk}


def test_a_move_can_run_again(owner, three):
    move = order.move(owner, three[0].pk, three[1].pk, version=three[0].updated_at)

    results = [move.rows(), move.rows()]

    assert results[0] == results[1] != []


def test_a_task_is_moved_into_a_list(owner, home, three, make_task):
    first, last = make_task(title="1", list=home), make_task(title="2", list=home)

    order.move(owner, three[1].pk, first.pk, home.pk).rows()

    assert (titles(), titles(list=home)) == ("ac", "1b2")

    order.move(owner, last.pk, three[0].pk, None).rows()

    assert (titles(), titles(list=home)) == ("a2c", "1b")


def test_a_task_is_moved_into_an_empty_list(owner, home, three):
    [row] = order.move(owner, three[1].pk, None, home.pk).rows()

    assert row["list"] == home.pk
    assert row["position"] == str(three[1].position)


def test_a_move_within_a_list_ignores_other_lists(owner, home, make_task):
    one = make_task(title="1", list=home)
    make_task(title="x")
    two, three = (make_task(title=title, list=home) for title in "23")

    order.move(owner, three.pk, one.pk).rows()

    assert titles(list=home) == "132"
    three.refresh_from_db()
    assert one.position < three.position < two.position


@pytest.mark.parametrize("place", ["itself", "elsewhere", "trash", "stranger", "gone"])
def test_a_task_is_not_moved_after_one_that_is_not_in_the_list(
    owner, stranger, home, three, make_task, place
):
    task = three[0]
    after = {
        "itself": lambda: task,
        "elsewhere": lambda: make_task(list=home),
        "trash": lambda: make_task(deleted_at=datetime.now(UTC)),
        "stranger": lambda: make_task(owner=stranger),
        "gone": lambda: Task(id=uuid4()),
    }[place]()

    assert order.move(owner, task.pk, after.pk).rows() == []
    task.refresh_from_db()
    assert titles(pk__in=[task.pk for task in three]) == "abc"


def test_a_strangers_task_is_not_moved(owner, stranger, make_task):
    task = make_task(owner=stranger)

    assert order.move(owner, task.pk, None).rows() == []


def test_a_task_is_not_moved_into_a_strangers_list(owner, stranger, three):
    theirs = List.objects.create(owner=stranger, name="Home")

    with pytest.raises(IntegrityError) as caught:
        order.move(owner, three[0].pk, None, theirs.pk).rows()

    assert constraint_error(caught.value)[0] == "list"


def test_a_task_in_the_trash_is_not_moved(owner, make_task):
    task = make_task(deleted_at=datetime.now(UTC))

    assert order.move(owner, task.pk, None).rows() == []


def test_an_old_version_is_not_moved(owner, three):
    version = three[0].updated_at - timedelta(seconds=1)

    assert order.move(owner, three[0].pk, three[2].pk, version=version).rows() == []
    assert titles() == "abc"


def test_nothing_is_moved_after_the_session_has_ended(owner, user, three):
    user.sessions.all().delete()

    assert order.move(owner, three[0].pk, three[2].pk).rows() == []


def test_a_thousand_moves_to_one_place_keep_the_order(owner, three, make_task):
    moved = Task.objects.bulk_create(
        Task(owner=three[0].owner, title="x", description=str(number))
        for number in range(1000)
    )

    for task in moved:
        order.move(owner, task.pk, three[0].pk).rows()

    found = list(Task.objects.order_by("position", "id"))
    assert [task.pk for task in found] == [
        three[0].pk,
        *(task.pk for task in reversed(moved)),
        *(task.pk for task in three[1:]),
    ]


def test_positions_sort_as_text_too(owner, make_task):
    anchor, *others = [make_task(title=str(number)) for number in range(60)]
    for number, task in enumerate(others):
        order.move(owner, task.pk, anchor.pk if number % 3 else None).rows()

    positions = list(
        Task.objects.order_by("position").values_list("position", flat=True)
    )

    assert all(isinstance(position, Decimal) for position in positions)
    assert all(one < two for one, two in pairwise(map(str, positions)))


@pytest.mark.parametrize(
    ("after", "result"), [("a", "awbcz"), ("b", "abwcz"), ("c", "abcwz")]
)
def test_a_task_is_moved_behind_one_of_several_in_the_same_position(
    owner, make_task, after, result
):
    by_title = {
        title: make_task(id=UUID(int=number), title=title, position=7)
        for number, title in enumerate("abc", 1)
    }
    make_task(title="z", position=8)
    moved = make_task(title="w", position=9)
    version = moved.updated_at
    move = order.move(owner, moved.pk, by_title[after].pk, version=version)

    rows = [move.rows(), move.rows()]

    assert titles() == result
    assert rows[0] == rows[1]


def test_a_task_that_makes_room_is_changed(owner, make_task):
    first, second = (make_task(position=7) for _ in "ab")

    order.move(owner, make_task().pk, first.pk).rows()

    version = second.updated_at
    second.refresh_from_db()
    assert second.updated_at > version


def test_no_task_makes_room_for_an_old_version(owner, make_task):
    first, second, moved = (make_task(position=7) for _ in "abc")
    version = moved.updated_at - timedelta(seconds=1)

    assert order.move(owner, moved.pk, first.pk, version=version).rows() == []
    second.refresh_from_db()
    assert second.position == 7


def test_long_positions_are_replaced_by_short_ones(owner, home, three, make_task):
    fraction = f".{1:0>{order.MAX_SCALE + 1}}"
    other = make_task(title="x", list=home, position=7)
    Task.objects.update(updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    started_at = timezone.now()
    Task.objects.filter(pk=three[1].pk).update(
        position=Decimal(f"{three[0].position}{fraction}")
    )
    [row] = order.move(owner, three[2].pk, three[0].pk).rows()

    [*_, [row]] = run_together(*order.follow_up(owner, row))

    assert titles() == "acb"
    assert row["position"] == str(three[0].position + 2)
    assert order.follow_up(owner, row) == []
    other.refresh_from_db()
    assert other.position == 7
    # The feed of changes finds the tasks by the time of their change.
    changed = Task.objects.filter(updated_at__gte=started_at)
    assert set(changed) == set(three)


def move_all(owner, moved, after):
    found = Task.objects.filter(pk__in=[task.pk for task in moved])
    return order.move_all(owner, found, [task.pk for task in moved], after.pk)


def test_many_tasks_are_placed_between_neighbours_without_a_gap(owner, make_task):
    first, last, *moved = (make_task(title=title, position=0) for title in "azbcde")
    Task.objects.filter(pk=last.pk).update(position=Decimal("0.000000000000000000001"))

    assert move_all(owner, moved, first) == 4

    assert titles() == "abcdez"
    assert move_all(owner, moved, first) == 0


def test_many_moves_of_tasks_to_one_place_keep_positions_short(owner, make_task):
    first, last, *moved = (make_task(title=title, position=0) for title in "azbc")
    length = Decimal(1).scaleb(-order.MAX_SCALE)
    Task.objects.filter(pk=last.pk).update(position=length)

    move_all(owner, moved, first)

    assert titles() == "abcz"
    positions = Task.objects.values_list("position", flat=True)
    assert all(position == int(position) for position in positions)


@pytest.mark.parametrize(
    ("after", "result"), [("a", "avwbcz"), ("b", "abvwcz"), ("c", "abcvwz")]
)
def test_many_tasks_are_placed_behind_one_of_several_in_the_same_position(
    owner, make_task, after, result
):
    by_title = {
        title: make_task(id=UUID(int=number), title=title, position=7)
        for number, title in enumerate("abc", 1)
    }
    make_task(title="z", position=8)
    moved = [make_task(title=title, position=9) for title in "vw"]

    assert move_all(owner, moved, by_title[after]) == 2

    assert titles() == result
    assert move_all(owner, moved, by_title[after]) == 0
