"""The orders, links, side bar and forms of the views."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task
from todo.tasks import time_version
from todo.tests.helpers import HTMX
from todo.tests.web.helpers import get_listed
from todo.web.side import MAX_LABELS
from todo.web.task_list import PAGE_SIZE

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(make_list):
    return make_list()


def test_the_order_of_a_kind_of_view_is_remembered(web, make_task, make_list):
    home, work = make_list(), make_list("Work")
    for title in ("b", "a"):
        make_task(title=title, list=work)
        make_task(title=title)

    web.get(f"/lists/{home.pk}?sort=title")

    assert get_listed(web, f"/lists/{work.pk}") == ["a", "b"]
    assert get_listed(web, "/inbox") == ["b", "a"]
    assert get_listed(web, f"/lists/{work.pk}?sort=created_at") == ["b", "a"]


def test_an_unknown_order_is_neither_used_nor_remembered(web):
    response = web.get("/today?sort=position")

    assert response.context["sort"] == "due_date"
    assert "order-today" not in response.cookies


@pytest.mark.parametrize("path", ["/completed", "/upcoming", "/inbox?status=completed"])
def test_a_view_with_one_order_offers_none(web, path):
    assert web.get(path).context["sorts"] == {}


def test_links_keep_the_search_the_order_and_the_status(web, user, make_task):
    for number in range(PAGE_SIZE + 1):
        make_task(title=f"milk {number}")

    context = web.get("/?sort=title&q=milk").context
    folded = web.get("/inbox?status=completed&q=milk").context

    assert [link["url"] for link in context["filters"]] == [
        "/?sort=title&q=milk",
        "/active?sort=title&q=milk",
        "/completed?sort=title&q=milk",
    ]
    assert context["more_url"].startswith("/?sort=title&q=milk&cursor=")
    assert context["print_url"] == "/?sort=title&q=milk&print=1"
    assert (
        web.get("/inbox?q=milk")
        .context["completed_url"]
        .endswith("?q=milk&status=completed")
    )
    assert folded["open_url"] == "/inbox?q=milk"


def test_everything_that_is_listed_is_printed_with_descriptions(web, user):
    Task.objects.bulk_create(
        Task(owner=user, title=f"{n}", description=f"about {n}")
        for n in range(PAGE_SIZE + 1)
    )

    text = web.get("/inbox?print=1").text

    for number in range(PAGE_SIZE + 1):
        assert f"about {number}" in text


def test_descriptions_at_the_end_of_much_paper_are_plain_text(web, user, monkeypatch):
    monkeypatch.setattr("todo.web.rows.MAX_PARSED", 20)
    Task.objects.bulk_create(
        Task(owner=user, title=title, description=f"**{title}** <b>")
        for title in ("first", "second", "third")
    )

    text = web.get("/?sort=title&print=1").text

    assert "<p><strong>first</strong> &lt;b&gt;</p>" in text
    assert "<p>**second** &lt;b&gt;</p>" in text
    assert "<p>**third** &lt;b&gt;</p>" in text


def test_the_side_bar_leads_to_the_completed_tasks(web):
    page = web.get("/completed").text

    side, main = page.split("</nav>", 1)
    link = re.search(r'<a href="/completed" aria-current="page">.*</svg>(.*)</a>', side)
    assert link[1] == "Done"
    assert "<bdi>Done</bdi></h1>" in main
    assert page.count(">Completed</a>") == 1


def test_the_side_bar_counts_tasks_and_names_lists_and_labels(
    web, user, make_task, home
):
    make_task(due_date=user.today - DAY)
    make_task(list=home, labels=["errand"])

    context = web.get("/upcoming").context

    assert context["side"] == {"inbox": "1", "today": "1", "overdue": "1", "all": "2"}
    assert [(row["name"], row["count_text"]) for row in context["side_lists"]] == [
        ("Home", "1")
    ]
    assert context["side_labels"] == [{"name": "errand", "count_text": "1"}]


def test_the_side_bar_names_the_labels_of_most_tasks(web, make_task):
    for start in range(0, MAX_LABELS, 50):
        make_task(labels=[f"a{number:03}" for number in range(start, start + 50)])
    for _ in range(2):
        make_task(labels=["b", "c"])

    response = web.get("/labels/a099")

    names = [row["name"] for row in response.context["side_labels"]]
    assert names == [*(f"a{number:03}" for number in range(MAX_LABELS - 2)), "b", "c"]
    assert '<li class="none">2 more</li>' in response.text
    assert response.context["left_text"] == "1"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/today", {"due_date"}),
        ("/lists/{list}", {"list"}),
        ("/labels/home", {"label"}),
        ("/inbox", set()),
    ],
)
def test_the_form_for_a_new_task_has_the_values_of_its_view(web, home, path, values):
    context = web.get(path.format(list=home.pk)).context

    assert context["can_add"]
    assert context["values"].keys() == values


@pytest.mark.parametrize("path", ["/trash", "/inbox?status=completed"])
def test_nothing_is_added_where_it_would_not_be_seen(web, path):
    assert not web.get(path).context["can_add"]


def test_an_act_on_the_page_of_a_list_that_is_gone_is_answered(web, make_task):
    task = make_task(deleted_at=timezone.now())
    form = {"undo": f"trash-{time_version(task.deleted_at)}"}
    page = {"HX-Current-URL": f"http://testserver/lists/{uuid4()}"}

    response = web.post(reverse("undo_all"), form, headers=HTMX | page)

    assert response.status_code == 200
    assert "Undone." in response.text
    task.refresh_from_db()
    assert task.deleted_at is None


def test_more_of_what_is_printed_is_printed(web, user, monkeypatch):
    monkeypatch.setattr("todo.web.task_list.PRINT_SIZE", 2)
    Task.objects.bulk_create(Task(owner=user, title=f"{n}") for n in range(3))

    more = web.get("/?print=1").context["more_url"]

    assert "print=1" in more
    assert get_listed(web, more) == ["2"]


def test_a_view_says_how_many_open_tasks_it_has(web, user, make_task, home):
    make_task(list=home, labels=["x"], due_date=user.today)
    make_task(list=home)
    make_task()

    paths = {"/": 3, "/inbox": 1, "/today": 1, f"/lists/{home.pk}": 2, "/labels/x": 1}
    assert {path: web.get(path).context["left"] for path in paths} == paths


def test_completing_one_task_does_not_narrow_unmark_all(web, make_task):
    make_task(completed_at=timezone.now() - DAY)
    task = make_task()

    page = web.post(reverse("task_apply", args=[task.pk, "complete"]), follow=True)

    assert "undo" in page.context
    assert 'name="since"' not in page.text
