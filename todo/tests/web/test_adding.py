"""Adding tasks: in each view, several at once, and what the words are taken for."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task

pytestmark = pytest.mark.django_db


def headers(url):
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}


def add(web, url, script=True, **form):
    route = reverse("task_add")
    if script:
        return web.post(route, form, headers=headers(url))
    return web.post(route, form | {"next": url}, follow=True)


def view_values(web, url):
    """Return the hidden fields of the form of a view."""
    return web.get(url).context["values"]


@pytest.mark.parametrize("path", ["/today", "/lists/{list}", "/labels/Home"])
def test_a_task_gets_the_values_of_the_view(web, user, make_list, path):
    home = make_list()
    url = path.format(list=home.pk)

    response = add(web, url, title="Call Bob", **view_values(web, url))

    task = Task.objects.get()
    expected = {
        "/today": (user.today, None, []),
        "/lists/{list}": (None, home, []),
        "/labels/Home": (None, None, ["home"]),
    }[path]
    assert (task.due_date, task.list, task.labels) == expected
    assert "hidden></li>" not in response.text


def test_the_words_have_precedence_over_the_view(web, user, make_list):
    home, work = make_list(), make_list("Work")
    values = {"due_date": user.today.isoformat(), "list": home.pk, "label": "home"}

    add(web, "/today", title="Call Bob tomorrow @work #HOME", **values)

    task = Task.objects.get()
    assert task.due_date == user.today + timedelta(1)
    assert (task.list, task.labels) == (work, ["HOME"])


@pytest.mark.parametrize(
    ("url", "title", "text"),
    [
        ("/completed", "Call Bob", "Added, in the inbox."),
        ("/?q=milk", "Call Bob", "Added, in the inbox."),
        ("/today", "Call Bob tomorrow", "Added, due tomorrow, in the inbox."),
        ("/inbox", "Call Bob @home", "Added, in Home."),
        ("/upcoming", "Call Bob", "Added, in the inbox."),
    ],
    ids=["completed", "search", "today", "inbox", "upcoming"],
)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_task_that_is_out_of_sight_is_reported_with_a_link(
    web, make_list, url, title, text, script
):
    home = make_list()

    response = add(web, url, script, title=title)

    place = f"/lists/{home.pk}" if "Home" in text else "/inbox"
    assert text in response.text
    assert f'<a href="{place}">Show</a>' in response.text
    task = Task.objects.get()
    assert not script or f'<li id="task-{task.pk}" hidden></li>' in response.text


@pytest.mark.parametrize(
    ("url", "offers_undo"), [("/", True), ("/profile", False)], ids=["list", "profile"]
)
def test_without_script_a_new_task_is_reported_once(web, url, offers_undo):
    page = add(web, url, script=False, title="Call Bob").text

    assert page.count("Added.") == 1
    toast = page.partition('<div id="toast"')[2]
    assert ("Added." in toast, ">Undo</button>" in toast) == (offers_undo, offers_undo)


@pytest.mark.parametrize("plain", [["tomorrow"], ["tomorrow", "#home"]], ids=len)
def test_a_part_that_was_taken_back_stays_in_the_title(web, plain):
    add(web, "/", title="Call Bob #home tomorrow", plain=plain)

    task = Task.objects.get()
    assert set(plain) == {"tomorrow", "#home"} & set(task.title.split())
    assert task.due_date is None
    assert task.labels == ([] if "#home" in plain else ["home"])


def test_a_title_that_is_too_long_is_refused_with_its_length(web):
    response = add(web, "/", title="x" * 201)

    assert response.status_code == 422
    assert "at most 200 characters. This one has 201." in response.text


def test_a_title_may_be_long_with_the_words_that_are_understood(web):
    response = add(web, "/", title="\U0001f600" * 198 + " today #home")

    assert response.status_code == 200
    assert Task.objects.get().title == "\U0001f600" * 198


@pytest.mark.parametrize(
    "values",
    [{"due_date": "x"}, {"list": "x"}, {"label": "a b"}],
    ids=lambda v: [*v][0],
)
def test_an_invalid_value_of_the_view_is_refused(web, values):
    response = add(web, "/", title="Call Bob", **values)

    assert response.status_code == 422
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_task_is_not_added_to_another_users_list(web, stranger, make_list):
    other = make_list(owner=stranger)

    response = add(web, "/", title="Call Bob", list=other.pk)

    assert response.status_code == 409
    assert not Task.objects.exists()


def test_a_task_that_is_added_under_a_heading_shows_the_list_again(web, user):
    response = add(web, "/upcoming", title="Call Bob tomorrow")

    assert '<ul id="tasks"' in response.text
    assert response.text.index("Tomorrow</h2>") < response.text.index("Call Bob")
    assert "Added, due tomorrow." in response.text


def test_a_second_task_of_today_is_put_at_the_end(web, user):
    values = {"due_date": user.today.isoformat()}

    first = add(web, "/today", title="Call Bob", **values)
    second = add(web, "/today", title="Call Ann", **values)

    assert 'id="group-' in first.text
    assert '<ul id="tasks"' not in second.text


# Several lines.


def paste(web, text, url="/", **form):
    form = {"text": text} | form
    return web.post(reverse("task_paste"), form, headers=headers(url))


def titles():
    return [*Task.objects.order_by("created_at").values_list("title", flat=True)]


def test_each_line_becomes_a_task(web, user, django_assert_num_queries):
    with django_assert_num_queries(2):
        response = paste(web, "Milk\r\n\n  Bread today\n- [ ] Eggs #shop")

    assert titles() == ["Milk", "Bread", "Eggs"]
    assert "Added 3 tasks." in response.text
    rows = re.findall(r'<li id="task-([^"]*)" data-testid', response.text)
    assert rows == [str(task.pk) for task in Task.objects.order_by("created_at")]
    assert Task.objects.get(title="Bread").due_date == user.today
    assert Task.objects.get(title="Eggs").labels == ["shop"]


def test_lines_get_the_values_of_the_view_and_their_lists(web, make_list):
    home, work = make_list(), make_list("Work")

    paste(web, "Milk\nReport @work", url=f"/lists/{home.pk}", list=home.pk)

    assert Task.objects.get(title="Milk").list == home
    assert Task.objects.get(title="Report").list == work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 3], ids=["one key", "a key for each line"])
def test_lines_that_are_sent_again_add_nothing(web, number):
    keys = [str(uuid4()) for _ in range(number)]

    for _ in range(2):
        response = paste(web, "Milk\nBread\nEggs", key=keys)
        assert response.status_code == 200

    assert titles() == ["Milk", "Bread", "Eggs"]
    assert set(keys) <= {str(task.pk) for task in Task.objects.all()}


@pytest.mark.django_db(transaction=True)
def test_lines_that_were_not_added_before_are_added(web):
    keys = [str(uuid4()), str(uuid4())]
    paste(web, "Milk", key=keys[:1])

    paste(web, "Milk\nBread", key=keys)

    assert titles() == ["Milk", "Bread"]


@pytest.mark.django_db(transaction=True)
def test_the_key_of_another_task_is_refused(web, stranger, make_task):
    mine, other = make_task(title="x"), make_task(owner=stranger)

    for task in (mine, other):
        response = paste(web, "Milk\nBread", key=[str(task.pk)])
        assert response.status_code == 409

    assert Task.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Paste from 1 to 100 lines."),
        ("x\n" * 101, "Paste from 1 to 100 lines."),
        ("Milk\n" + "x" * 201, "Line 2: A title has at most 200 characters."),
        ("Milk\n" + "x" * 1001, "Line 2: A text has at most 1000"),
        ("Milk\nBr\0ead", "Line 2: Null characters are not allowed."),
    ],
    ids=["none", "many", "long", "longer", "NUL"],
)
def test_lines_that_cannot_be_added_are_refused_together(web, text, message):
    response = paste(web, text)

    assert response.status_code == 422
    assert message in response.text
    assert not Task.objects.exists()


def test_lines_are_added_without_script(web):
    form = {"text": "Milk\nBread", "next": "/inbox"}

    page = web.post(reverse("task_paste"), form, follow=True)

    assert page.redirect_chain[0][0].startswith("/inbox?undo=")
    assert titles() == ["Milk", "Bread"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_pasting_is_undone(web, make_task, script):
    kept = make_task(title="Kept")
    form = {"text": "Milk\nBread", "next": "/inbox"}
    options = {"headers": headers("/inbox")} if script else {"follow": True}
    response = web.post(reverse("task_paste"), form, **options)

    token = unescape(re.search(r'name="undo" value="(.*?)"', response.text)[1])
    web.post(reverse("undo_all"), {"undo": token})

    assert list(Task.objects.in_status("open")) == [kept]
    assert Task.objects.in_status("trash").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_key_is_reused_without_script_and_the_title_is_kept(web, make_task):
    task = make_task(title="Milk", created_at=timezone.now())
    form = {"title": "Bread", "key": str(task.pk), "next": "/today"}

    with_key = web.post(reverse("task_add"), form)

    assert with_key.status_code == 409
    assert "This form was sent before" in with_key.text
    assert 'name="title" value="Bread"' in with_key.text
    assert str(task.pk) not in with_key.text
