"""Moving tasks by hand, and acting on several; undoing that."""

from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task
from todo.tests.helpers import read_row
from todo.tests.web.acts import DAY, send, undo, undo_token, values_of
from todo.tests.web.helpers import snapshot
from todo.web.undo import MAX_TASKS

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(make_task, make_list):
    home = make_list()
    return [
        make_task(title=t, list=home, position=10**15 + n) for n, t in enumerate("abc")
    ]


def order_of(task_list):
    tasks = Task.objects.filter(list=task_list).order_by("position")
    return "".join(task.title for task in tasks)


def test_a_task_is_moved_and_moved_back(web, three, django_assert_num_queries):
    a, _, c = three
    with django_assert_num_queries(2):
        response = send(web, "task_move", {"after": str(c.pk)}, a)
    assert order_of(a.list) == "bca"

    undo(web, response)

    assert order_of(a.list) == "abc"


def test_a_task_is_moved_to_the_start_of_another_list_and_back(web, three, make_task):
    a, b, _ = three
    make_task(title="x", position=10**15)

    response = send(web, "task_move", {"after": "", "list": ""}, b)
    assert values_of(b, "list_id") == [None]
    undo(web, response)

    assert order_of(a.list) == "abc"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_several_tasks_are_placed_together_and_put_back_together(web, three, script):
    a, b, c = three
    form = {"ids": [str(b.pk), str(a.pk)], "action": "move", "after": str(c.pk)}
    if script:
        response = send(web, "task_bulk", form)
    else:
        form["next"] = f"/lists/{a.list.pk}"
        response = web.post(reverse("task_bulk"), form, follow=True)
    assert order_of(a.list) == "cba"
    assert "Moved: 2 tasks." in response.text

    undo(web, response)

    assert order_of(a.list) == "abc"


@pytest.mark.parametrize("after", ["gone", "x"])
def test_several_tasks_are_not_placed_after_one_that_is_gone(web, three, after):
    a, b, c = three
    Task.objects.filter(pk=c.pk).update(deleted_at=timezone.now())
    ids = {"ids": [str(a.pk), str(b.pk)]}
    place = {"after": str(c.pk) if after == "gone" else after}

    response = send(web, "task_bulk", ids | place | {"action": "move"})

    assert response.status_code in {409, 422}
    assert order_of(a.list) == "abc"


def test_a_move_after_a_task_that_is_gone_is_refused(web, three):
    a, b, _ = three
    Task.objects.filter(pk=b.pk).update(deleted_at=timezone.now())

    for after in (str(b.pk), "x"):
        response = send(web, "task_move", {"after": after}, a)
        assert response.status_code in {409, 422}
        assert "changed in another window" in response.text


def bulk(web, tasks, action, url="/", **values):
    form = {"ids": [str(task.pk) for task in tasks], "action": action} | values
    return send(web, "task_bulk", form, url=url)


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("complete", {}),
        ("trash", {}),
        ("set", {"priority": "3"}),
        ("set", {"due_date": "2026-12-24"}),
        ("move", {"list": ""}),
        ("label", {"label": "home"}),
        ("unlabel", {"label": "#OLD"}),
    ],
    ids=["complete", "trash", "priority", "date", "move", "label", "unlabel"],
)
def test_several_tasks_are_changed_and_undone(web, three, action, form):
    a, b, c = three
    for task, label in ((a, "old"), (b, "Old")):
        Task.objects.filter(pk=task.pk).update(labels=[label, "kept"])
    before = snapshot()

    response = bulk(web, [a, b], action, **form)

    after = snapshot()
    assert {pk for pk in before if before[pk] != after[pk]} == {a.pk, b.pk}
    assert ": 2 tasks." in response.text
    for task in (a, b):
        assert f'id="task-{task.pk}"' in response.text
    undo(web, response)
    assert snapshot() == before


def test_several_tasks_are_reopened_and_restored(web, make_task):
    completed, trashed = (
        make_task(completed_at=timezone.now()),
        make_task(deleted_at=timezone.now()),
    )

    bulk(web, [completed], "reopen")
    bulk(web, [trashed], "restore", url="/trash")

    assert Task.objects.in_status("open").count() == 2


def test_repeating_tasks_among_several_move_on_and_back(web, user, make_task):
    plain = make_task()
    daily = make_task(due_date=user.today, repeat="FREQ=DAILY")

    response = bulk(web, [plain, daily], "complete")
    assert values_of(daily, "due_date", "completed_at") == [user.today + DAY, None]
    undo(web, response)

    assert values_of(daily, "due_date") == [user.today]
    assert values_of(plain, "completed_at") == [None]


def test_tasks_that_are_gone_are_left_out(web, stranger, make_task):
    mine, other = make_task(), make_task(owner=stranger, title="Secret")

    response = bulk(web, [mine, other], "set", priority="1")

    assert values_of(mine, "priority") == [1]
    assert values_of(other, "priority") == [0]
    assert f'<li id="task-{other.pk}" hidden></li>' in response.text
    assert "Secret" not in response.text


@pytest.mark.parametrize(
    "form",
    [
        {"action": "complete"},
        {"action": "complete", "ids": ["x"]},
        {"action": "explode", "ids": [str(UUID(int=1))]},
        {"action": "set", "ids": [str(UUID(int=1))]},
        {"action": "set", "ids": [str(UUID(int=1))], "priority": "x"},
        {"action": "label", "ids": [str(UUID(int=1))]},
        {"action": "trash", "ids": [str(UUID(int=n)) for n in range(MAX_TASKS + 1)]},
    ],
    ids=["none", "no id", "action", "no value", "value", "no label", "many"],
)
def test_an_invalid_choice_is_refused(web, form):
    response = send(web, "task_bulk", form)

    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")


def test_many_former_values_are_kept_in_the_session(web, user):
    tasks = Task.objects.bulk_create(Task(owner=user, title="x") for _ in range(60))
    form = {"ids": [str(task.pk) for task in tasks], "action": "set", "priority": "1"}

    page = web.post(reverse("task_bulk"), form, follow=True)

    assert page.redirect_chain == [("/?undo=undo", 302)]
    web.post(reverse("undo_all"), {"undo": undo_token(page)})
    assert not Task.objects.filter(priority=1).exists()
    assert undo_token(web.get("/?undo=undo")) is None


def test_what_is_overdue_is_moved_to_today_and_back(
    web, user, stranger, make_task, django_assert_num_queries
):
    late, later = (make_task(due_date=user.today - days * DAY) for days in (1, 9))
    others = [
        make_task(due_date=user.today + DAY),
        make_task(due_date=user.today - DAY, completed_at=timezone.now()),
        make_task(due_date=user.today - DAY, owner=stranger),
    ]
    before = [read_row(task.pk) for task in others]

    with django_assert_num_queries(3):
        response = send(web, "overdue_to_today", {}, url="/today")

    assert values_of(late, "due_date") == values_of(later, "due_date") == [user.today]
    assert [read_row(task.pk) for task in others] == before
    undo(web, response)
    assert values_of(later, "due_date") == [user.today - 9 * DAY]
    undo(web, response)


def test_without_overdue_tasks_nothing_is_moved(web):
    response = send(web, "overdue_to_today", {}, url="/today")

    assert "Nothing is overdue." in response.text
