"""What was typed into a form survives signing in, and a token that expired."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone

from todo.models import List, Task
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import HTMX
from todo.web.drafts import MAX_LENGTH

TEXTS = {  # the form of each route that takes text
    "task_add": {"title": "Buy <milk>"},
    "task_edit": {
        "title": "Buy <milk>",
        "description": "two\nlitres",
        "priority": "2",
        "due_date": "2026-12-24",
        "due_time": "17:00",
        "repeat": "FREQ=WEEKLY;BYDAY=MO",
        "repeat_after_completion": "on",
        "labels": "home, <garden>",
    },
    "list_new": {"name": "<Home>", "color": "teal"},
    "list_edit": {"name": "<Home>", "color": "teal"},
    "profile": {"name": "Ann <Lee>", "time_zone": "Europe/Berlin"},
    "change_email": {"email": "new@example.com"},
}
WITHOUT_TEXT = {
    *("task_rename", "task_tick", "task_apply"),
    *(
        "complete_all",
        "clear_completed",
        "undo_all",
        "import_file",
        "delete_account",
        "session_list",
    ),
    *("task_paste", "task_set", "task_move", "task_bulk", "task_delete"),
    *("overdue_to_today", "trash_empty", "list_delete", "list_move"),
}
OPEN_TO_ALL = {"theme", "confirm_email"}


def routes():
    return {pattern.name for pattern in get_resolver("todo.web.urls").url_patterns}


def url_of(route, task):
    names = {"edit", "rename", "tick", "set", "move", "delete"}
    arguments = {f"task_{name}": [task.pk] for name in names}
    arguments |= {f"list_{name}": [task.pk] for name in ("edit", "delete", "move")}
    arguments |= {"task_apply": [task.pk, "complete"], "confirm_email": ["x"]}
    arguments |= {"list_list": [task.pk], "list_label": ["home"]}
    return reverse(route, args=arguments.get(route, []))


@pytest.fixture
def task(user, make_task):
    """A task, and a list with the same id."""
    task = make_task()
    List.objects.create(pk=task.pk, owner=user, name="Home")
    return task


def hidden_field(text, name):
    tag = re.search(rf'<input type="hidden" name="{name}"[^>]*>', text)[0]
    return unescape(re.search(r'value="([^"]*)"', tag)[1])


def sign_in(client, user, **fields):
    form = {"login": user.email, "password": PASSWORD} | fields
    return client.post(reverse("account_login"), form, follow=True)


@pytest.mark.django_db
def test_every_form_is_known(client, make_task):
    task = make_task()
    takes_post = {
        route
        for route in routes() - {"task_apply"}
        if client.post(url_of(route, task)).status_code != 405
    }

    assert takes_post | {"task_apply"} == TEXTS.keys() | WITHOUT_TEXT | OPEN_TO_ALL


@pytest.mark.django_db
@pytest.mark.parametrize("route", [*TEXTS, *sorted(WITHOUT_TEXT)])
def test_signing_in_leads_to_a_page(client, user, task, route):
    if route == "task_delete":
        Task.objects.update(deleted_at=timezone.now())
    form = TEXTS.get(route, {"title": "x"}) | {"next": "/active?q=x"}

    response = client.post(url_of(route, task), form)
    if response.status_code == 302:
        page = response["Location"].partition("?next=")[2]
        response = sign_in(client, user, next=page.replace("%3F", "?"))
    else:
        draft = hidden_field(response.text, "draft")
        response = sign_in(client, user, draft=draft)

    assert response.status_code == 200
    assert not getattr(resolve(response.request["PATH_INFO"]).func, "is_post_only", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("route", TEXTS)
def test_what_was_typed_is_in_the_form_after_signing_in(client, user, task, route):
    page = "/active?q=milk" if route == "task_add" else url_of(route, task)
    form = TEXTS[route] | {"next": page, "version": "5"}

    asked = client.post(url_of(route, task), form)
    assert asked.status_code == 401
    refused = client.post(
        reverse("account_login"),
        {
            "login": user.email,
            "password": "wrong horse",
            "draft": hidden_field(asked.text, "draft"),
        },
    )
    shown = sign_in(client, user, draft=hidden_field(refused.text, "draft"))

    assert shown.request["PATH_INFO"] == page.partition("?")[0]
    assert "not saved yet" in shown.text
    for name, value in TEXTS[route].items():
        if name in {"priority", "repeat"}:
            assert re.search(rf'value="{value}"\s+selected', shown.text)
        elif name == "repeat_after_completion":
            assert re.search(rf'name="{name}"[^>]* checked', shown.text)
        else:
            assert unescape(shown.text).count(value), name
    assert not Task.objects.filter(title__contains="<milk>").exists()
    again = client.get(page)
    assert next(iter(TEXTS[route].values())) not in unescape(again.text)


@pytest.mark.django_db
def test_an_edit_of_a_version_that_changed_meanwhile_is_a_conflict(
    client, user, make_task
):
    task = make_task()
    url = url_of("task_edit", task)
    form = {"title": "Lost", "priority": "0", "version": "5"}
    asked = client.post(url, form)
    shown = sign_in(client, user, draft=hidden_field(asked.text, "draft"))

    version = hidden_field(shown.text, "version")
    response = client.post(url, form | {"version": version})

    assert "changed in another window" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "draft",
    [
        "x",
        "[]",
        "{}",
        '{"page": 1, "fields": {}}',
        "[" * 100_000,
        '{"page": "https://evil.example", "fields": {"title": "x"}}',
        '{"page": "/tasks/new", "fields": {"title": "x"}}',
        '{"page": "/", "fields": {"title": ["x"]}}',
        '{"page": "/", "fields": {"title": "\\ud800"}}',
    ],
    ids=["text", "list", "empty", "types", "deep", "other site", "no page"]
    + ["no text", "half a character"],
)
def test_a_forged_draft_leads_to_the_list(client, user, draft):
    response = sign_in(client, user, draft=draft)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == "/"


@pytest.mark.django_db
def test_a_draft_has_a_limit(client, make_task):
    form = {"title": "x", "description": "x" * MAX_LENGTH}

    response = client.post(url_of("task_edit", make_task()), form)

    assert response.status_code == 302


@pytest.mark.django_db
def test_passwords_are_not_kept(client):
    response = client.post(reverse("delete_account"), {"password": "correct horse"})

    assert response.status_code == 302
    assert "correct" not in response["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["", "  ", "x" * 201])
def test_an_invalid_task_is_kept_in_the_box_without_script(client, user, title):
    client.force_login(user)
    form = {"title": title, "next": "/active?q=milk"}

    response = client.post(reverse("task_add"), form)

    assert response.status_code == 422
    assert 'action="/active"' in response.text
    assert 'value="/active?q=milk"' in response.text
    assert f'name="title" value="{title}"' in response.text
    assert 'class="message' in response.text


# The token of a form against requests from other sites.


@pytest.fixture
def strict_client(user):
    """A client whose list was opened before it signed in again in another tab."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.token = hidden_field(client.get("/").text, "csrfmiddlewaretoken")
    client.cookies["csrftoken"] = "x" * 32
    return client


