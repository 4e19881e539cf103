from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from todo.admin import BoundedPaginator
from todo.models import Task, User
from todo.models.verbs import VERBS
from todo.tests.helpers import web_client

INDEX = reverse("admin:index")
TASKS = reverse("admin:todo_task_changelist")
USERS = reverse("admin:todo_user_changelist")
ADD_TASK = reverse("admin:todo_task_add")
ADD_USER = reverse("admin:todo_user_add")
PASSWORD = "correct horse battery"
NEW_USER = {
    "email": "New@Example.com",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "usable_password": "true",
}


def run_action(client, action, *tasks):
    form = {"action": action, "_selected_action": [task.pk for task in tasks]}
    return client.post(TASKS, form, follow=True).text


def list_titles(client, **parameters):
    response = client.get(TASKS, parameters)
    assert response.status_code == 200
    return {task.title for task in response.context["cl"].result_list}


@pytest.mark.parametrize("url", [TASKS, USERS, INDEX])
def test_anonymous_users_are_asked_to_sign_in(client, db, url):
    response = client.get(url)

    assert response.status_code == 302
    assert reverse("admin:login") in response["location"]


def test_a_user_who_is_not_staff_is_refused(user):
    response = web_client(user).get(TASKS, follow=True)

    assert response.status_code == 403


def test_a_superuser_signs_in_by_email(client, superuser):
    form = {"login": "Admin@Example.com", "password": PASSWORD}

    sign_in = client.get(INDEX, follow=True)
    response = client.post(sign_in.redirect_chain[-1][0], form, follow=True)

    assert response.redirect_chain == [(INDEX, 302)]
    assert "Tasks" in response.text


def test_wrong_passwords_are_rate_limited(client, superuser):
    url = client.get(reverse("admin:login"))["Location"]
    form = {"login": superuser.email, "password": "wrong horse"}
    for _ in range(30):
        assert client.post(url, form).status_code in {200, 429}

    client.post(url, form | {"password": PASSWORD})

    assert client.get(INDEX).status_code == 302


def test_the_admin_itself_checks_no_password(client, superuser):
    form = {"username": superuser.email, "password": PASSWORD}

    response = client.post(reverse("admin:login"), form)

    assert response["Location"].startswith(reverse("account_login"))
    assert client.get(INDEX).status_code == 302


def test_the_list_shows_owner_due_date_and_priority(admin, make_task):
    make_task(title="Buy milk", due_date=date(2026, 3, 1), priority=3)

    page = admin.get(TASKS).text

    for text in ("Buy milk", "ann@example.com", "March 1, 2026", "High"):
        assert text in page


@pytest.mark.parametrize("url", [TASKS, USERS], ids=["tasks", "users"])
def test_a_longer_list_needs_no_more_queries(admin, make_task, url):
    def count_queries(rows):
        for number in range(rows):
            owner = User.objects.create(email=f"{rows}-{number}@example.com")
            make_task(owner=owner)
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(url).status_code == 200
        return len(queries)

    assert count_queries(2) == count_queries(25) <= 7


def test_a_long_list_is_counted_to_a_limit(admin, make_task, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 3)
    for _ in range(5):
        make_task()

    with CaptureQueriesContext(connection) as queries:
        response = admin.get(TASKS)

    assert response.context["cl"].result_count == 3
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 3" in sql and "ORDER BY" not in sql for sql in counts)


