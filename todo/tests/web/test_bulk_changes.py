""" "Mark all" and "Clear completed" act on what the list shows, and can be undone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from todo import bulk, tasks
from todo.counts import BulkChange
from todo.models import Task
from todo.statements import run_together
from todo.tests.helpers import web_client
from todo.tests.web.helpers import LAST_YEAR, changed_since, snapshot

LISTS = ["/", "/active", "/completed", "/trash"]
ADDRESSES = [f"{path}{query}" for path in LISTS for query in ("", "?q=milk")]
ACTIONS = {  # the route, and the form
    "mark all": ("complete_all", {"completed": "1"}),
    "unmark all": ("complete_all", {}),
    "clear completed": ("clear_completed", {}),
}


@pytest.fixture
def many_tasks(make_task):
    """Tasks of all kinds, with and without `milk`."""
    for title in ("milk", "bread"):
        make_task(title=title)
        make_task(title=f"{title} done", completed_at=LAST_YEAR)
        make_task(title=f"{title} gone", deleted_at=LAST_YEAR)
        make_task(
            title=f"{title} both", completed_at=LAST_YEAR, deleted_at=timezone.now()
        )


def send(web, route, form, url, script):
    """Send a form from the page with this URL; return the page that is shown then."""
    if script:
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}
        return web.post(reverse(route), form, headers=headers)
    return web.post(reverse(route), form | {"next": url}, follow=True)


def offered_undo(response):
    [change] = set(re.findall(r'name="undo" value="(\w+-\d+)"', response.text))
    return {"undo": change}


def applies(action, row):
    if action == "mark all":
        return not row["completed"] and not row["deleted_at"]
    return row["completed"] and not row["deleted_at"]


@pytest.mark.django_db
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("url", ADDRESSES)
def test_an_action_changes_what_the_list_shows_and_undo_restores_it(
    web, many_tasks, url, action, script
):
    listed = web.get(url).context["tasks"]
    expected = {row["title"] for row in listed if applies(action, row)}
    before = snapshot()

    response = send(web, *ACTIONS[action], url, script)

    assert changed_since(before) == expected
    assert ('name="undo"' in response.text) == bool(expected)
    if expected:
        send(web, "undo_all", offered_undo(response), url, script)
        assert snapshot() == before


@pytest.mark.django_db
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_second_click_reopens_only_what_the_first_completed(web, many_tasks, script):
    before = snapshot()
    response = send(web, *ACTIONS["mark all"], "/", script)
    since = re.search(r'(?:data-since|name="since" value)="(.*?)"', response.text)[1]

    send(web, "complete_all", {"since": since}, "/", script)

    assert snapshot() == before


@pytest.mark.django_db
def test_undo_leaves_what_was_changed_in_between(web, make_task):
    milk, bread = make_task(title="milk"), make_task(title="bread")
    change = offered_undo(send(web, *ACTIONS["mark all"], "/", script=True))
    for verb in ("reopen", "complete"):
        web.post(reverse("task_apply", args=[milk.pk, verb]))

    send(web, "undo_all", change, "/", script=True)

    assert list(Task.objects.in_status("completed")) == [milk]
    assert list(Task.objects.in_status("open")) == [bread]


@pytest.mark.django_db
def test_undo_works_once(web, make_task):
    make_task()
    change = offered_undo(send(web, *ACTIONS["mark all"], "/", script=True))
    send(web, "undo_all", change, "/", script=True)
    before = list(Task.objects.values())

    response = send(web, "undo_all", change, "/", script=True)

    assert response.status_code == 200
    assert list(Task.objects.values()) == before


@pytest.mark.django_db
def test_nobody_undoes_what_another_user_did(web, stranger, make_task):
    make_task()
    change = offered_undo(send(web, *ACTIONS["mark all"], "/", script=True))

    send(web_client(stranger), "undo_all", change, "/", script=True)

    assert Task.objects.in_status("completed").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    ["", "complete", "complete-", "change-1", "complete-x", f"complete-{10**16}"],
)
def test_what_is_no_change_is_not_found(web, value):
    assert web.post(reverse("undo_all"), {"undo": value}).status_code == 404
    assert web.get("/", {"undo": value}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["complete", "reopen", "trash"])
def test_a_change_and_its_undo_have_one_effect_if_they_run_twice(web, many_tasks, verb):
    user = Task.objects.first().owner
    owner = tasks.Owner(user.pk, web.session.session_key)
    change = BulkChange(verb, timezone.now())
    before = snapshot()

    found = tasks.OWNED_TASKS.in_status("all")
    apply = bulk.apply_to_all(owner, verb, found, change.at)
    apply.rows()
    once = snapshot()
    apply.rows()
    assert snapshot() == once != before
    for _ in range(2):
        run_together(*bulk.undo(owner, change))
    assert snapshot() == before


@pytest.mark.django_db
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("url", ["/", "/completed?q=milk&sort=due_date"])
def test_each_request_needs_two_round_trips(
    web, many_tasks, django_assert_num_queries, url, script
):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}
    options = {"headers": headers} if script else {}
    for route, form in ACTIONS.values():
        with django_assert_num_queries(2):
            response = web.post(reverse(route), form | {"next": url}, **options)
        change = f"trash-{tasks.time_version(timezone.now())}"
        with django_assert_num_queries(2):
            web.post(reverse("undo_all"), {"undo": change, "next": url}, **options)
    if not script:
        with django_assert_num_queries(2):
            web.get(response["Location"])


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["mark all", "clear completed"])
@pytest.mark.parametrize("query", ["", "?q=task&sort=-created_at", "?sort=-priority"])
def test_more_continues_the_list(web, user, query, action):
    for completed_at in (None, LAST_YEAR):
        Task.objects.bulk_create(
            Task(
                owner=user, title=f"task {n}", completed_at=completed_at, priority=n % 3
            )
            for n in range(60)
        )

    response = send(web, *ACTIONS[action], f"/{query}", script=True)

    listed = [row["id"] for row in response.context["tasks"]]
    while response.context["more"]:
        more = response.context["more_url"]
        assert urlsplit(more).path == "/"
        assert parse_qs(urlsplit(more).query).items() >= parse_qs(query[1:]).items()
        response = web.get(more)
        listed += [row["id"] for row in response.context["tasks"]]
    expected = web.get(f"/{query}").context
    assert len(listed) == len(set(listed)) == Task.objects.in_status("all").count()
    assert listed[:50] == [row["id"] for row in expected["tasks"]]


@pytest.mark.django_db
def test_the_trash_has_nothing_to_mark_or_clear(web, many_tasks):
    text = web.get("/trash").text

    assert "Mark all" not in text
    assert "Clear completed" not in text


@pytest.mark.django_db
def test_redirects_keep_the_search_and_the_order(web, make_task):
    url = "/active?sort=-priority&q=milk"
    task = make_task(title="milk")

    deleted = web.post(reverse("task_apply", args=[task.pk, "trash"]), {"next": url})
    page = web.get(deleted["Location"])

    assert deleted["Location"].startswith(f"{url}&undo=trash-")
    assert f'name="next" value="{url.replace("&", "&amp;")}"' in page.text
