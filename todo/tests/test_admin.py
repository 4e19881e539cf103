from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from todo.admin import BoundedPaginator
from todo.models import Task, User

TASKS = reverse("admin:todo_task_changelist")
USERS = reverse("admin:todo_user_changelist")


@pytest.fixture
def admin(client, db):
    user = User.objects.create_superuser("admin@example.com", "correct horse battery")
    client.force_login(user)
    return client


def run_action(admin, action, *tasks):
    data = {"action": action, "_selected_action": [task.pk for task in tasks]}
    return admin.post(TASKS, data, follow=True).text


def listed(admin, **query):
    response = admin.get(TASKS, query)
    assert response.status_code == 200
    return {task.title for task in response.context["cl"].result_list}


@pytest.mark.parametrize("url", [TASKS, USERS, reverse("admin:index")])
def test_a_visitor_is_sent_to_the_login(client, db, url):
    response = client.get(url)

    assert response.status_code == 302
    assert reverse("admin:login") in response["location"]


def test_a_user_who_is_no_staff_is_sent_to_the_login(client, user):
    client.force_login(user)

    assert client.get(TASKS).status_code == 302


def test_a_superuser_signs_in_by_email(client, db):
    User.objects.create_superuser("admin@example.com", "correct horse battery")

    response = client.post(
        reverse("admin:login"),
        {"username": "Admin@Example.com", "password": "correct horse battery"},
    )

    assert response.status_code == 302


def test_the_list_shows_who_and_when(admin, make_task):
    make_task(title="Buy milk", due_date=date(2026, 3, 1), priority=3)

    page = admin.get(TASKS).text

    for text in ("Buy milk", "ann@example.com", "March 1, 2026", "High"):
        assert text in page


@pytest.mark.parametrize("url", [TASKS, USERS])
def test_a_longer_list_costs_no_more_queries(admin, make_task, url):
    def count(rows):
        for number in range(rows):
            owner = User.objects.create_user(f"{rows}-{number}@example.com")
            make_task(owner=owner)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert admin.get(url).status_code == 200
        return len(queries)

    assert count(2) == count(25) <= 7


def test_a_list_is_not_counted_to_its_end(admin, make_task, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 3)
    for _ in range(5):
        make_task()

    with CaptureQueriesContext(connection) as queries:
        response = admin.get(TASKS)

    assert response.context["cl"].result_count == 3
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 3" in sql for sql in counts)


def test_search_finds_title_description_and_owner(admin, make_task, stranger):
    make_task(title="Buy milk")
    make_task(title="Call", description="about the milk")
    make_task(title="Other", owner=stranger)

    assert listed(admin, q="MILK") == {"Buy milk", "Call"}
    assert listed(admin, q="bob@") == {"Other"}


def test_status_filters_the_list(admin, make_task):
    now = timezone.now()
    make_task(title="open")
    make_task(title="done", completed_at=now)
    make_task(title="gone", deleted_at=now)

    assert listed(admin) == {"open", "done", "gone"}
    assert listed(admin, status="open") == {"open"}
    assert listed(admin, status="completed") == {"done"}
    assert listed(admin, status="trash") == {"gone"}
    assert listed(admin, status="nonsense") == {"open", "done", "gone"}


def test_dates_drill_down(admin, make_task):
    now = timezone.now()
    make_task(title="new", created_at=now)
    make_task(title="old", created_at=now - timedelta(days=800))

    assert listed(admin, created_at__year=now.year) == {"new"}


def test_tasks_are_completed_reopened_trashed_and_restored_in_bulk(admin, make_task):
    tasks = [make_task(), make_task()]

    assert "2 tasks completed." in run_action(admin, "complete", *tasks)
    assert Task.objects.in_status("completed").count() == 2
    assert "1 task reopened." in run_action(admin, "reopen", tasks[0])
    assert Task.objects.in_status("open").get() == tasks[0]
    assert "2 tasks moved to the trash." in run_action(admin, "trash", *tasks)
    assert Task.objects.in_status("trash").count() == 2
    assert "1 task restored." in run_action(admin, "restore", tasks[1])
    assert Task.objects.in_status("completed").get() == tasks[1]


def test_bulk_actions_need_the_right_to_change(client, user, make_task):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_task"))
    client.force_login(user)

    run_action(client, "complete", make_task())

    assert Task.objects.in_status("completed").count() == 0


def test_a_task_is_added_with_an_owner_from_a_list_of_users(admin, user):
    form = admin.get(reverse("admin:todo_task_add")).text
    assert "/admin/todo/user/?_to_field=id" in form

    admin.post(
        reverse("admin:todo_task_add"),
        {"owner": user.pk, "title": " Buy milk ", "priority": 1},
    )

    assert Task.objects.get().title == "Buy milk"


def test_a_blank_title_is_refused_in_the_form(admin, user):
    response = admin.post(
        reverse("admin:todo_task_add"),
        {"owner": user.pk, "title": "   ", "priority": 1},
    )

    assert response.status_code == 200
    assert "not blank" in response.text or "required" in response.text
    assert not Task.objects.exists()


def test_a_user_is_added_and_changed(admin):
    password = {"password1": "correct horse battery", "usable_password": "true"}
    data = {"email": "New@Example.com", "password2": password["password1"]} | password
    admin.post(reverse("admin:todo_user_add"), data)
    user = User.objects.get(email="new@example.com")

    url = reverse("admin:todo_user_change", args=[user.pk])
    assert admin.get(url).status_code == 200
    data = {"email": "new@example.com", "name": "New", "time_zone": "Asia/Tokyo"}
    admin.post(url, data | {"is_active": "on"})

    user.refresh_from_db()
    assert (user.name, user.time_zone) == ("New", "Asia/Tokyo")


def test_an_email_that_is_taken_is_refused_in_any_case(admin, user):
    password = {"password1": "correct horse battery", "usable_password": "true"}
    data = {"email": "ANN@example.com", "password2": password["password1"]} | password

    response = admin.post(reverse("admin:todo_user_add"), data)

    assert "already exists" in response.text
