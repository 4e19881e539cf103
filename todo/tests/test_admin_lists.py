"""Lists in the admin, and what a task has of them: labels, times, repeats."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from todo.models import List, Task, User
from todo.tests.test_admin import ADD_TASK, TASKS, list_titles, run_action

LISTS = reverse("admin:todo_list_changelist")
ADD_LIST = reverse("admin:todo_list_add")
LATER = {"due_date": "2026-12-01"}


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.fixture
def work(stranger):
    return List.objects.create(owner=stranger, name="Work")


def change_url(row):
    return reverse(f"admin:todo_{row._meta.model_name}_change", args=[row.pk])


def delete_url(row):
    return reverse(f"admin:todo_{row._meta.model_name}_delete", args=[row.pk])


def list_names(client, **parameters):
    response = client.get(LISTS, parameters)
    return [row.name for row in response.context["cl"].result_list]


def add_task(client, owner, **fields):
    """Send the form; return the errors by field, or none if a task was added."""
    form = {"owner": owner.pk, "title": "Buy milk", "priority": 0} | fields
    response = client.post(ADD_TASK, form)
    if response.status_code == 302:
        return {}
    assert not Task.objects.exists()
    return response.context["adminform"].form.errors


def test_lists_are_found_by_name_and_owner(admin, home, work):
    assert list_names(admin) == ["Work", "Home"]
    assert list_names(admin, q="hom") == ["Home"]
    assert list_names(admin, q="BOB@") == ["Work"]


def test_more_lists_need_no_more_queries(admin):
    def count_queries(rows):
        for number in range(rows):
            owner = User.objects.create(email=f"{rows}-{number}@example.com")
            List.objects.create(owner=owner, name="Home")
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LISTS).status_code == 200
        return len(queries)

    assert count_queries(2) == count_queries(25) <= 7


def test_a_list_is_added_and_changed_but_keeps_its_owner(admin, user, stranger):
    admin.post(ADD_LIST, {"owner": user.pk, "name": " Home ", "color": "teal"})
    home = List.objects.get()
    assert (home.name, home.color, home.owner) == ("Home", "teal", user)

    form = {"owner": stranger.pk, "name": "House", "color": ""}
    admin.post(change_url(home), form)

    changed = List.objects.get()
    assert (changed.name, changed.color, changed.owner) == ("House", "", user)
    assert changed.updated_at > home.updated_at
    assert changed.position == home.position


@pytest.mark.parametrize("name", ["HOME", "   ", "x" * 101, "\u200b"])
def test_an_invalid_name_of_a_list_is_an_error_in_the_form(admin, user, home, name):
    response = admin.post(ADD_LIST, {"owner": user.pk, "name": name, "color": ""})

    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert List.objects.count() == 1


def delete_one(client, row):
    client.post(delete_url(row), {"post": "yes"})


def delete_selected(client, row):
    form = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(reverse(f"admin:todo_{row._meta.model_name}_changelist"), form)


@pytest.mark.parametrize("delete", [delete_one, delete_selected])
def test_the_tasks_of_a_deleted_list_go_to_the_trash(
    admin, make_task, home, work, delete
):
    task = make_task(list=home)
    trashed = make_task(list=home, deleted_at="2026-01-01T00:00:00Z")
    kept = [make_task(), make_task(list=work, owner=work.owner)]

    delete(admin, home)

    assert list(List.objects.all()) == [work]
    assert set(Task.objects.in_status("all")) == set(kept)
    assert not Task.objects.filter(list=home).exists()
    assert Task.objects.get(pk=task.pk).updated_at > task.updated_at
    assert Task.objects.get(pk=trashed.pk).deleted_at.year == 2026


def test_tasks_are_filtered_by_list(admin, make_task, home):
    make_task(title="at home", list=home)
    make_task(title="anywhere")

    assert list_titles(admin, list=home.pk) == {"at home"}
    assert list_titles(admin, list="inbox") == {"anywhere"}
    assert list_titles(admin, list="nonsense") == {"at home", "anywhere"}
    assert f"{TASKS}?list={home.pk}" in admin.get(LISTS).text


def test_the_filter_names_the_chosen_list_only(admin, make_task, home, work):
    make_task()

    page = admin.get(TASKS, {"list": home.pk}).text

    assert "Home" in page and "Work" not in page


def test_tasks_are_found_by_label_and_owner(admin, make_task, stranger):
    make_task(title="one", labels=["Home", "5pm"])
    make_task(title="two", labels=["home"])
    make_task(title="three", labels=["home"], owner=stranger)

    assert list_titles(admin, q="#HOME") == {"one", "two", "three"}
    assert list_titles(admin, q="#home #5pm") == {"one"}
    assert list_titles(admin, q="#home ann@example.com") == {"one", "two"}
    assert list_titles(admin, q="#home tw") == {"two"}
    assert list_titles(admin, q="#") == set()


def test_tasks_of_a_list_are_read_from_an_index(admin, make_task, home):
    make_task(list=home)
    with CaptureQueriesContext(connection) as queries:
        admin.get(TASKS, {"list": home.pk})
    [sql] = [query["sql"] for query in queries if "LIMIT 100" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan on task" not in plan


def test_the_form_of_a_task_offers_no_select_of_lists(admin, make_task, home):
    page = admin.get(change_url(make_task(list=home))).text

    assert '<select name="list"' not in page
    assert 'name="position"' not in page


def test_a_task_is_saved_with_all_its_fields(admin, user, home):
    fields = {
        "list": home.pk,
        "labels": "Home, 5pm home",
        "due_date": "2026-12-01",
        "due_time": "17:00",
        "repeat": "rrule:byday=mo;freq=weekly",
        "repeat_after_completion": "on",
    }

    assert add_task(admin, user, **fields) == {}

    task = Task.objects.get()
    assert (task.list, task.labels) == (home, ["Home", "5pm"])
    assert (task.due_date, task.due_time) == (date(2026, 12, 1), time(17))
    assert (task.repeat, task.repeat_after_completion) == ("FREQ=WEEKLY;BYDAY=MO", True)
    assert 'value="Home 5pm"' in admin.get(change_url(task)).text


def test_fields_that_are_left_empty_are_saved_as_the_api_saves_them(admin, user):
    assert add_task(admin, user, labels="", repeat="", due_time="", list="") == {}

    task = Task.objects.get()
    assert (task.labels, task.repeat, task.due_time, task.list) == (
        [],
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"due_time": "17:00"}, "due_time"),
        ({"repeat": "FREQ=DAILY"}, "repeat"),
        ({"repeat": "FREQ=SECONDLY"} | LATER, "repeat"),
        ({"due_time": "5pm"} | LATER, "due_time"),
        ({"labels": "x" * 51}, "labels"),
        ({"labels": " ".join(map(str, range(51)))}, "labels"),
        ({"list": "00000000-0000-0000-0000-000000000000"}, "list"),
        ({"list": "nonsense"}, "list"),
        ({"priority": 4}, "priority"),
        ({"description": "x" * 10_001}, "description"),
    ],
    ids=[
        "time without a date",
        "repeat without a date",
        "unsupported rule",
        "malformed time",
        "long label",
        "many labels",
        "unknown list",
        "malformed id",
        "unknown priority",
        "long description",
    ],
)
def test_what_a_constraint_refuses_is_an_error_in_the_form(admin, user, fields, field):
    assert list(add_task(admin, user, **fields)) == [field]


def test_the_list_of_another_user_is_an_error_at_its_field(admin, user, work):
    errors = add_task(admin, user, list=work.pk)

    assert errors == {"list": ["This list belongs to another user."]}


def test_a_deletion_is_remembered_for_clients_that_synchronize(
    admin, make_task, user, stranger
):
    tasks = [make_task() for _ in range(2)]
    delete_one(admin, tasks[0])
    first = User.objects.get(pk=user.pk).purged_until
    delete_selected(admin, tasks[1])

    assert not Task.objects.exists()
    assert User.objects.get(pk=user.pk).purged_until > first > tasks[1].created_at
    assert User.objects.get(pk=stranger.pk).purged_until is None


def test_completing_moves_tasks_that_repeat_to_their_next_date(
    admin, make_task, user, stranger
):
    repeats = {"repeat": "FREQ=DAILY;COUNT=9", "due_date": user.today}
    tasks = [
        make_task(**repeats),
        make_task(**repeats, owner=stranger),
        make_task(),
        make_task(completed_at=timezone.now()),
    ]

    assert "3 tasks completed." in run_action(admin, "complete", *tasks)

    for task in tasks[:2]:
        task.refresh_from_db()
        assert (task.completed, task.due_date) == (False, user.today + timedelta(1))
    copies = Task.objects.filter(copy_of__in=[task.pk for task in tasks]).in_status(
        "completed"
    )
    assert {copy.owner for copy in copies} == {user, stranger}

    assert "2 tasks reopened." in run_action(admin, "reopen", *copies)
    tasks[0].refresh_from_db()
    assert tasks[0].due_date == user.today


def test_actions_need_few_queries_for_tasks_of_many_owners(admin, make_task):
    def count_queries(number):
        tasks = [
            make_task(owner=User.objects.create(email=f"{number}-{n}@example.com"))
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            run_action(admin, "trash", *tasks)
        return len(queries)

    assert count_queries(2) == count_queries(20)
