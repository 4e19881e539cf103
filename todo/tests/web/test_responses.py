"""All fragments: cost, access, and redirects without htmx."""

import pytest
from django.utils import timezone

from todo.models import Task
from todo.models.verbs import VERBS
from todo.tests.helpers import HTMX, page_url, version, web_client

EDIT = {"title": "Buy bread", "priority": 1}
FRAGMENTS = {  # the view or verb, and the form, or None to read
    "add": ("task_add", {"title": "Buy bread"}),
    "show the form": ("task_edit", None),
    "edit": ("task_edit", EDIT),
    "rename": ("task_rename", EDIT),
    "rename to nothing": ("task_rename", {"title": " "}),
    **{verb: (verb, {}) for verb in VERBS},
    "complete all": ("complete_all", {"completed": "1"}),
    "reopen all": ("complete_all", {}),
    "clear completed": ("clear_completed", {}),
    "undo": ("undo_all", {"undo": "trash-1"}),
    "set": ("task_set", {"priority": "2"}),
    "move": ("task_move", {"after": ""}),
    "complete several": ("task_bulk", {"action": "complete"}),
    "paste": ("task_paste", {"text": "Buy bread"}),
    "overdue to today": ("overdue_to_today", {}),
}
FRAGMENTS_OF_TASKS = [name for name in FRAGMENTS if name not in {"add", "paste"}]

pytestmark = pytest.mark.django_db


def send_fragment(client, name, task, **options):
    view, form = FRAGMENTS[name]
    url = page_url(view, task)
    if form is None:
        return client.get(url, **options)
    form = form | {"version": version(task), "ids": [str(task.pk)]}
    return client.post(url, form, **options)


@pytest.mark.parametrize("name", FRAGMENTS.keys() - {"overdue to today"})
def test_a_fragment_needs_two_round_trips(
    web, make_task, django_assert_num_queries, name
):
    task = make_task()

    with django_assert_num_queries(2):
        response = send_fragment(web, name, task, headers=HTMX)

    assert response.status_code == 200
    assert b"<html" not in response.content


@pytest.mark.parametrize("name", FRAGMENTS)
def test_anonymous_users_change_nothing_and_are_asked_to_sign_in(
    client, make_task, name
):
    task = make_task()
    before = list(Task.objects.values())

    page = send_fragment(client, name, task)
    fragment = send_fragment(client, name, task, headers=HTMX)

    if name in {"add", "edit"}:  # the sign-in page keeps what was typed
        assert page.status_code == 401
        assert 'name="draft"' in page.text
    else:
        assert page.status_code == 302
        assert page["Location"].startswith("/accounts/login/?next=/")
    assert fragment.status_code == 401
    assert fragment["Content-Type"].startswith("text/plain")
    assert "You are signed out" in fragment.text
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize("name", FRAGMENTS_OF_TASKS)
def test_another_users_task_is_neither_shown_nor_changed(stranger, make_task, name):
    task = make_task(title="Secret")
    before = list(Task.objects.values())

    response = send_fragment(web_client(stranger), name, task, headers=HTMX)

    assert response.status_code in {200, 404}
    assert "Secret" not in response.text
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_change_without_script_returns_to_the_page(web, make_task, name):
    view, form = FRAGMENTS[name]
    form = EDIT | (form or {}) | {"next": "/active"}
    task = make_task(deleted_at=timezone.now() if name == "restore" else None)

    form |= {"version": version(task), "ids": [str(task.pk)]}
    response = web.post(page_url(view, task), form)

    assert response.status_code == 302
    assert response["Location"].partition("?")[0] == "/active"


def test_undo_is_offered_on_the_page_with_its_search(web, make_task):
    task = make_task()

    response = web.post(page_url("trash", task), {"next": "/active?q=milk"})

    assert response["Location"].startswith("/active?q=milk&undo=trash-")


@pytest.mark.parametrize(
    "url", ["https://evil.example", "//evil.example", "javascript:x"]
)
def test_a_change_never_redirects_to_another_site(web, make_task, url):
    response = web.post(page_url("complete", make_task()), {"next": url})

    assert response["Location"].startswith("/?undo=complete-")