def send_expired(client, **headers):
    form = {"title": "Buy <milk>", "next": "/active", "password": "secret horse"}
    form["csrfmiddlewaretoken"] = client.token
    return client.post(reverse("task_add"), form, headers=headers)


@pytest.mark.django_db
def test_an_expired_form_can_be_sent_again(strict_client):
    page = send_expired(strict_client, Origin="http://testserver")
    assert page.status_code == 403
    assert "secret horse" not in page.text
    names = ("title", "next", "csrfmiddlewaretoken")
    form = {name: hidden_field(page.text.split("<main")[1], name) for name in names}

    response = strict_client.post(
        reverse("task_add"), form, headers={"Origin": "http://testserver"}
    )

    assert response["Location"].startswith("/active?undo=")
    assert Task.objects.get().title == "Buy <milk>"


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_of_another_site_is_not_offered_again(strict_client, origin):
    headers = {"Origin": origin} if origin else {}

    page = send_expired(strict_client, **headers)

    assert page.status_code == 403
    assert "&lt;milk" not in page.text


@pytest.mark.django_db
def test_a_fragment_with_an_expired_token_is_refused_in_a_sentence(strict_client):
    signed_in = send_expired(strict_client, **HTMX)
    del strict_client.cookies["sessionid"]
    signed_out = send_expired(strict_client, **HTMX)

    assert signed_in.status_code == 403
    assert signed_in.text.startswith("This page has expired.")
    assert signed_out.status_code == 401
    assert signed_out.text.startswith("You are signed out.")
