"""Tasks that repeat, on the pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from todo.models import Task
from todo.tests.helpers import HTMX, web_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(user):
    return user.today


@pytest.fixture
def tomorrow(today):
    return today + timedelta(days=1)


@pytest.fixture
def repeating(make_task, today):
    return make_task(title="Water the plants", due_date=today, repeat="FREQ=DAILY")


def complete(web, task, **options):
    return web.post(reverse("task_apply", args=[task.pk, "complete"]), **options)


def due_date(task):
    return Task.objects.get(pk=task.pk).due_date


def undo_form(response):
    """Return the value of the form that undoes a change, as the page has it."""
    return response.text.partition('name="undo" value="')[2].partition('"')[0]


def test_the_row_shows_the_next_date_and_offers_to_undo(web, repeating, tomorrow):
    response = complete(web, repeating, headers=HTMX)

    assert "Completed. Next: Tomorrow." in response.text
    assert "Every day" in response.text
    assert due_date(repeating) == tomorrow
    assert undo_form(response).startswith("complete-")


@pytest.mark.parametrize("act", ["complete", "choose", "mark all"])
def test_a_task_whose_date_is_changed_meanwhile_is_completed(
    web, repeating, today, meanwhile, act
):
    other_day = today + timedelta(days=9)
    later = {"due_date": str(other_day)}
    meanwhile(lambda: web.post(reverse("task_set", args=[repeating.pk]), later))
    requests = {
        "complete": (reverse("task_apply", args=[repeating.pk, "complete"]), {}),
        "choose": (reverse("task_bulk"), {"action": "complete", "ids": repeating.pk}),
        "mark all": (reverse("complete_all"), {"completed": "1"}),
    }

    web.post(*requests[act], headers=HTMX)

    assert due_date(repeating) == other_day + timedelta(days=1)
    assert Task.objects.in_status("completed").get().due_date == other_day


def test_without_script_the_page_shows_the_next_date(web, repeating):
    page = complete(web, repeating, follow=True)

    assert "Completed. Next: Tomorrow." in page.text


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_completion_can_be_undone(web, repeating, today, script):
    headers = HTMX if script else {}
    response = complete(web, repeating, headers=headers, follow=True)

    undone = web.post(
        reverse("undo_all"), {"undo": undo_form(response)}, headers=headers, follow=True
    )

    assert undone.status_code == 200
    assert "Undone." in undone.text
    assert due_date(repeating) == today
    assert not Task.objects.in_status("completed").exists()


def test_a_task_that_moves_to_another_day_shows_the_list_again(
    web, make_task, tomorrow
):
    task = make_task(due_date=tomorrow, repeat="FREQ=DAILY")
    page = {"HX-Current-URL": "http://testserver/upcoming"}

    response = complete(web, task, headers=HTMX | page)

    assert '<ul id="tasks"' in response.text
    assert f'id="group-{tomorrow + timedelta(days=1)}"' in response.text
    assert undo_form(response).startswith("complete-")


def test_a_completion_takes_three_round_trips(
    web, repeating, django_assert_num_queries
):
    with django_assert_num_queries(3):  # the session, the verb, and the next date
        complete(web, repeating, headers=HTMX)


def test_mark_all_moves_repeating_tasks_on_and_can_be_undone(
    web, make_task, repeating, today, tomorrow
):
    other, plain = (
        make_task(due_date=today, repeat="FREQ=WEEKLY"),
        make_task(),
    )

    response = web.post(reverse("complete_all"), {"completed": "1"}, headers=HTMX)

    assert "Completed: 3 tasks." in response.text
    assert due_date(repeating) == tomorrow
    assert due_date(other) == today + timedelta(days=7)
    assert Task.objects.in_status("completed").count() == 3

    web.post(reverse("undo_all"), {"undo": undo_form(response)}, headers=HTMX)

    assert (due_date(repeating), due_date(other)) == (today, today)
    assert Task.objects.get(pk=plain.pk).completed_at is None
    assert Task.objects.in_status("open").count() == 3


def test_mark_all_leaves_what_the_search_does_not_find(
    web, make_task, repeating, today, tomorrow
):
    bread = make_task(title="Bread", due_date=today, repeat="FREQ=DAILY")
    page = {"HX-Current-URL": "http://testserver/?q=bread"}

    web.post(reverse("complete_all"), {"completed": "1"}, headers=HTMX | page)

    assert (due_date(repeating), due_date(bread)) == (today, tomorrow)


def test_reopening_the_completed_copy_takes_the_completion_back(web, repeating, today):
    complete(web, repeating)
    copy = Task.objects.in_status("completed").get()

    web.post(reverse("task_apply", args=[copy.pk, "reopen"]), headers=HTMX)

    assert due_date(repeating) == today
    assert not Task.objects.in_status("completed").exists()


def test_a_stranger_completes_nothing(stranger, repeating, today):
    response = complete(web_client(stranger), repeating, headers=HTMX)

    assert "This task is gone." in response.text
    assert due_date(repeating) == today
