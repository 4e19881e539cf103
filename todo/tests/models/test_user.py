from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.models import Task, User, validate_time_zone
from todo.models.user import (
    local_date,
    time_zones,
    today_by_time_zone,
    today_of,
)

pytestmark = pytest.mark.django_db

INVALID_USERS = {
    "upper case": ({"email": "ANN@example.com"}, "user_email_lower"),
    "no address": ({"email": ""}, "user_email_lower"),
    "taken address": ({"email": "taken@example.com"}, "user_email_unique"),
}
INVALID_ZONES = {
    "unknown": "Mars/Olympus",
    "empty": "",
    "path": "../etc/passwd",
    "lower case": "europe/berlin",
}


def test_the_table_is_named_user():
    assert User._meta.db_table == "user"


def test_an_email_address_is_stored_in_lower_case_and_found_in_any_case():
    user = User.objects.create_user(" Ann@Example.COM ", "correct horse battery")

    assert user.email == "ann@example.com"
    assert authenticate(username="ANN@example.com", password="correct horse battery")


def test_a_password_is_stored_as_argon2_with_owasps_parameters():
    user = User.objects.create_user("ann@example.com", "correct horse battery")

    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_createsuperuser_asks_only_for_email_and_password(monkeypatch):
    prompts = []

    class Terminal:
        def isatty(self):
            return True

    def answer(prompt):
        prompts.append(prompt)
        return "admin@example.com"

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("getpass.getpass", lambda *prompt: "correct horse battery")
    call_command("createsuperuser", stdin=Terminal(), verbosity=0)

    assert prompts == ["Email address: "]
    assert User.objects.get().is_superuser


@pytest.mark.parametrize(
    ("fields", "constraint"), INVALID_USERS.values(), ids=INVALID_USERS
)
def test_the_database_rejects_an_invalid_user(fields, constraint):
    User.objects.create_user("taken@example.com")

    with pytest.raises(IntegrityError, match=constraint):
        User.objects.create(**fields)


@pytest.mark.parametrize("name", INVALID_ZONES.values(), ids=INVALID_ZONES)
def test_a_time_zone_must_have_an_iana_name(name):
    with pytest.raises(ValidationError) as info:
        User(email="a@example.com", password="x", time_zone=name).full_clean()

    assert list(info.value.message_dict) == ["time_zone"]


def test_every_time_zone_of_iana_is_valid():
    for name in available_timezones() - {"localtime"}:
        validate_time_zone(name)


def test_today_in_a_query_is_that_of_python_in_every_time_zone():
    """PostgreSQL may have other rules: it comes with its own time zones."""
    zones = list(time_zones())
    User.objects.bulk_create(
        User(email=f"{number}@example.com", time_zone=name)
        for number, name in enumerate(zones)
    )
    now = timezone.now()

    dates = dict(User.objects.values_list("time_zone", today_by_time_zone(now)))

    assert len(zones) > 400
    assert dates == {name: local_date(name, now) for name in zones}


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_today_is_the_date_in_the_users_time_zone(user, name):
    user.time_zone = name
    user.save()

    assert user.today == timezone.localdate(timezone=ZoneInfo(name))
    assert User.objects.values_list(today_of(user.pk)).get() == (user.today,)


def test_deleting_a_user_deletes_their_tasks_only(make_task, stranger):
    task = make_task()
    other = make_task(owner=stranger)

    task.owner.delete()

    assert list(Task.objects.all()) == [other]


def test_deleting_a_user_locks_the_row_first(user):
    with CaptureQueriesContext(connection) as queries:
        user.delete()

    first_read = next(q["sql"] for q in queries if q["sql"].startswith("SELECT"))
    assert '"user"' in first_read and first_read.endswith("FOR UPDATE")
