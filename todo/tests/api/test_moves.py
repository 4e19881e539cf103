"""Moving tasks over HTTP: to another place or list, one or many."""

from uuid import uuid4

import pytest
from django.utils import timezone

from todo.models import List, Task
from todo.tests.api.helpers import MISSING_ID, TASKS, error_codes, task_url

BULK = f"{TASKS}/bulk"


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.fixture
def theirs(stranger):
    return List.objects.create(owner=stranger, name="Home")


def move(api, task, **body):
    return api.post(f"{task_url(task)}/move", body)


def order():
    return "".join(Task.objects.order_by("position").values_list("title", flat=True))


def test_a_task_is_moved_after_another(api, make_task):
    one, two = [make_task(title=title) for title in "ab"]

    response = move(api, one, after=str(two.pk))

    assert response.status_code == 200
    assert order() == "ba"
    assert response.headers["ETag"] == api.get(task_url(one)).headers["ETag"]


@pytest.mark.parametrize("body", [{"after": None}, {}], ids=["null", "left out"])
def test_a_task_is_moved_to_the_first_place(api, make_task, body):
    _, two = [make_task(title=title) for title in "ab"]

    assert move(api, two, **body).status_code == 200
    assert order() == "ba"


def test_a_task_is_moved_into_a_list_and_back(api, make_task, home):
    task = make_task()

    assert move(api, task, list=str(home.pk)).json()["list"] == str(home.pk)
    assert move(api, task).json()["list"] == str(home.pk)
    assert move(api, task, list=None).json()["list"] is None


def test_a_task_is_created_in_a_list_and_moved_by_a_change(api, home):
    task = api.post(TASKS, {"title": "x", "list": str(home.pk)}).json()

    response = api.patch(f"{TASKS}/{task['id']}", {"list": None})

    assert task["list"] == str(home.pk)
    assert response.json()["list"] is None


@pytest.mark.parametrize("after", ["itself", "a stranger's", "missing"])
def test_a_place_that_is_not_there_is_an_error_of_the_field(
    api, stranger, make_task, after
):
    task = make_task()
    ids = {
        "itself": task.pk,
        "a stranger's": make_task(owner=stranger).pk,
        "missing": MISSING_ID,
    }

    response = move(api, task, after=str(ids[after]))

    assert error_codes(response, "after") == ["not_found"]
    assert Task.objects.get(pk=task.pk).updated_at == task.updated_at


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"after": "x"}, "after"),
        ({"after": 1}, "after"),
        ({"list": "x"}, "list"),
        ({"before": MISSING_ID}, "before"),
    ],
)
def test_an_invalid_place_is_an_error_of_the_field(api, make_task, body, field):
    assert error_codes(move(api, make_task(), **body), field)


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda api, task, pk: move(api, task, list=pk), id="move"),
        pytest.param(
            lambda api, task, pk: api.post(TASKS, {"title": "x", "list": pk}), id="post"
        ),
        pytest.param(
            lambda api, task, pk: api.put(task_url(task), {"title": "x", "list": pk}),
            id="put",
        ),
        pytest.param(
            lambda api, task, pk: api.patch(task_url(task), {"list": pk}), id="patch"
        ),
        pytest.param(
            lambda api, task, pk: api.post(
                BULK, {"action": "move", "ids": [str(task.pk)], "list": pk}
            ),
            id="bulk",
        ),
    ],
)
@pytest.mark.parametrize("whose", ["a stranger's", "nobody's"])
@pytest.mark.django_db(transaction=True)
def test_a_list_of_another_user_is_not_found(api, make_task, theirs, send, whose):
    task = make_task()
    pk = theirs.pk if whose == "a stranger's" else uuid4()

    response = send(api, task, str(pk))

    assert response.status_code == 404
    assert response.json()["errors"]["list"][0]["code"] == "not_found"
    assert Task.objects.get().updated_at == task.updated_at


def test_a_move_with_an_old_version_is_refused(api, make_task):
    task = make_task()

    response = api.post(f"{task_url(task)}/move", {}, headers={"If-Match": '"1"'})

    assert response.status_code == 412


def test_a_task_in_the_trash_is_not_moved(api, make_task):
    assert move(api, make_task(deleted_at=timezone.now())).status_code == 404


def bulk(api, action, *tasks, **values):
    ids = [str(task.pk) for task in tasks]
    return api.post(BULK, {"action": action, "ids": ids} | values)


def test_many_tasks_are_moved_into_a_list(api, make_task, home):
    tasks = [make_task(), make_task(list=home)]

    responses = [bulk(api, "move", *tasks, list=str(home.pk)) for _ in range(2)]

    assert [r.json()["changed"] for r in responses] == [1, 0]
    assert set(home.tasks.all()) == set(tasks)
    assert bulk(api, "move", *tasks, list=None).json() == {"changed": 2}
    assert not home.tasks.exists()


