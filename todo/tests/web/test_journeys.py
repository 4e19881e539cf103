"""Long journeys through the pages, in a browser."""

import json

import pytest
from playwright.sync_api import expect

from todo.models import Task, User
from todo.tests.conftest import PASSWORD
from todo.tests.web.helpers import (
    add_tasks,
    get_count,
    get_items,
    get_titles,
    open_edit_box,
    wait_until_saved,
)

pytestmark = pytest.mark.browser


def sign_up(page):
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Email").fill("new@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()


def test_from_sign_up_to_sign_out(open_page, site):
    page = open_page(site)

    sign_up(page)
    expect(page.get_by_text("What is on your mind?")).to_be_visible()
    add_tasks(page, "Buy milk", "Call Ann")
    box = open_edit_box(page, 0)
    box.fill("Buy bread")
    box.press("Enter")
    expect(get_titles(page)).to_have_text(["Buy bread", "Call Ann"])
    get_items(page).nth(0).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete Buy bread").click()
    expect(get_titles(page)).to_have_text(["Call Ann"])
    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["Buy bread", "Call Ann"])
    page.get_by_role("link", name="Completed").click()
    expect(get_titles(page)).to_have_text(["Buy bread"])
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert User.objects.get().time_zone == "Asia/Tokyo"
    assert page.problems == []


def test_everything_works_without_script(open_page, site):
    page = open_page(site, java_script_enabled=False)

    sign_up(page)
    for title in ("Buy milk", "Call Ann"):
        page.get_by_label("New task").fill(title)
        page.get_by_role("button", name="Add").click()
    expect(get_titles(page)).to_have_text(["Buy milk", "Call Ann"])
    page.get_by_role("button", name="Complete Buy milk").click()
    expect(get_items(page).nth(0)).to_have_class("completed")
    page.get_by_role("button", name="Reopen Buy milk").click()
    page.get_by_role("link", name="Details of Buy milk").click()
    page.get_by_label("Title").fill("Buy bread")
    page.get_by_label("Due date").fill("2026-12-24")
    page.get_by_label("Priority").select_option("High")
    page.get_by_role("button", name="Save").click()
    expect(get_titles(page)).to_have_text(["Buy bread", "Call Ann"])
    expect(get_items(page).nth(0)).to_contain_text("High")
    page.get_by_role("button", name="Delete Call Ann").click()
    expect(get_titles(page)).to_have_text(["Buy bread"])
    page.get_by_role("button", name="Undo").click()
    expect(get_titles(page)).to_have_text(["Buy bread", "Call Ann"])
    page.get_by_label("Search").fill("ann")
    page.get_by_role("button", name="Go").click()
    expect(get_titles(page)).to_have_text(["Call Ann"])
    page.goto(f"{site}/profile")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_trashed_task_is_restored(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user)
    page.get_by_role("button", name="Delete Buy milk").click()
    page.get_by_role("link", name="Trash").click()

    page.get_by_role("button", name="Restore Buy milk").click()

    expect(get_items(page)).to_have_count(0)
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    wait_until_saved(page)
    assert Task.objects.in_status("open").get().title == "Buy milk"


def test_from_the_profile_to_the_end_of_the_account(
    open_page, site, user, make_task, tmp_path
):
    make_task(title="Buy milk")
    page = open_page(f"{site}/profile", user)
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("Time zone").fill("Berlin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    file = tmp_path / "tasks.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())[0]["title"] == "Buy milk"
    Task.objects.all().delete()

    import_file(page, file)
    expect(page.get_by_text("1 task added.")).to_be_visible()
    file.write_text('[\n{"title": ""}]')
    import_file(page, file)
    expect(page.get_by_text("Line 2, title: This field may not")).to_be_visible()

    page.goto(f"{site}/profile")
    page.get_by_role("link", name="Delete the account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_text("Your account and everything in it")).to_be_visible()
    assert not User.objects.exists()


def import_file(page, file):
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").click()


def test_a_list_of_thousands_of_tasks_works(open_page, site, user):
    Task.objects.bulk_create(Task(owner=user, title=f"{n}") for n in range(2_000))
    page = open_page(site, user)

    add_tasks(page, "one more")
    expect(get_count(page)).to_have_text("1,000+ items left")
    page.get_by_label("Mark all as complete").check()
    expect(get_count(page)).to_have_text("0 items left")
