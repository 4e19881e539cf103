"""All pages: addresses, access, security and errors."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test.utils import override_script_prefix
from django.urls import get_resolver, reverse

from todo.models import List, Task
from todo.tests.helpers import HTMX, web_client

PAGES = [
    *("list_all", "list_open", "list_completed", "list_trash", "profile"),
    *("list_inbox", "list_today", "list_upcoming", "list_new", "trash_empty"),
    *("import_file", "export_file", "delete_account", "change_email", "session_list"),
]
VIEWS_OF_TASKS = [
    *("task_add", "task_edit", "task_rename", "task_tick", "task_apply"),
    *("complete_all", "clear_completed", "undo_all", "overdue_to_today"),
    *("task_set", "task_move", "task_bulk", "task_delete"),
    *("task_paste", "task_understand"),
]
VIEWS_OF_LISTS = ["list_list", "list_label", "list_edit", "list_delete", "list_move"]
ACTS = {  # the forms of the views that change tasks and lists
    "task_add": {"title": "Buy bread"},
    "task_edit": {"title": "Buy bread", "priority": "1"},
    "task_rename": {"title": "Buy bread"},
    "task_tick": {"line": "0", "checked": "on"},
    "task_apply": {},
    "complete_all": {"completed": "1"},
    "clear_completed": {},
    "undo_all": {"undo": '[["{pk}", {"priority": 3}]]'},
    "overdue_to_today": {},
    "task_set": {"priority": "2"},
    "task_move": {"after": ""},
    "task_bulk": {"action": "move", "after": "", "ids": "{pk}"},
    "task_delete": {},
    "task_paste": {"text": "Buy bread"},
    "list_new": {"name": "Work"},
    "list_edit": {"name": "Work"},
    "list_delete": {},
    "list_move": {"after": ""},
    "trash_empty": {},
}
OPEN_TO_ALL = [
    *("theme", "manifest", "confirm_email", "favicon", "offline", "service_worker"),
]

pytestmark = pytest.mark.django_db


def test_these_are_all_the_routes():
    names = {pattern.name for pattern in get_resolver("todo.web.urls").url_patterns}

    assert names == {*PAGES, *VIEWS_OF_TASKS, *VIEWS_OF_LISTS, *OPEN_TO_ALL}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_shown_to_a_user(web, name):
    assert web.get(reverse(name)).status_code == 200


def test_all_acts_are_known():
    acts = {*VIEWS_OF_TASKS, *VIEWS_OF_LISTS, "list_new", "trash_empty"}

    assert ACTS.keys() == acts - {"task_understand", "list_list", "list_label"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["script", "no script"])
@pytest.mark.parametrize("name", ACTS)
def test_an_act_needs_no_transaction_around_it(web, user, make_task, name, headers):
    due = user.today - timedelta(days=2)
    task = make_task(due_date=due, repeat="FREQ=DAILY")
    List.objects.create(pk=task.pk, owner=user, name="Home")
    form = {k: v.replace("{pk}", str(task.pk)) for k, v in ACTS[name].items()}

    response = web.post(act_url(name, task.pk), form, headers=headers)

    assert response.status_code < 500


def act_url(name, pk):
    patterns = get_resolver("todo.web.urls").url_patterns
    [names] = [p.pattern.converters for p in patterns if p.name == name]
    values = {"pk": pk, "verb": "complete"}
    return reverse(name, kwargs={name: values[name] for name in names})


@pytest.mark.parametrize("name", [name for name in PAGES if name != "list_all"])
def test_a_page_asks_anonymous_users_to_sign_in(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={reverse(name)}"


def test_the_first_page_welcomes_anonymous_users(client):
    assert "Sign up" in client.get("/").text


def test_the_theme_is_remembered(client):
    url = reverse("theme")
    client.post(url, {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").text
    assert client.cookies["theme"]["max-age"] == 365 * 24 * 3600  # seconds

    client.post(url, {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/").text

    client.post(url, {"theme": "system"})
    assert "data-theme" not in client.get("/").text

    assert client.get(url).status_code == 405


@pytest.mark.parametrize(
    ("prefix", "next_page"),
    [
        *(("/", "/tasks/undo"), ("/todo/", "/todo/tasks/undo")),
        *(("/", "?undo=1"), ("/", ""), ("/", "//example.com/")),
    ],
)
def test_a_form_returns_to_an_address_with_a_page(client, prefix, next_page):
    with override_script_prefix(prefix):
        response = client.post("/theme", {"theme": "dark", "next": next_page})

    assert response["Location"] == prefix


def test_the_manifest_makes_the_pages_installable(client):
    manifest = client.get(reverse("manifest")).json()

    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


@pytest.mark.parametrize(
    "path", ["/", "/profile", "/accounts/login/", "/admin/login/", "/api/docs"]
)
def test_a_page_runs_only_its_own_scripts(web, path):
    policy = web.get(path)["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_an_outage_offers_to_send_the_form_again_without_its_passwords(
    web, monkeypatch
):
    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("todo.web.add_views.run_with_side", fail)
    form = {"title": "Kept", "password1": "secret"}

    page = web.post(reverse("task_add"), form)
    fragment = web.post(reverse("task_add"), form, headers=HTMX)

    assert page.status_code == fragment.status_code == 503
    assert 'name="title" value="Kept"' in page.text
    assert "secret" not in page.text
    assert fragment["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_an_error_page_links_to_the_list(status):
    page = render_to_string(f"{status}.html")

    assert '<a class="button" href="/">To your list</a>' in page


def test_an_unknown_page_is_not_found(web):
    response = web.get("/nowhere")

    assert response.status_code == 404
    assert "Page not found" in response.text


@pytest.mark.django_db
def test_counts_stop_at_a_thousand(user):
    Task.objects.bulk_create(Task(owner=user, title="x") for _ in range(1_005))
    web = web_client(user)

    assert "<strong>1,000+</strong> items left" in web.get("/").text
    Task.objects.filter(pk__in=Task.objects.values("pk")[:5]).delete()
    assert "<strong>1,000</strong> items left" in web.get("/").text
