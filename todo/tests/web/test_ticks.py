"""The boxes of a task's checklist."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from todo import tasks
from todo.models import Task
from todo.tests.helpers import HTMX, page_url, read_row, version, web_client
from todo.tests.web.helpers import get_items, wait_until_saved

DESCRIPTION = "Buy:\r\n- [ ] milk\r\n- [x] bread\r\n"
TICKED = "Buy:\r\n- [x] milk\r\n- [x] bread\r\n"
MILK = {"line": "1", "text": "milk", "done": "1"}
ON_LIST = {"HX-Current-URL": "http://testserver/inbox?q=x"}
CHANGED_LINES = {
    "other text": MILK | {"text": "butter"},
    "other line": MILK | {"line": "2"},
    "no item": MILK | {"line": "0", "text": "Buy:"},
    "past the end": MILK | {"line": "9"},
}
INVALID = {
    "no line": MILK | {"line": ""},
    "a word for a line": MILK | {"line": "x"},
    "negative line": MILK | {"line": "-1"},
    "no text": MILK | {"text": ""},
    "NUL": MILK | {"text": "a\0b"},
}


@pytest.fixture
def task(make_task):
    return make_task(title="Shop", description=DESCRIPTION)


def tick(client, task, form=MILK, **options):
    return client.post(page_url("task_tick", task), form, **options)


def test_a_box_is_ticked_in_the_list(web, task):
    response = tick(web, task, headers=HTMX | ON_LIST)

    assert read_row(task.pk)["description"] == TICKED
    assert response.status_code == 200
    assert "<html" not in response.text
    assert f'id="task-{task.pk}"' in response.text
    assert "2/2" in response.text
    assert "[x] milk" in response.text  # in the description of the form
    task.refresh_from_db()
    assert f'value="{version(task)}"' in response.text


def test_a_box_is_ticked_on_the_page_of_the_task(web, task):
    url = {"HX-Current-URL": f"http://testserver{page_url('task_edit', task)}"}
    response = tick(web, task, headers=HTMX | url)

    assert response.status_code == 200
    assert f'id="task-{task.pk}"' not in response.text


def test_a_box_is_cleared(web, task):
    tick(web, task, {"line": "2", "text": "bread", "done": ""}, headers=HTMX)

    assert "[ ] bread" in read_row(task.pk)["description"]


def tick_without_script(web, task, tick="1 1 milk", **typed):
    form = {"title": "Shop", "description": DESCRIPTION, "priority": "0"}
    form["version"] = version(task)
    url = f"{page_url('task_edit', task)}?next=/active"
    return web.post(url, form | typed | {"tick": tick}, follow=True)


def test_without_script_a_tick_returns_to_the_page_of_the_task(web, task):
    response = tick_without_script(web, task)

    assert response.redirect_chain == [
        (f"{page_url('task_edit', task)}?next=%2Factive", 302)
    ]
    assert read_row(task.pk)["description"].splitlines() == TICKED.splitlines()


def test_without_script_a_box_is_cleared(web, task):
    tick_without_script(web, task, "2  bread")

    assert "[ ] bread" in read_row(task.pk)["description"]


def test_without_script_a_tick_saves_what_was_typed(web, task):
    text = DESCRIPTION + "- [ ] butter"

    tick_without_script(web, task, title="Shop today", description=text)

    row = read_row(task.pk)
    assert row["title"] == "Shop today"
    assert row["description"].splitlines() == [*TICKED.splitlines(), "- [ ] butter"]


def test_without_script_a_line_that_moved_is_not_ticked_and_the_text_is_kept(web, task):
    text = f"Soon:\n{DESCRIPTION}"

    response = tick_without_script(web, task, title="Shop today", description=text)

    assert "The lines of the checklist have moved." in response.text
    form = response.context["form"]
    assert [form["title"].value(), form["description"].value()] == ["Shop today", text]
    assert read_row(task.pk)["title"] == "Shop"


def test_a_tick_that_is_sent_twice_changes_the_box_once(web, task):
    for _ in range(2):
        assert tick(web, task, headers=HTMX).status_code == 200

    assert read_row(task.pk)["description"] == TICKED


@pytest.mark.parametrize("form", CHANGED_LINES.values(), ids=CHANGED_LINES)
def test_a_line_that_changed_is_a_conflict_and_is_shown_as_it_is(web, task, form):
    before = read_row(task.pk)

    response = tick(web, task, form, headers=HTMX)

    assert response.status_code == 409
    assert "changed in another window" in response.text
    assert 'name="text" value="milk"' in response.text
    assert read_row(task.pk) == before


@pytest.mark.parametrize("form", INVALID.values(), ids=INVALID)
def test_an_invalid_tick_is_rejected(web, task, form):
    response = tick(web, task, form, headers=HTMX)

    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    assert read_row(task.pk)["description"] == DESCRIPTION


def test_a_tick_is_tried_again_if_another_request_changes_the_task(
    web, task, monkeypatch
):
    change, changed = tasks.change, []

    def change_late(*args):
        if not changed:
            changed.append(Task.objects.get())
            changed[0].title = "Shop today"
            changed[0].save()
        return change(*args)

    monkeypatch.setattr(tasks, "change", change_late)

    assert tick(web, task, headers=HTMX).status_code == 200
    row = read_row(task.pk)
    assert (row["title"], row["description"]) == ("Shop today", TICKED)


def test_a_tick_takes_three_round_trips(web, task, django_assert_num_queries):
    with django_assert_num_queries(3):
        tick(web, task, headers=HTMX | ON_LIST)


def test_a_tick_needs_post(web, task):
    assert web.get(page_url("task_tick", task)).status_code == 405


def test_another_users_box_is_not_found(stranger, task):
    assert tick(web_client(stranger), task, headers=HTMX).status_code == 404
    assert read_row(task.pk)["description"] == DESCRIPTION


def test_a_box_in_the_trash_is_not_found(web, make_task):
    task = make_task(description=DESCRIPTION, deleted_at=timezone.now())

    assert tick(web, task).status_code == 404


def test_anonymous_users_are_asked_to_sign_in(client, task):
    assert tick(client, task, headers=HTMX).status_code == 401
    assert reverse("account_login") in tick(client, task)["Location"]
    assert read_row(task.pk)["description"] == DESCRIPTION


def open_details(page):
    page.get_by_role("link", name="Details of Shop").click()
    expect(page.get_by_label("Title")).to_be_focused()


@pytest.mark.browser
def test_boxes_are_ticked_in_the_row(open_page, site, user, task):
    page = open_page(site, user)
    open_details(page)

    page.get_by_role("checkbox", name="milk").check()
    expect(get_items(page)).to_contain_text("2/2")
    expect(page.get_by_role("checkbox", name="milk")).to_be_focused()
    page.get_by_label("Title").fill("Shop today")
    page.get_by_role("button", name="Save").click()

    expect(get_items(page)).to_contain_text("Shop today")
    row = read_row(task.pk)
    assert row["description"].splitlines() == TICKED.splitlines()
    assert page.problems == []


@pytest.mark.browser
def test_undo_after_a_tick_keeps_the_text_that_was_ticked(
    open_page, site, user, make_task
):
    task = make_task(title="Shop")
    page = open_page(site, user)
    open_details(page)
    page.get_by_label("Description").fill("- [ ] milk")
    page.get_by_role("button", name="Save").click()
    expect(get_items(page)).to_contain_text("0/1")
    open_details(page)

    page.get_by_role("checkbox", name="milk").check()
    page.keyboard.press("ControlOrMeta+z")

    wait_until_saved(page)
    assert read_row(task.pk)["description"] == "- [x] milk"


@pytest.mark.browser
def test_a_tick_leaves_the_text_that_is_being_written(open_page, site, user, task):
    page = open_page(site, user)
    open_details(page)
    page.get_by_role("button", name="Edit description").click()
    text = page.get_by_label("Description")

    text.fill("- [ ] milk\nand more")
    # The boxes are hidden meanwhile; a tick may still be on its way.
    page.evaluate("document.querySelector('form[data-act=tick]').requestSubmit()")
    expect(get_items(page)).to_contain_text("2/2")
    expect(text).to_have_value("- [ ] milk\nand more")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("changed in another window")).to_be_visible()
    expect(text).to_have_value("- [ ] milk\nand more")


@pytest.mark.browser
def test_a_line_that_changed_is_shown_as_it_is(open_page, site, user, task):
    page = open_page(site, user)
    open_details(page)
    Task.objects.update(description="- [ ] milk\n- [ ] butter")

    page.get_by_role("checkbox", name="milk").click()

    expect(page.get_by_text("changed in another window")).to_be_visible()
    expect(page.get_by_role("checkbox", name="butter")).to_be_visible()
    expect(page.get_by_role("checkbox", name="milk")).not_to_be_checked()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_boxes_are_ticked_on_the_page_of_the_task(open_page, site, user, task, script):
    url = f"{site}/tasks/{task.pk}?next=/active"
    page = open_page(url, user, java_script_enabled=script)

    if script:
        page.get_by_role("checkbox", name="milk").check()
    else:
        page.get_by_role("button", name="Tick milk").click()
    expect(page.locator(".checklist .done")).to_have_count(2)
    page.get_by_role("button", name="Save").click()

    expect(get_items(page)).to_contain_text("2/2")
    assert page.url.startswith(f"{site}/active")
    assert page.problems == []


@pytest.mark.browser
def test_without_script_a_tick_keeps_what_is_typed(open_page, site, user, task):
    page = open_page(site, user, java_script_enabled=False)
    page.goto(f"{site}/tasks/{task.pk}")

    page.get_by_label("Title").fill("Shop today")
    page.get_by_role("button", name="Tick milk").click()

    expect(page.locator(".checklist .done")).to_have_count(2)
    expect(page.get_by_label("Title")).to_have_value("Shop today")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_enter_saves_the_form_and_ticks_nothing(open_page, site, user, task, script):
    page = open_page(site, user, java_script_enabled=script)
    page.goto(f"{site}/tasks/{task.pk}")

    page.get_by_label("Title").fill("Shop today")
    page.get_by_label("Title").press("Enter")

    expect(get_items(page)).to_contain_text("Shop today")
    expect(get_items(page)).to_contain_text("1/2")
