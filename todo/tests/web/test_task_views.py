"""The list and its tasks, without a browser."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task
from todo.tests.helpers import HTMX, page_url, version, web_client
from todo.web.task_list import PAGE_SIZE

LISTS = ["list_all", "list_open", "list_completed", "list_trash"]
INVALID_EDITS = {
    "no title": ({"title": ""}, "This field is required."),
    "no such date": ({"due_date": "2026-02-30"}, "Enter a valid date."),
    "priority 9": ({"priority": "9"}, "Select a valid choice."),
    "long description": ({"description": "x" * 10_001}, "at most 10000 characters"),
    "version word": ({"version": "x"}, "Enter a whole number."),
    "huge version": ({"version": str(2**60)}, "Ensure this value is less than"),
}
INVALID_TITLES = {"empty": "", "blank": "  ", "long": "x" * 201, "NUL": "a\0b"}
ODD_QUERIES = {
    "NUL": "q=%00",
    "long": "q=" + "x" * 5000,
    "special characters": "q=%25_'\"<",
    "cursor": "cursor=x",
    "sort": "sort=x",
    "undo": "undo=x",
}

pytestmark = pytest.mark.django_db


def list_titles(client, url):
    return [row["title"] for row in client.get(url).context["tasks"]]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_needs_two_round_trips(web, make_task, django_assert_num_queries, name):
    for _ in range(PAGE_SIZE + 1):
        make_task()

    with django_assert_num_queries(2):
        response = web.get(reverse(name))

    assert response.status_code == 200


def test_an_unknown_verb_is_not_found(web, make_task):
    url = reverse("task_apply", args=[make_task().pk, "explode"])

    assert web.post(url).status_code == 404


@pytest.mark.parametrize(
    "name", ["task_add", "task_rename", "complete", "complete_all", "clear_completed"]
)
def test_changes_need_post(web, make_task, name):
    assert web.get(page_url(name, make_task())).status_code == 405


@pytest.mark.parametrize("title", INVALID_TITLES.values(), ids=INVALID_TITLES)
def test_an_invalid_new_task_is_rejected(web, title):
    response = web.post(reverse("task_add"), {"title": title}, headers=HTMX)

    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    assert not Task.objects.exists()


@pytest.mark.parametrize("title", ["x" * 201, "a\0b"], ids=["long", "NUL"])
def test_an_invalid_new_title_is_rejected(web, make_task, title):
    task = make_task()
    form = {"title": title, "version": version(task)}

    response = web.post(page_url("task_rename", task), form, headers=HTMX)

    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    task.refresh_from_db()
    assert task.title == "Buy milk"


@pytest.mark.django_db(transaction=True)
def test_another_users_key_does_not_reveal_their_task(web, stranger):
    form = {"title": "Secret", "key": str(uuid4())}
    web_client(stranger).post(reverse("task_add"), form)

    response = web.post(reverse("task_add"), form | {"title": "x"}, headers=HTMX)

    assert "Secret" not in response.text


def test_a_new_task_without_a_key_gets_an_id(web):
    for key in ("", "x"):
        form = {"title": "x", "key": key}
        assert web.post(reverse("task_add"), form, headers=HTMX).status_code == 200

    assert Task.objects.count() == 2


def test_a_row_is_removed_from_a_list_that_no_longer_contains_it(web, make_task):
    task = make_task()
    url = page_url("complete", task)

    shown = web.post(url, {"view": "all"}, headers=HTMX)
    hidden = web.post(url, {"view": "open"}, headers=HTMX)

    assert f'id="task-{task.pk}"' in shown.text
    assert f'<li id="task-{task.pk}" hidden></li>' in hidden.text
    assert "<strong>0</strong> items left" in hidden.text


def test_an_unknown_list_is_taken_for_that_of_all_tasks(web, make_task):
    task = make_task()

    response = web.post(page_url("complete", task), {"view": "nonsense"}, headers=HTMX)

    assert f'id="task-{task.pk}"' in response.text


def test_trashing_offers_to_undo_it(web, make_task):
    task = make_task()
    form = f'action="{reverse("undo_all")}"'

    fragment = web.post(page_url("trash", task), headers=HTMX)
    Task.objects.apply("restore")
    page = web.post(page_url("trash", task), follow=True)

    assert form in fragment.text
    assert form in page.text
    [(url, _)] = page.redirect_chain
    assert url.startswith("/?undo=trash-")


def test_the_form_of_a_task_in_the_trash_is_not_found(web, make_task):
    task = make_task(deleted_at=timezone.now())

    assert web.get(page_url("task_edit", task)).status_code == 404


def test_the_form_is_a_page_or_a_fragment(web, make_task):
    url = page_url("task_edit", make_task(description="skimmed"))

    page, fragment = web.get(url), web.get(url, headers=HTMX)

    for response in (page, fragment):
        assert "skimmed" in response.text
        assert "HX-Request" in response["Vary"]
        assert "HX-Retarget" not in response
    assert "<html" in page.text
    assert "<html" not in fragment.text


@pytest.mark.parametrize(
    ("changes", "message"), INVALID_EDITS.values(), ids=INVALID_EDITS
)
def test_an_invalid_edit_keeps_the_input(web, make_task, changes, message):
    task = make_task()
    form = {"title": "Kept", "priority": "2", "version": version(task)} | changes

    page = web.post(page_url("task_edit", task), form)
    fragment = web.post(page_url("task_edit", task), form, headers=HTMX)

    for response in (page, fragment):
        assert response.status_code == 200
        assert message in response.text
        assert "Kept" in response.text or "title" in changes
    assert "HX-Retarget" not in page
    assert fragment["HX-Retarget"] == f"#task-{task.pk} > .more-of-it"
    task.refresh_from_db()
    assert task.title == "Buy milk"


def test_a_conflict_shows_the_current_title_and_returns_the_version(web, make_task):
    task = make_task()
    form = {"title": "Lost", "priority": "0", "version": version(task) - 1}

    edit = web.post(page_url("task_edit", task), form)
    rename = web.post(page_url("task_rename", task), form, headers=HTMX)

    for response in (edit, rename):
        assert "changed in another window" in response.text
        assert "“Buy milk”" in response.text
    assert f'value="{version(task)}"' in edit.text
    assert rename["Version"] == str(version(task))
    assert 'value="Lost"' in edit.text


def test_all_open_tasks_are_completed_and_all_completed_ones_reopened(web, make_task):
    tasks = [make_task(), make_task()]
    trashed = make_task(deleted_at=timezone.now())

    completed = web.post(reverse("complete_all"), {"completed": "1"}, headers=HTMX)
    assert set(Task.objects.in_status("completed")) == set(tasks)
    reopened = web.post(reverse("complete_all"), {"completed": ""}, headers=HTMX)
    assert set(Task.objects.in_status("open")) == set(tasks)

    assert "<strong>0</strong> items left" in completed.text
    assert "<strong>2</strong> items left" in reopened.text
    trashed.refresh_from_db()
    assert not trashed.completed


def test_completed_tasks_are_cleared_from_the_list_of_the_form(web, make_task):
    open_task = make_task(title="open")
    completed = make_task(title="completed", completed_at=timezone.now())

    response = web.post(reverse("clear_completed"), {"view": "all"}, headers=HTMX)

    assert list(Task.objects.in_status("trash")) == [completed]
    assert f'id="task-{open_task.pk}"' in response.text
    assert f'id="task-{completed.pk}"' not in response.text


@pytest.mark.parametrize("query", ODD_QUERIES.values(), ids=ODD_QUERIES)
def test_an_invalid_parameter_of_the_list_is_ignored(web, make_task, query):
    make_task()

    assert web.get(f"/?{query}").status_code == 200


def test_a_list_is_searched_and_sorted(web, make_task):
    for title, priority in (("milk", 1), ("bread", 3), ("more milk", 2)):
        make_task(title=title, priority=priority)

    assert list_titles(web, "/?q=MILK&sort=-priority") == ["more milk", "milk"]


def test_the_search_of_a_list_finds_only_its_tasks(web, make_task, stranger):
    make_task(title="open milk")
    make_task(title="completed milk", completed_at=timezone.now())
    make_task(title="another user's milk", owner=stranger)

    assert list_titles(web, "/active?q=milk") == ["open milk"]


def test_a_search_text_is_trimmed_and_shortened(web, make_task):
    make_task(title="x" * 200)

    assert list_titles(web, "/?q=%20xx%20") == ["x" * 200]
    assert list_titles(web, "/?q=" + "x" * 300) == ["x" * 200]


def test_a_long_list_continues_on_the_next_page(web, user):
    tasks = [Task(owner=user, title=f"{n}") for n in range(PAGE_SIZE + 1)]
    Task.objects.bulk_create(tasks)

    first = web.get("/")
    second = web.get("/", {"cursor": first.context["more"]})

    rows = [*first.context["tasks"], *second.context["tasks"]]
    assert [row["id"] for row in rows] == [task.pk for task in tasks]
    assert second.context["more"] is None


def test_a_cursor_of_another_ordering_is_ignored(web, user):
    Task.objects.bulk_create(
        Task(owner=user, title=f"{n}") for n in range(PAGE_SIZE + 1)
    )
    cursor = web.get("/").context["more"]

    response = web.get("/", {"cursor": cursor, "sort": "-priority"})

    assert len(response.context["tasks"]) == PAGE_SIZE


def test_a_list_is_compressed(web):
    response = web.get("/", headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"


def test_text_is_escaped(web, make_task):
    make_task(title="<script>alert(1)</script>", description="</textarea><script>")

    assert "<script>alert" not in web.get("/").text
