"""The pages of the profile, without a browser, and signing in."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from todo.models import Task, User
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

INVALID_FILES = {
    "invalid task": ("tasks.json", b"[{}]", "Line 1, title: This field is required."),
    "no JSON": ("tasks.json", b"nonsense", "Line 1: Not JSON"),
    "unknown type": ("tasks.txt", b"[]", "must end in .json or .csv"),
    "empty": ("tasks.csv", b"", "The submitted file is empty."),
}

pytestmark = pytest.mark.django_db


def upload(client, name, content):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("import_file"), {"file": file}, follow=True)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC")],
    ids=["known", "unknown", "none"],
)
def test_the_time_zone_of_the_browser_is_kept_on_sign_up(client, db, zone, expected):
    form = {"email": "new@example.com", "password1": PASSWORD, "time_zone": zone}

    client.post("/accounts/signup/", form)

    assert User.objects.get().time_zone == expected


def test_the_profile_is_changed(web, user):
    form = {"name": "Ann", "time_zone": "Europe/Berlin"}

    response = web.post(reverse("profile"), form, follow=True)

    assert "Saved." in response.text
    user.refresh_from_db()
    assert (user.name, user.time_zone) == ("Ann", "Europe/Berlin")


def test_an_unknown_time_zone_is_rejected(web, user):
    response = web.post(reverse("profile"), {"time_zone": "Mars/Olympus"})

    assert "There is no such time zone" in response.text


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("tokyo", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_time_zone_is_found_by_its_city(web, user, text, zone):
    web.post(reverse("profile"), {"time_zone": text})

    user.refresh_from_db()
    assert user.time_zone == zone


def test_the_password_change_names_its_user_for_password_managers(web, user):
    page = web.get(reverse("account_change_password")).text

    assert f'value="{user.email}" autocomplete="username"' in page


def test_other_sessions_can_be_ended_if_there_are_any(web, user):
    button = b"End all other sessions"
    assert button not in web.get("/profile/sessions").content

    web_client(user)

    assert button in web.get("/profile/sessions").content


def test_the_labels_of_passwords_are_written_like_others(web):
    page = web.get(reverse("account_change_password")).text

    for label in ("Current password", "New password", "New password (again)"):
        assert f">{label}</label>" in page


def test_a_preview_shows_what_a_file_would_add_and_adds_nothing(web, make_task):
    task = make_task(title="Call Ann")
    rows = [{"id": str(task.pk), "title": "Call Ann"}, {"title": "Buy <milk>"}]
    file = SimpleUploadedFile("tasks.json", json.dumps(rows).encode())

    page = web.post(reverse("import_file"), {"file": file, "preview": "1"}).text

    assert "1 task would be added. 1 would be skipped: you already have it." in page
    assert "Buy &lt;milk&gt;" in page
    assert Task.objects.count() == 1


def test_a_preview_shows_the_errors_of_a_file(web):
    file = SimpleUploadedFile("tasks.json", b'[{"title": ""}]')

    page = web.post(reverse("import_file"), {"file": file, "preview": "1"}).text

    assert "Line 1, title" in page


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_is_imported(web, make_task, kind):
    make_task()
    exported = web.get(reverse("export_file"), {"as": kind})
    content = exported.getvalue()
    assert f"tasks.{kind}" in exported["Content-Disposition"]

    again = upload(web, f"tasks.{kind}", content)
    Task.objects.all().delete()
    first = upload(web, f"tasks.{kind.upper()}", content)

    assert "0 tasks added. 1 skipped: you already had it." in again.text
    assert "1 task added." in first.text
    assert Task.objects.get().title == "Buy milk"


def test_an_export_of_an_unknown_type_is_json(web):
    response = web.get(reverse("export_file"), {"as": "xml"})

    assert json.loads(response.getvalue()) == []


@pytest.mark.parametrize(
    ("name", "content", "message"), INVALID_FILES.values(), ids=INVALID_FILES
)
def test_an_invalid_file_is_rejected(web, name, content, message):
    response = upload(web, name, content)

    assert message in response.text
    assert not Task.objects.exists()


def test_a_file_that_is_too_large_is_rejected(web, monkeypatch):
    monkeypatch.setattr("todo.web.forms.MAX_FILE", 1)

    response = upload(web, "tasks.json", b"[]")

    assert "The file is too large" in response.text


def test_a_deactivated_user_is_signed_out(web, user):
    User.objects.update(is_active=False)

    assert "A calm to-do list" in web.get("/").text
    assert web.get(reverse("profile")).status_code == 302


def test_deleting_the_account_needs_its_password(web):
    response = web.post(reverse("delete_account"), {"password": "wrong"})

    assert "This is not your password." in response.text
    assert User.objects.exists()


def test_deleting_the_account_deletes_its_tasks_and_signs_out(web, make_task):
    make_task()

    response = web.post(reverse("delete_account"), {"password": PASSWORD})

    assert response.cookies["sessionid"].value == ""
    assert "A calm to-do list" in web.get(response["Location"]).text
    assert not User.objects.exists()
    assert not Task.objects.exists()


def test_wrong_passwords_on_deletion_are_rate_limited(web):
    url = reverse("delete_account")
    for _ in range(10):
        assert web.post(url, {"password": "wrong"}).status_code == 200

    assert web.post(url, {"password": PASSWORD}).status_code == 429
    assert User.objects.exists()


def test_failed_sign_ins_are_rate_limited(client, user):
    form = {"login": user.email, "password": "wrong horse"}
    for _ in range(5):
        client.post("/accounts/login/", form)

    response = client.post("/accounts/login/", form | {"password": PASSWORD})

    assert "Too many failed login attempts" in response.text


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "reauthenticate/", "password/set/", "login/code/"],
)
def test_pages_of_allauth_that_aido_does_not_use_do_not_exist(web, path):
    for response in (web.get(f"/accounts/{path}"), web.post(f"/accounts/{path}")):
        assert response.status_code == 404
