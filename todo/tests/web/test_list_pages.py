"""Making, changing, ordering and deleting lists on the pages."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from todo import lists
from todo.models import List, Task
from todo.tests.helpers import HTMX, web_client

pytestmark = pytest.mark.django_db


def url_of(name, *task_list):
    return reverse(f"list_{name}", args=[each.pk for each in task_list])


def names():
    return [*List.objects.order_by("position").values_list("name", flat=True)]


def test_a_new_list_is_shown(web, user):
    page = web.post(url_of("new"), {"name": " Home ", "color": "teal"}, follow=True)

    home = List.objects.get()
    assert (home.owner, home.name, home.color) == (user, "Home", "teal")
    assert page.redirect_chain == [(f"/lists/{home.pk}", 302)]


def test_a_new_list_is_in_the_side_bar_with_script(web):
    response = web.post(url_of("new"), {"name": "<Home>"}, headers=HTMX)

    home = List.objects.get()
    assert f'href="/lists/{home.pk}"' in response.text
    assert "Added: &lt;Home&gt;" in response.text
    assert "<Home>" not in response.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_form_that_is_sent_twice_adds_one_list(web, script):
    form = {"name": "Home", "key": str(uuid4())}

    for _ in range(2):
        response = web.post(url_of("new"), form, headers=HTMX if script else {})
        assert response.status_code in {200, 302}
        assert "lists/" in response.get("Location", response.text)

    assert names() == ["Home"]


INVALID = {
    "blank": ({"name": " "}, "This field is required."),
    "invisible": ({"name": "\u200b"}, "It needs at least one visible character."),
    "long": ({"name": "x" * 101}, "at most 100 characters (it has 101)"),
    "taken": ({"name": "wORK"}, "You have a list with this name already."),
    "color": ({"name": "Home", "color": "mauve"}, "Select a valid choice."),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("form", "text"), INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("route", ["new", "edit"])
def test_an_invalid_list_is_refused_and_the_form_keeps_it(
    web, make_list, route, form, text
):
    work, home = make_list("Work"), make_list("Home")
    url = url_of(route, *([home] if route == "edit" else []))

    page, fragment = web.post(url, form), web.post(url, form, headers=HTMX)

    assert page.status_code == 200
    assert text in unescape(page.text)
    assert fragment.status_code == 422
    assert text in fragment.text
    assert names() == [work.name, "Home"]


@pytest.mark.django_db(transaction=True)
def test_there_is_a_largest_number_of_lists(web, make_list, monkeypatch):
    monkeypatch.setattr(lists, "MAX_LISTS", 1)
    lists._add.cache_clear()
    make_list()

    response = web.post(url_of("new"), {"name": "Work"})
    lists._add.cache_clear()

    assert "There can be at most" in response.text
    assert names() == ["Home"]


@pytest.mark.django_db(transaction=True)
def test_the_key_of_another_list_is_refused(web, stranger, make_list):
    mine, other = make_list("Work"), make_list(owner=stranger)

    for task_list in (mine, other):
        form = {"name": "Home", "key": str(task_list.pk)}
        assert web.post(url_of("new"), form, headers=HTMX).status_code == 422
    assert List.objects.count() == 2


def test_a_list_is_changed(web, make_list):
    home = make_list(color="red")

    assert 'value="Home"' in web.get(url_of("edit", home)).text
    web.post(url_of("edit", home), {"name": "Garden", "color": ""})

    home.refresh_from_db()
    assert (home.name, home.color) == ("Garden", "")


def test_the_page_of_a_list_says_what_it_is_for(web, make_list):
    assert "<h1>Edit the list</h1>" in web.get(url_of("edit", make_list())).text


@pytest.mark.parametrize("route", ["edit", "delete"])
def test_a_list_that_is_not_ones_own_is_not_found(stranger, make_list, route):
    home, web = make_list(), web_client(stranger)
    form = {"name": "x", "sure": "1"}

    assert web.get(url_of(route, home)).status_code == 404
    response = web.post(url_of(route, home), form)

    assert response.status_code in {302, 404}
    assert names() == ["Home"]


@pytest.mark.parametrize("route", ["new", "edit", "delete", "move"])
def test_anonymous_users_change_no_lists(client, make_list, route):
    url = url_of(route, *([] if route == "new" else [make_list()]))

    for headers in ({}, HTMX):
        response = client.post(url, {"name": "x", "sure": "1"}, headers=headers)
        assert response.status_code in {302, 401}
    assert names() == ([] if route == "new" else ["Home"])


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_deleting_a_list_asks_and_its_tasks_can_be_restored(
    web, make_list, make_task, script
):
    home = make_list()
    task = make_task(list=home)
    assert "Its tasks are moved to the trash." in web.get(url_of("delete", home)).text
    if not script:
        web.post(url_of("delete", home))
        assert names() == ["Home"]

    options = {"headers": HTMX} if script else {"data": {"sure": "1"}, "follow": True}
    response = web.post(url_of("delete", home), **options)

    assert names() == []
    assert Task.objects.get(pk=task.pk).deleted_at
    token = re.search(r'name="undo" value="(.*?)"', response.text)[1]
    web.post(reverse("undo_all"), {"undo": token})
    assert list(Task.objects.in_status("open").in_list(None)) == [task]


def test_lists_are_ordered_by_hand(web, make_list):
    home, work = make_list(place=0), make_list("Work", place=1)

    response = web.post(url_of("move", home), {"after": work.pk}, headers=HTMX)
    assert names() == ["Work", "Home"]
    assert response.text.index("Work") < response.text.index("Home")
    web.post(url_of("move", home), {"after": ""})

    assert names() == ["Home", "Work"]


@pytest.mark.parametrize("after", ["x", str(uuid4())], ids=["no id", "unknown"])
def test_a_list_is_not_moved_after_one_that_is_gone(web, make_list, after):
    home = make_list()

    response = web.post(url_of("move", home), {"after": after}, headers=HTMX)

    assert response.status_code in {409, 422}
    assert "This list is gone." in response.text
