"""The form with all fields of a task."""

from datetime import date, time
from uuid import uuid4

import pytest

from todo.models import List, Task
from todo.tests.helpers import HTMX, page_url, read_row, version

ALL = {
    "title": "Water the plants",
    "description": "All of them",
    "due_date": "2026-12-24",
    "due_time": "17:00",
    "repeat": "FREQ=WEEKLY;INTERVAL=2",
    "repeat_after_completion": "on",
    "priority": "2",
    "labels": "#home, garden  Home,#Green",
}
SAVED = {
    "due_date": date(2026, 12, 24),
    "due_time": time(17),
    "repeat": "FREQ=WEEKLY;INTERVAL=2",
    "repeat_after_completion": True,
    "priority": 2,
    "labels": ["home", "garden", "Green"],
}
INVALID = {  # what differs from ALL, the field, its error
    "time without date": ({"due_date": ""}, "due_time", "A time needs a due date."),
    "repeat without date": (
        {"due_date": ""},
        "repeat",
        "A task that repeats needs a due date.",
    ),
    "no such time": ({"due_time": "25:00"}, "due_time", "Enter a valid time."),
    "no such rule": ({"repeat": "FREQ=HOURLY"}, "repeat", "Set FREQ to DAILY, WEEKLY"),
    "long rule": ({"repeat": "X" * 201}, "repeat", "at most 200 characters"),
    "long label": ({"labels": "x" * 51}, "labels", "A label has at most 50 characters"),
    "many labels": (
        {"labels": " ".join(f"l{n}" for n in range(51))},
        "labels",
        "A task has at most 50 labels.",
    ),
    "no UUID": ({"list": "x"}, "list", "There is no such list."),
}

pytestmark = pytest.mark.django_db


def save(client, task, form, **options):
    return client.post(
        page_url("task_edit", task), form | {"version": version(task)}, **options
    )


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home", color="teal")


def test_all_fields_are_saved(web, make_task, home):
    task = make_task()

    response = save(web, task, ALL | {"list": str(home.pk)}, headers=HTMX)

    row = read_row(task.pk)
    assert {name: row[name] for name in SAVED} == SAVED
    assert row["list_id"] == home.pk
    for text in (
        "Home",
        "<bdi>Green</bdi>",
        "17:00",
        "Every 2 weeks, after completion",
    ):
        assert text in response.text


def test_fields_that_are_not_sent_stay(web, make_task, home):
    task = make_task(**SAVED, list=home)

    save(web, task, {"title": "Old form", "priority": "1"})

    row = read_row(task.pk)
    expected = SAVED | {"priority": 1, "title": "Old form", "list_id": home.pk}
    assert {name: row[name] for name in expected} == expected


def test_fields_that_are_sent_empty_are_cleared(web, make_task, home):
    task = make_task(**SAVED, list=home)
    empty = dict.fromkeys(["due_date", "due_time", "repeat", "labels", "list"], "")

    save(web, task, {"title": "x", "priority": "0"} | empty)

    row = read_row(task.pk)
    assert (row["due_date"], row["due_time"], row["repeat"]) == (None, None, None)
    assert (row["labels"], row["list_id"]) == ([], None)
    assert row["repeat_after_completion"] is False


def test_without_its_date_a_task_has_no_time_and_does_not_repeat(web, make_task):
    task = make_task(**SAVED)

    save(web, task, {"title": "x", "priority": "0", "due_date": ""})

    row = read_row(task.pk)
    assert (row["due_date"], row["due_time"], row["repeat"]) == (None, None, None)


@pytest.mark.parametrize(("changes", "field", "message"), INVALID.values(), ids=INVALID)
def test_an_error_is_shown_at_its_field_and_nothing_typed_is_lost(
    web, make_task, home, changes, field, message
):
    task = make_task()
    form = ALL | {"list": str(home.pk)} | changes

    page = save(web, task, form)
    fragment = save(web, task, form, headers=HTMX)

    for response in (page, fragment):
        assert response.status_code == 200
        errors = response.context["form"].errors
        assert message in errors[field][0]
        assert f'id="edit-{task.pk}-{field}_error"' in response.text
        assert "Water the plants" in response.text
        assert "All of them" in response.text
        for name in ("due_date", "due_time", "labels"):
            assert f'value="{form[name]}"' in response.text
        if "list" not in changes:
            assert f'value="{home.pk}" selected' in response.text
        if "repeat" not in changes:
            assert f'value="{form["repeat"]}" selected' in response.text
    assert read_row(task.pk)["title"] == "Buy milk"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("whose", ["another user's", "deleted"])
def test_a_list_that_is_not_the_owners_is_an_error_at_the_field(
    web, stranger, make_task, whose, headers
):
    task = make_task()
    other = List.objects.create(owner=stranger, name="Secret")
    pk = other.pk if whose == "another user's" else uuid4()

    response = save(web, task, ALL | {"list": str(pk)}, headers=headers)

    assert response.context["form"].errors == {"list": ["There is no such list."]}
    assert "Secret" not in response.text
    assert 'value="17:00"' in response.text
    assert read_row(task.pk)["title"] == "Buy milk"


def test_the_form_shows_the_task(web, user, stranger, make_task, home):
    List.objects.create(owner=user, name="Work")
    List.objects.create(owner=stranger, name="Secret")
    rule = "FREQ=MONTHLY;BYDAY=-1FR"
    task = make_task(**SAVED | {"repeat": rule}, list=home)

    text = web.get(page_url("task_edit", task)).text

    assert 'value="17:00"' in text
    assert 'value="#home #garden #Green"' in text
    assert f'<option value="{home.pk}" selected>Home</option>' in text
    assert (
        f'<option value="{rule}" selected>Every month on the last Fri</option>' in text
    )
    assert text.index("Inbox</option>") < text.index("Home</option>")
    assert "Work</option>" in text
    assert "Secret" not in text


@pytest.mark.parametrize("label", ["#x", "a#b", "é", "🏠"])
def test_labels_are_saved_as_they_are_shown(web, make_task, label):
    task = make_task(labels=[label])
    form = web.get(page_url("task_edit", task)).context["form"]

    save(web, task, {"title": "x", "labels": form["labels"].value()})

    assert read_row(task.pk)["labels"] == [label]


def test_a_conflict_keeps_what_was_typed(web, make_task, home):
    task = make_task()
    stale = {"version": version(task) - 1}

    response = web.post(
        page_url("task_edit", task), ALL | {"list": str(home.pk)} | stale
    )

    assert "changed in another window" in response.text
    assert f'value="{ALL["labels"]}"' in response.text
    assert f'value="{home.pk}" selected' in response.text
    assert f'value="{version(task)}"' in response.text
    assert Task.objects.get().title == "Buy milk"


@pytest.mark.parametrize("form", [None, ALL], ids=["show", "save"])
def test_the_form_takes_two_round_trips(
    web, make_task, home, django_assert_num_queries, form
):
    task = make_task(list=home)

    with django_assert_num_queries(2):
        if form:
            save(web, task, form | {"list": str(home.pk)}, headers=HTMX)
        else:
            web.get(page_url("task_edit", task))