def test_the_list_of_tasks_is_read_from_an_index(admin, make_task):
    make_task()
    with CaptureQueriesContext(connection) as queries:
        admin.get(TASKS)
    [sql] = [query["sql"] for query in queries if "LIMIT 100" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "task_everybodys" in plan


def test_search_matches_title_description_and_owner(admin, make_task, stranger):
    make_task(title="Buy milk")
    make_task(title="Call", description="about the milk")
    make_task(title="Other", owner=stranger)

    assert list_titles(admin, q="MILK") == {"Buy milk", "Call"}
    assert list_titles(admin, q="BOB@") == {"Other"}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, {"open", "completed", "trashed"}),
        ({"status": "open"}, {"open"}),
        ({"status": "completed"}, {"completed"}),
        ({"status": "trash"}, {"trashed"}),
        ({"status": "nonsense"}, {"open", "completed", "trashed"}),
    ],
    ids=["no filter", "open", "completed", "trash", "unknown"],
)
def test_tasks_are_filtered_by_status(admin, make_task, parameters, expected):
    now = timezone.now()
    make_task(title="open")
    make_task(title="completed", completed_at=now)
    make_task(title="trashed", deleted_at=now)

    assert list_titles(admin, **parameters) == expected


def test_the_filter_offers_each_status_but_not_all(admin, make_task):
    make_task()

    page = admin.get(TASKS).text

    for status in ("open", "completed", "trash"):
        assert f"?status={status}" in page
    assert "?status=all" not in page


def test_tasks_are_filtered_by_year(admin, make_task):
    now = timezone.now()
    make_task(title="new", created_at=now)
    make_task(title="old", created_at=now - timedelta(days=800))

    assert list_titles(admin, created_at__year=now.year) == {"new"}


def test_actions_change_the_selected_tasks(admin, make_task):
    tasks = [make_task(), make_task()]

    assert "2 tasks completed." in run_action(admin, "complete", *tasks)
    assert Task.objects.in_status("completed").count() == 2
    assert "1 task reopened." in run_action(admin, "reopen", tasks[0])
    assert Task.objects.in_status("open").get() == tasks[0]
    assert "2 tasks moved to the trash." in run_action(admin, "trash", *tasks)
    assert Task.objects.in_status("trash").count() == 2
    assert "1 task restored." in run_action(admin, "restore", tasks[1])
    assert Task.objects.in_status("completed").get() == tasks[1]


@pytest.mark.parametrize("action", VERBS)
def test_actions_need_the_permission_to_change(user, make_task, action):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_task"))
    tasks = [make_task(), make_task(completed_at=timezone.now())]
    tasks.append(make_task(deleted_at=timezone.now()))
    before = list(Task.objects.values())

    run_action(web_client(user), action, *tasks)

    assert list(Task.objects.values()) == before


def test_a_task_is_added_with_an_owner_chosen_from_a_list(admin, user):
    assert "/admin/todo/user/?_to_field=id" in admin.get(ADD_TASK).text

    admin.post(ADD_TASK, {"owner": user.pk, "title": " Buy milk ", "priority": 1})

    task = Task.objects.get()
    assert (task.title, task.owner) == ("Buy milk", user)


def test_the_times_of_a_task_are_shown_but_not_changed(admin, make_task):
    task = make_task()
    url = reverse("admin:todo_task_change", args=[task.pk])

    page = admin.get(url).text

    assert "Created at" in page and "Updated at" in page
    assert 'name="created_at' not in page and 'name="updated_at' not in page


def test_a_blank_title_is_rejected(admin, user):
    form = {"owner": user.pk, "title": "   ", "priority": 1}

    response = admin.post(ADD_TASK, form)

    assert response.status_code == 200
    assert "This field is required." in response.text
    assert not Task.objects.exists()


def test_a_user_is_added_and_changed(admin):
    admin.post(ADD_USER, NEW_USER)
    user = User.objects.get(email="new@example.com")
    assert user.check_password(PASSWORD)

    url = reverse("admin:todo_user_change", args=[user.pk])
    assert admin.get(url).status_code == 200
    form = {"email": "new@example.com", "name": "New", "time_zone": "Asia/Tokyo"}
    admin.post(url, form | {"is_active": "on"})

    user.refresh_from_db()
    assert (user.name, user.time_zone) == ("New", "Asia/Tokyo")


def test_an_address_that_is_taken_in_another_case_is_rejected(admin, user):
    response = admin.post(ADD_USER, NEW_USER | {"email": "ANN@example.com"})

    assert "already exists" in response.text