@pytest.mark.parametrize(
    ("moved", "after", "expected"),
    [
        ("ac", "d", "bdace"),
        ("ca", "d", "bdcae"),
        ("da", "e", "bceda"),
        ("ed", None, "edabc"),
        ("ba", "c", "cbade"),
        ("bc", "a", "abcde"),
        ("edcba", None, "edcba"),
    ],
    ids=["between", "turned round", "the end", "first", "one", "as it was", "all"],
)
def test_many_tasks_are_placed_in_the_order_of_their_ids(
    api, make_task, moved, after, expected
):
    tasks = {title: make_task(title=title) for title in "abcde"}
    place = {"after": after and str(tasks[after].pk)}

    responses = [bulk(api, "move", *map(tasks.get, moved), **place) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    assert responses[1].json() == {"changed": 0}
    assert order() == expected


def test_many_tasks_are_placed_in_another_list(api, make_task, home):
    one, two = make_task(title="a", list=home), make_task(title="b", list=home)
    tasks = [make_task(title=title) for title in "xy"]

    response = bulk(api, "move", *tasks, list=str(home.pk), after=str(one.pk))

    assert response.json() == {"changed": 2}
    assert [*home.tasks.order_by("position")] == [one, *tasks, two]


@pytest.mark.parametrize(
    "place", ["one of them", "another list", "a stranger's", "the trash", "two lists"]
)
def test_many_tasks_are_not_placed_behind_one_that_is_not_in_their_list(
    api, make_task, stranger, home, place
):
    tasks = [make_task(), make_task(list=home if place == "two lists" else None)]
    after = {
        "one of them": lambda: tasks[0],
        "another list": lambda: make_task(list=home),
        "a stranger's": lambda: make_task(owner=stranger),
        "the trash": lambda: make_task(deleted_at=timezone.now()),
        "two lists": make_task,
    }[place]()
    before = list(Task.objects.values())

    response = bulk(api, "move", *tasks, after=str(after.pk))

    assert error_codes(response, "after") == ["not_found"]
    assert list(Task.objects.values()) == before


def test_many_tasks_get_labels_and_lose_them(api, make_task):
    tasks = [make_task(), make_task(labels=["Home", "x"])]

    added = [bulk(api, "label", *tasks, labels=["home", "y"]) for _ in range(2)]

    assert [r.json()["changed"] for r in added] == [2, 0]
    labels = [Task.objects.get(pk=task.pk).labels for task in tasks]
    assert labels == [["home", "y"], ["Home", "x", "y"]]
    assert bulk(api, "unlabel", *tasks, labels=["HOME", "Y"]).json() == {"changed": 2}
    assert [Task.objects.get(pk=task.pk).labels for task in tasks] == [[], ["x"]]


@pytest.mark.django_db(transaction=True)
def test_too_many_labels_change_nothing(api, make_task):
    full = make_task(labels=[f"label-{number}" for number in range(50)])
    other = make_task()

    response = bulk(api, "label", other, full, labels=["one-more"])

    assert error_codes(response, "labels") == ["max_length"]
    other.refresh_from_db()
    assert other.labels == []


def test_many_tasks_are_scheduled(api, make_task):
    tasks = [make_task(), make_task(due_date="2026-01-01", due_time="09:00")]

    response = bulk(api, "schedule", *tasks, due_date="2026-12-01")

    assert response.json() == {"changed": 2}
    values = Task.objects.order_by("id").values_list("due_date", "due_time")
    assert [tuple(map(str, pair)) for pair in values] == [
        ("2026-12-01", "None"),
        ("2026-12-01", "09:00:00"),
    ]
    assert bulk(api, "schedule", *tasks, due_date=None).json() == {"changed": 2}
    assert not Task.objects.exclude(due_date=None, due_time=None).exists()


@pytest.mark.parametrize(
    ("action", "values", "field", "code"),
    [
        ("move", {}, "list", "required"),
        ("move", {"after": "x"}, "after", "invalid"),
        ("complete", {"after": None}, "after", "invalid"),
        ("label", {}, "labels", "required"),
        ("label", {"labels": []}, "labels", "min_length"),
        ("label", {"labels": ["a b"]}, "labels.0", "invalid"),
        ("label", {"labels": ["x"] * 10_000}, "labels", "max_length"),
        ("unlabel", {"labels": "x"}, "labels", "not_a_list"),
        ("schedule", {}, "due_date", "required"),
        ("schedule", {"due_date": "tomorrow"}, "due_date", "invalid"),
        ("schedule", {"due_date": None, "due_time": "09:00"}, "due_time", "invalid"),
        ("complete", {"labels": ["x"]}, "labels", "invalid"),
        ("move", {"list": None, "due_date": None}, "due_date", "invalid"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_values_that_an_action_needs_or_does_not_take(
    api, make_task, action, values, field, code
):
    task = make_task(due_date="2026-01-01")

    response = bulk(api, action, task, **values)

    assert code in error_codes(response, field)
    assert Task.objects.get().updated_at == task.updated_at
