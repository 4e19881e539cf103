"""Which tasks each view lists, in which order, and the headings between them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task
from todo.tests.helpers import HTMX, web_client
from todo.tests.web.helpers import get_listed
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
def home(make_list):
    return make_list()


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

    assert get_listed(web, "/inbox") == ["in"]
    assert get_listed(web, "/inbox?status=completed") == ["done"]


def test_a_list_has_its_open_tasks_by_hand(web, make_task, home):
    make_task(title="second", list=home, position=2 * 10**15)
    make_task(title="first", list=home, position=10**15)
    make_task(title="done", list=home, completed_at=timezone.now())
    make_task(title="elsewhere")

    assert get_listed(web, f"/lists/{home.pk}") == ["first", "second"]
    assert get_listed(web, f"/lists/{home.pk}?status=completed") == ["done"]


def test_today_begins_with_what_is_overdue(web, user, make_task):
    for title, days in (("today", 0), ("overdue", -3), ("tomorrow", 1)):
        make_task(title=title, due_date=user.today + days * DAY)
    make_task(title="some day")

    assert get_listed(web, "/today") == ["overdue", "today"]
    assert headings(web, "/today") == ["Overdue", "Today"]
    assert headings(web, "/today?sort=title") == []


def test_the_completed_tasks_of_today_are_those_completed_today(web, user, make_task):
    user.time_zone = "Pacific/Kiritimati"
    user.save()
    make_task(title="now", completed_at=timezone.now())
    make_task(title="before", completed_at=timezone.now() - DAY, due_date=user.today)

    assert get_listed(web_client(user), "/today?status=completed") == ["now"]


def test_the_tasks_of_a_day_are_sorted_by_time(web, user, make_task):
    times = {"none": None, "evening": "19:00", "morning": "08:30", "also none": None}
    for title, due_time in times.items():
        make_task(title=title, due_date=user.today, due_time=due_time)
    make_task(title="late", due_date=user.today - DAY, due_time="23:00")

    order = ["late", "morning", "evening", "none", "also none"]
    assert get_listed(web, "/today") == order


def test_upcoming_is_grouped_by_day(web, user, make_task):
    for title, days in (("later", 400), ("b", 1), ("a", 1), ("today", 0)):
        make_task(title=title, due_date=user.today + days * DAY)
    make_task(title="some day")

    later = user.today + 400 * DAY
    assert get_listed(web, "/upcoming") == ["b", "a", "later"]
    first, second = headings(web, "/upcoming")
    assert first == "Tomorrow"
    assert second == f"{later:%A, %b} {later.day}, {later.year}"


def test_completed_tasks_are_grouped_by_the_day_in_the_users_zone(web, user, make_task):
    now = timezone.now()
    make_task(title="old", completed_at=now - DAY)
    make_task(title="new", completed_at=now)

    assert get_listed(web, "/completed") == ["new", "old"]
    assert headings(web, "/completed") == ["Today", "Yesterday"]


def test_a_page_goes_on_with_the_group_of_the_page_before(web, user):
    tomorrow = user.today + DAY
    Task.objects.bulk_create(
        Task(owner=user, title=f"{n}", due_date=tomorrow) for n in range(PAGE_SIZE + 1)
    )

    more = web.get("/upcoming").context["more_url"]

    assert len(get_listed(web, more)) == 1
    assert headings(web, more) == []


@pytest.mark.parametrize("label", ["ü", "日本", "a?b", "50%", "x/y", "%20"])
def test_the_tasks_of_any_label_are_listed_and_a_new_one_gets_it(web, make_task, label):
    make_task(title="Buy milk", labels=[label])
    url = reverse("list_label", args=[label])

    assert get_listed(web, url) == ["Buy milk"]
    assert web.get(url).context["values"] == {"label": label}


def test_a_label_is_found_in_any_case(web, make_task):
    make_task(title="a", labels=["Home", "x/y"])
    make_task(title="done", labels=["home"], completed_at=timezone.now())
    make_task(title="b", labels=["homes"])

    assert get_listed(web, "/labels/hOme") == ["a"]
    assert get_listed(web, "/labels/home?status=completed") == ["done"]
    assert get_listed(web, reverse("list_label", args=["x/y"])) == ["a"]
    assert web.get("/labels/hOme").context["title"] == "#Home"
