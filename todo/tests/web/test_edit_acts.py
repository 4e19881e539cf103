"""New titles and edits: undoing them, sending them again, and what is gone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.tests.helpers import version
from todo.tests.web.acts import DAY, headers, send, undo, undo_token, url_of, values_of
from todo.tests.web.helpers import snapshot

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("route", ["task_rename", "task_edit"])
def test_a_new_title_is_undone(web, make_task, route):
    task = make_task(title="Buy milk")
    form = {"title": "Buy bread", "version": version(task), "priority": "0"}

    response = send(web, route, form, task)
    assert values_of(task, "title", "folded") == ["Buy bread", "buy bread\n"]
    undo(web, response)

    assert values_of(task, "title", "folded") == ["Buy milk", "buy milk\n"]


def test_all_fields_of_an_edit_are_undone(web, make_task, make_list):
    task = make_task(description=" two\r\nlines ", priority=1, labels=["a"])
    before = snapshot()
    form = {
        **{"title": "x", "description": "y", "priority": "3", "labels": "b c"},
        **{"due_date": "2026-12-24", "due_time": "17:00", "repeat": "FREQ=DAILY"},
        **{"repeat_after_completion": "on", "list": str(make_list().pk)},
    }

    response = send(web, "task_edit", form | {"version": version(task)}, task)
    assert snapshot() != before
    undo(web, response)

    assert snapshot() == before


@pytest.mark.parametrize("route", ["task_rename", "task_edit"])
def test_a_form_that_is_sent_again_is_a_success(web, make_task, route):
    task = make_task(title="Buy milk")
    form = {"title": "Buy bread", "version": version(task), "priority": "0"}

    first, second = (send(web, route, form, task) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert "another window" not in second.text
    assert "Buy bread" in second.text


def test_an_edit_that_changes_the_day_shows_the_list_again(web, user, make_task):
    task = make_task(due_date=user.today + DAY)
    form = {"title": "x", "version": version(task), "priority": "0"}
    form["due_date"] = (user.today + 2 * DAY).isoformat()

    response = send(web, "task_edit", form, task, url="/upcoming")

    assert '<ul id="tasks"' in response.text


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_editing_a_task_that_is_gone_says_so_and_keeps_the_text(web, make_task, script):
    task = make_task(deleted_at=timezone.now())
    form = {"title": "Kept", "version": version(task), "priority": "0"}
    options = {"headers": headers()} if script else {}

    response = web.post(url_of("task_edit", task), form, **options)

    assert response.status_code == 404
    assert "This task is gone." in response.text
    assert script or 'value="Kept"' in response.text


def test_texts_are_not_part_of_an_address(web, make_task):
    task = make_task(title="Secret")
    form = {"title": "x", "version": version(task), "priority": "0", "next": "/inbox"}

    page = web.post(url_of("task_edit", task), form, follow=True)

    assert page.redirect_chain == [("/inbox?undo=undo", 302)]
    web.post(reverse("undo_all"), {"undo": undo_token(page)})
    assert values_of(task, "title") == ["Secret"]


def test_line_breaks_of_a_description_count_as_one_character(web, make_task):
    task = make_task()
    text = "x\r\n" * 4_000
    form = {"title": "x", "description": text, "priority": "0"}

    response = web.post(url_of("task_edit", task), form | {"version": version(task)})

    assert response.status_code == 302
    assert values_of(task, "description") == ["x\n" * 3_999 + "x"]
