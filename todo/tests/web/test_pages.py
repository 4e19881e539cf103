"""The pages and fragments without a browser: who may, what comes, what it costs."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from todo.models import Task, User
from todo.tests.conftest import PASSWORD

HTMX = {"HX-Request": "true"}
LISTS = ["list_all", "list_open", "list_completed", "list_trash"]
PAGES = [*LISTS, "profile", "import_file"]
PAGES += ["delete_account", "export_file"]
VERBS = ["complete", "reopen", "trash", "restore"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def strangers_web(stranger):
    client = Client()
    client.force_login(stranger)
    return client


def do(client, task, verb, **options):
    return client.post(reverse("task_apply", args=[task.pk, verb]), **options)


@pytest.mark.parametrize("view", LISTS)
def test_a_list_costs_two_round_trips(web, make_task, django_assert_num_queries, view):
    for _ in range(60):
        make_task()

    with django_assert_num_queries(2):
        response = web.get(reverse(view))

    assert response.status_code == 200


def fragments(task):
    """Requests for each fragment: path, and what is sent, or None to read."""
    edit = {"title": "Buy bread", "priority": 1, "version": version(task)}
    yield reverse("task_add"), {"title": "Buy bread"}
    yield reverse("task_edit", args=[task.pk]), None
    yield reverse("task_edit", args=[task.pk]), edit
    yield reverse("task_rename", args=[task.pk]), edit
    yield reverse("task_rename", args=[task.pk]), {"title": " "}
    for verb in VERBS:
        yield reverse("task_apply", args=[task.pk, verb]), {}
    yield reverse("complete_all"), {"completed": "1"}
    yield reverse("complete_all"), {}
    yield reverse("clear_completed"), {}


def version(task):
    return round(task.updated_at.timestamp() * 1_000_000)


@pytest.mark.parametrize("number", range(12))
def test_a_fragment_costs_two_round_trips(
    web, make_task, django_assert_num_queries, number
):
    path, sent = list(fragments(make_task()))[number]

    with django_assert_num_queries(2):
        if sent is None:
            response = web.get(path, headers=HTMX)
        else:
            response = web.post(path, sent, headers=HTMX)

    assert response.status_code == 200
    assert b"<html" not in response.content


def test_these_are_all_the_routes():
    names = {pattern.name for pattern in get_resolver("todo.web.urls").url_patterns}

    assert names == {
        *PAGES,
        *("task_add", "task_edit", "task_rename", "task_apply"),
        *("complete_all", "clear_completed", "theme", "manifest"),
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_there(web, name):
    assert web.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES[1:])
def test_a_page_asks_who_one_is(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={reverse(name)}"


def test_the_first_page_welcomes_who_is_not_signed_in(client):
    assert "Sign up" in client.get("/").text


@pytest.mark.parametrize("number", range(12))
def test_a_change_asks_who_one_is(client, make_task, number):
    path, sent = list(fragments(make_task()))[number]
    send = client.get if sent is None else client.post
    before = list(Task.objects.values())

    assert send(path, sent).status_code == 302
    told = send(path, sent, headers=HTMX)

    assert told.status_code == 401
    assert told["Content-Type"].startswith("text/plain")
    assert "You are signed out" in told.text
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize("number", range(1, 12))
def test_a_stranger_changes_nothing(strangers_web, make_task, number):
    path, sent = list(fragments(make_task(title="Secret")))[number]
    before = list(Task.objects.values())

    send = strangers_web.get if sent is None else strangers_web.post
    response = send(path, sent, headers=HTMX)

    assert response.status_code in {200, 404}
    assert "Secret" not in response.text
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_change_sends_one_back_to_the_page(web, make_task, verb):
    task = make_task(deleted_at=timezone.now() if verb == "restore" else None)

    response = do(web, task, verb, data={"next": "/active"})

    assert response.status_code == 302
    assert response["Location"].partition("?")[0] == "/active"


@pytest.mark.parametrize(
    "url", ["https://evil.example", "//evil.example", "javascript:x"]
)
def test_nobody_is_sent_elsewhere(web, make_task, url):
    response = do(web, make_task(), "complete", data={"next": url})

    assert response["Location"] == "/"


def test_an_unknown_verb_is_not_found(web, make_task):
    assert do(web, make_task(), "explode").status_code == 404


@pytest.mark.parametrize(
    "name", ["task_add", "complete_all", "clear_completed", "theme"]
)
def test_reading_changes_nothing(web, name):
    assert web.get(reverse(name)).status_code == 405


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "a\0b"])
def test_a_task_that_is_not_valid_is_told(web, title):
    response = web.post(reverse("task_add"), {"title": title}, headers=HTMX)

    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_makes_one_task(web):
    key = str(uuid4())

    for _ in range(2):
        sent = {"title": "Buy milk", "key": key}
        assert web.post(reverse("task_add"), sent, headers=HTMX).status_code == 200

    assert str(Task.objects.get().pk) == key


@pytest.mark.django_db(transaction=True)
def test_anothers_key_adds_nothing_of_theirs(web, strangers_web):
    key = str(uuid4())
    strangers_web.post(reverse("task_add"), {"title": "Secret", "key": key})

    response = web.post(
        reverse("task_add"), {"title": "Buy milk", "key": key}, headers=HTMX
    )

    assert "Secret" not in response.text
    assert Task.objects.count() == 1


def test_a_row_goes_where_it_no_longer_belongs(web, make_task):
    task = make_task(title="Buy milk")

    shown = do(web, task, "complete", data={"view": "all"}, headers=HTMX)
    hidden = do(web, task, "complete", data={"view": "open"}, headers=HTMX)

    assert f'id="task-{task.pk}"' in shown.text
    assert f'id="task-{task.pk}"' not in hidden.text
    assert "<strong>0</strong> items left" in hidden.text


def test_a_task_that_is_gone_is_told(web, make_task):
    task = make_task()
    Task.objects.all().delete()

    response = do(web, task, "complete", headers=HTMX)

    assert "This task is gone." in response.text


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"title": ""}, "This field is required."),
        ({"due_date": "2026-02-30"}, "Enter a valid date."),
        ({"priority": "9"}, "Select a valid choice."),
        ({"description": "x" * 10_001}, "at most 10000 characters"),
        ({"version": "x"}, "Enter a whole number."),
        ({"version": str(2**60)}, "Ensure this value is less than"),
    ],
)
def test_an_edit_that_is_not_valid_keeps_what_was_typed(web, make_task, sent, message):
    task = make_task()
    values = {"title": "Kept", "priority": "2", "version": version(task)} | sent

    page = web.post(reverse("task_edit", args=[task.pk]), values)
    fragment = web.post(reverse("task_edit", args=[task.pk]), values, headers=HTMX)

    for response in (page, fragment):
        assert response.status_code == 200
        assert message in response.text
        assert "Kept" in response.text or "title" in sent
    assert fragment["HX-Retarget"] == f"#more-{task.pk}"
    task.refresh_from_db()
    assert task.title == "Buy milk"


def test_an_edit_of_another_version_is_not_written(web, make_task):
    task = make_task()
    sent = {"title": "Lost", "priority": "0", "version": version(task) - 1}

    edit = web.post(reverse("task_edit", args=[task.pk]), sent)
    rename = web.post(reverse("task_rename", args=[task.pk]), sent, headers=HTMX)

    assert "changed in another window" in edit.text
    assert rename.status_code == 409
    assert rename["Version"] == str(version(task))
    task.refresh_from_db()
    assert task.title == "Buy milk"


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "x" * 5000, "cursor=x", "sort=x", "undo=x", "q=%25_'\"<"]
)
def test_odd_parameters_do_no_harm(web, make_task, query):
    make_task()

    assert web.get(f"/?{query}").status_code == 200


def test_what_is_typed_is_never_markup(web, make_task):
    make_task(title="<script>alert(1)</script>", description="</textarea><script>")

    assert "<script>alert" not in web.get("/").text


def test_due_dates_are_told_in_words(web, make_task, user):
    make_task(due_date=user.today)
    make_task(due_date=date(1999, 12, 24))

    text = web.get("/").text

    assert ">Today<" in text
    assert "Overdue: Dec 24, 1999" in text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tasks.json", b"[{}]", "Line 1, title: This field is required."),
        ("tasks.json", b"nonsense", "Line 1: Not JSON"),
        ("tasks.txt", b"[]", "must end in .json or .csv"),
        ("tasks.csv", b"", "The submitted file is empty."),
    ],
)
def test_a_file_that_is_not_valid_is_told(web, name, content, message):
    file = SimpleUploadedFile(name, content)

    response = web.post(reverse("import_file"), {"file": file})

    assert message in response.text
    assert not Task.objects.exists()


def test_who_was_switched_off_is_signed_out(web, user):
    User.objects.update(is_active=False)

    assert "A quiet to-do list" in web.get("/").text
    assert web.get(reverse("profile")).status_code == 302


def test_an_account_is_not_deleted_without_its_password(web):
    response = web.post(reverse("delete_account"), {"password": "wrong"})

    assert "This is not your password." in response.text
    assert User.objects.exists()


def test_guessing_the_password_to_delete_is_limited_in_rate(web):
    url = reverse("delete_account")
    for _ in range(10):
        assert web.post(url, {"password": "wrong"}).status_code == 200

    assert web.post(url, {"password": PASSWORD}).status_code == 429
    assert User.objects.exists()


def test_a_file_that_is_too_large_is_told(web, monkeypatch):
    monkeypatch.setattr("todo.web.forms.MAX_FILE", 1)

    response = web.post(
        reverse("import_file"), {"file": SimpleUploadedFile("tasks.json", b"[]")}
    )

    assert "The file is too large" in response.text


def test_colours_are_remembered(client):
    client.post(reverse("theme"), {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").text

    client.post(reverse("theme"), {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/").text

    client.post(reverse("theme"), {"theme": "system"})
    assert "data-theme" not in client.get("/").text


def test_the_manifest_makes_it_installable(client):
    manifest = client.get(reverse("manifest")).json()

    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


def test_no_page_may_run_what_is_not_ours(web):
    for url in ("/", "/profile", "/accounts/login/", "/admin/login/", "/api/docs"):
        policy = web.get(url)["Content-Security-Policy"]

        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_the_first_page_is_small(client):
    """Its parts, as gzip makes them; whitenoise compresses them in production."""
    import gzip

    from django.contrib.staticfiles import finders

    parts = [client.get("/").content]
    for name in ("htmx.min.js", "app.js", "app.css", "icon.svg"):
        with open(finders.find(f"todo/{name}"), "rb") as file:
            parts.append(file.read())

    assert sum(len(gzip.compress(part)) for part in parts) < 60_000  # bytes


def test_a_page_offers_to_send_a_form_again_but_no_password(web, monkeypatch):
    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("todo.web.task_views.run_with_counts", fail)

    page = web.post(reverse("task_add"), {"title": "Kept", "password1": "secret"})
    told = web.post(reverse("task_add"), {"title": "Kept"}, headers=HTMX)

    assert page.status_code == told.status_code == 503
    assert 'name="title" value="Kept"' in page.text
    assert "secret" not in page.text
    assert told.text.startswith("The database is unavailable.")


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_an_error_page_is_one_of_ours(rf, status):
    from django.template.loader import render_to_string

    page = render_to_string(f"{status}.html")

    assert '<a class="button" href="/">To your list</a>' in page


def test_an_unknown_page_is_told(web):
    assert "Page not found" in web.get("/nowhere").text


def test_guessing_a_password_is_limited_on_pages_too(client, user):
    sent = {"login": user.email, "password": "wrong horse"}
    for _ in range(5):
        client.post("/accounts/login/", sent)

    response = client.post("/accounts/login/", sent | {"password": PASSWORD})

    assert "Too many failed login attempts" in response.text
