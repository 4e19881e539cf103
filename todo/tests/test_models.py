from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.models import Task, User
from todo.models.user import today_of

pytestmark = pytest.mark.django_db


def test_ids_are_time_ordered(make_task):
    tasks = [make_task() for _ in range(5)]

    assert [task.id.version for task in tasks] == [7] * 5
    assert list(Task.objects.all()) == tasks[::-1]


def test_the_tables_have_the_names_that_they_were_promised():
    assert (User._meta.db_table, Task._meta.db_table) == ("user", "task")


def test_a_user_signs_in_by_email_in_any_case():
    user = User.objects.create_user(" Ann@Example.COM ", "correct horse battery")

    assert user.email == "ann@example.com"
    assert authenticate(username="ANN@example.com", password="correct horse battery")


def test_a_password_is_stored_as_argon2_with_owasps_cost():
    user = User.objects.create_user("ann@example.com", "correct horse battery")

    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_createsuperuser_asks_for_the_email_only(monkeypatch, capsys):
    asked = []

    class Terminal:
        def isatty(self):
            return True

    def answer(prompt):
        asked.append(prompt)
        return "admin@example.com"

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("getpass.getpass", lambda *prompt: "correct horse battery")
    call_command("createsuperuser", stdin=Terminal())

    assert asked == ["Email address: "]
    assert User.objects.get().is_superuser


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "europe/berlin"])
def test_a_time_zone_must_be_one_of_ianas(zone):
    with pytest.raises(ValidationError) as refusal:
        User(email="a@example.com", password="x", time_zone=zone).full_clean()

    assert list(refusal.value.message_dict) == ["time_zone"]


def test_every_time_zone_of_iana_is_accepted_and_known_to_postgresql(user):
    field = User._meta.get_field("time_zone")

    for zone in available_timezones() - {"localtime"}:
        user.time_zone = field.clean(zone, None)
        user.save()
        assert User.objects.values_list(today_of(user.pk)).get() == (user.today,)


@pytest.mark.parametrize(
    "fields, constraint",
    [
        ({"email": "ANN@example.com"}, "user_email_lower"),
        ({"email": ""}, "user_email_lower"),
        ({"email": "taken@example.com"}, "user_email_unique"),
    ],
)
def test_postgresql_holds_what_a_user_must_be(fields, constraint):
    User.objects.create_user("taken@example.com")

    with pytest.raises(IntegrityError, match=constraint):
        User.objects.create(**fields)


@pytest.mark.parametrize(
    "fields, constraint",
    [
        ({"title": ""}, "task_title_trimmed"),
        ({"title": " \t\n"}, "task_title_trimmed"),
        ({"title": " before"}, "task_title_trimmed"),
        ({"title": "after\n"}, "task_title_trimmed"),
        ({"title": "\u00a0"}, "task_title_trimmed"),
        ({"description": "x" * 10_001}, "task_description_length"),
        ({"priority": -1}, "task_priority_range"),
        ({"priority": 4}, "task_priority_range"),
    ],
)
def test_postgresql_holds_what_a_task_must_be(make_task, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        make_task(**fields)


def test_postgresql_holds_the_length_of_a_title(make_task):
    with pytest.raises(DataError):
        make_task(title="x" * 201)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x"},
        {"title": "x" * 200},
        {"title": "two\nlines"},
        {"title": "äöü 🎉"},
        {"description": "x" * 10_000},
        {"priority": 0},
        {"priority": 3},
    ],
)
def test_postgresql_takes_what_is_at_the_edge(make_task, fields):
    make_task(**fields).full_clean()


def test_a_form_trims_the_title(make_task):
    task = make_task()
    task.title = "  buy milk \n"

    task.full_clean()

    assert task.title == "buy milk"


def test_a_form_refuses_a_blank_title(make_task):
    task = make_task()
    task.title = "   "

    with pytest.raises(ValidationError, match="not blank"):
        task.full_clean()


def test_a_task_is_done_once_it_has_a_time_of_completion(make_task):
    assert not make_task().completed
    assert make_task(completed_at=timezone.now()).completed


def test_tasks_are_open_completed_or_in_the_trash(make_task):
    now = timezone.now()
    open_, done = make_task(), make_task(completed_at=now)
    trashed = make_task(deleted_at=now, completed_at=now)

    assert list(Task.objects.in_status("open")) == [open_]
    assert list(Task.objects.in_status("completed")) == [done]
    assert list(Task.objects.in_status("trash")) == [trashed]


def test_completing_keeps_the_time_of_what_was_done(make_task):
    earlier = timezone.now() - timedelta(days=1)
    done, task = make_task(completed_at=earlier), make_task(updated_at=earlier)

    assert Task.objects.apply("complete") == 1

    done.refresh_from_db()
    task.refresh_from_db()
    assert done.completed_at == earlier
    assert task.completed_at == task.updated_at > earlier


def test_bulk_verbs_undo_each_other(make_task):
    task = make_task()

    assert Task.objects.apply("complete") == 1
    assert Task.objects.apply("trash") == 1
    assert Task.objects.apply("reopen") == 0  # it is in the trash
    assert Task.objects.apply("restore") == 1
    assert Task.objects.apply("reopen") == 1
    assert list(Task.objects.in_status("open")) == [task]


def test_deleting_a_user_deletes_their_tasks_only(make_task, stranger):
    task = make_task()
    other = make_task(owner=stranger)

    task.owner.delete()

    assert list(Task.objects.all()) == [other]


def test_an_account_that_is_deleted_is_held_from_who_adds_to_it(user):
    with CaptureQueriesContext(connection) as queries:
        user.delete()

    reads = next(q["sql"] for q in queries if q["sql"].startswith("SELECT"))
    assert '"user"' in reads and reads.endswith("FOR UPDATE")
