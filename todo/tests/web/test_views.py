"""Which tasks each view lists, in which order, and what stands between them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task
from todo.tasks import time_version
from todo.tests.helpers import HTMX, web_client
from todo.web.task_list import PAGE_SIZE

DAY = timedelta(days=1)
PATHS = [
    *("/", "/active", "/completed", "/trash", "/inbox", "/today", "/upcoming"),
    *("/lists/{list}", "/labels/home", "/inbox?status=completed"),
    *("/today?status=completed", "/lists/{list}?status=completed"),
    *("/labels/home?status=completed", "/?q=milk", "/inbox?print=1"),
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(user):
    return web_client(user)


@pytest.fixture
def home(make_list):
    return make_list()


def listed(client, url):
    return [row["title"] for row in client.get(url).context["tasks"]]


def headings(client, url):
    rows = client.get(url).context["tasks"]
    return [row["group"]["title"] for row in rows if "group" in row]


@pytest.mark.parametrize("path", PATHS)
def test_a_view_needs_two_round_trips(
    web, user, home, stranger, django_assert_num_queries, path
):
    make = [{"list": home, "labels": ["home"], "due_date": user.today}, {}]
    for number in range(PAGE_SIZE + 1):
        for values in make:
            Task.objects.create(owner=user, title=f"milk {number}", **values)

    with django_assert_num_queries(2):
        response = web.get(path.format(list=home.pk))

    assert response.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_anonymous_users_are_asked_to_sign_in(client, home, path):
    url = path.format(list=home.pk)

    response = client.get(url)

    if path.startswith("/?") or path == "/":
        assert "Sign up" in response.text
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
    assert client.get(url, headers=HTMX).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_another_users_tasks_are_not_listed(user, home, stranger, make_task, path):
    values = {"title": "Secret milk", "labels": ["home"], "due_date": user.today}
    for times in ({}, {"completed_at": timezone.now()}, {"deleted_at": timezone.now()}):
        make_task(list=home, **values | times)
        make_task(**values | times)

    response = web_client(stranger).get(path.format(list=home.pk))

    assert "Secret" not in response.text
    assert response.status_code == (404 if "list" in path else 200)


def test_a_list_that_does_not_exist_is_not_found(web):
    assert web.get(f"/lists/{uuid4()}").status_code == 404


def test_the_inbox_has_open_tasks_without_a_list(web, make_task, home):
    make_task(title="in")
    make_task(title="done", completed_at=timezone.now())
    make_task(title="elsewhere", list=home)

    assert listed(web, "/inbox") == ["in"]
    assert listed(web, "/inbox?status=completed") == ["done"]


def test_a_list_has_its_open_tasks_by_hand(web, make_task, home):
    make_task(title="second", list=home, position=2 * 10**15)
    make_task(title="first", list=home, position=10**15)
    make_task(title="done", list=home, completed_at=timezone.now())
    make_task(title="elsewhere")

    assert listed(web, f"/lists/{home.pk}") == ["first", "second"]
    assert listed(web, f"/lists/{home.pk}?status=completed") == ["done"]


def test_today_begins_with_what_is_overdue(web, user, make_task):
    for title, days in (("today", 0), ("overdue", -3), ("tomorrow", 1)):
        make_task(title=title, due_date=user.today + days * DAY)
    make_task(title="some day")

    assert listed(web, "/today") == ["overdue", "today"]
    assert headings(web, "/today") == ["Overdue", "Today"]
    assert headings(web, "/today?sort=title") == []


def test_the_completed_tasks_of_today_are_those_completed_today(web, user, make_task):
    user.time_zone = "Pacific/Kiritimati"
    user.save()
    make_task(title="now", completed_at=timezone.now())
    make_task(title="before", completed_at=timezone.now() - DAY, due_date=user.today)

    assert listed(web_client(user), "/today?status=completed") == ["now"]


def test_the_tasks_of_a_day_are_sorted_by_time(web, user, make_task):
    times = {"none": None, "evening": "19:00", "morning": "08:30", "also none": None}
    for title, due_time in times.items():
        make_task(title=title, due_date=user.today, due_time=due_time)
    make_task(title="late", due_date=user.today - DAY, due_time="23:00")

    order = ["late", "morning", "evening", "none", "also none"]
    assert listed(web, "/today") == order


def test_upcoming_is_grouped_by_day(web, user, make_task):
    for title, days in (("later", 400), ("b", 1), ("a", 1), ("today", 0)):
        make_task(title=title, due_date=user.today + days * DAY)
    make_task(title="some day")

    later = user.today + 400 * DAY
    assert listed(web, "/upcoming") == ["b", "a", "later"]
    first, second = headings(web, "/upcoming")
    assert first == "Tomorrow"
    assert second == f"{later:%A, %b} {later.day}, {later.year}"


def test_completed_tasks_are_grouped_by_the_day_in_the_users_zone(web, user, make_task):
    now = timezone.now()
    make_task(title="old", completed_at=now - DAY)
    make_task(title="new", completed_at=now)

    assert listed(web, "/completed") == ["new", "old"]
    assert headings(web, "/completed") == ["Today", "Yesterday"]


def test_a_page_goes_on_with_the_group_of_the_page_before(web, user):
    tomorrow = user.today + DAY
    Task.objects.bulk_create(
        Task(owner=user, title=f"{n}", due_date=tomorrow) for n in range(PAGE_SIZE + 1)
    )

    more = web.get("/upcoming").context["more_url"]

    assert len(listed(web, more)) == 1
    assert headings(web, more) == []


def test_a_label_is_found_in_any_case(web, make_task):
    make_task(title="a", labels=["Home", "x/y"])
    make_task(title="done", labels=["home"], completed_at=timezone.now())
    make_task(title="b", labels=["homes"])

    assert listed(web, "/labels/hOme") == ["a"]
    assert listed(web, "/labels/home?status=completed") == ["done"]
    assert listed(web, reverse("list_label", args=["x/y"])) == ["a"]
    assert web.get("/labels/hOme").context["title"] == "#Home"


def test_the_order_of_a_kind_of_view_is_remembered(web, make_task, make_list):
    home, work = make_list(), make_list("Work")
    for title in ("b", "a"):
        make_task(title=title, list=work)
        make_task(title=title)

    web.get(f"/lists/{home.pk}?sort=title")

    assert listed(web, f"/lists/{work.pk}") == ["a", "b"]
    assert listed(web, "/inbox") == ["b", "a"]
    assert listed(web, f"/lists/{work.pk}?sort=created_at") == ["b", "a"]


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
    assert listed(web, more) == ["2"]


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
