"""What people do with the pages, from end to end."""

import json
import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from aido.testing.processes import becomes_healthy, running_server
from todo.models import Session, Task, User
from todo.tests.conftest import PASSWORD
from todo.tests.web.conftest import add, edit_box, items, titles

pytestmark = pytest.mark.browser


def sign_up(page, email="new@example.com"):
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()


def test_from_sign_up_to_sign_out(open_page, site):
    page = open_page(site)

    sign_up(page)
    expect(page.get_by_text("Type the first one and press Enter")).to_be_visible()
    add(page, "Buy milk", "Call Ann")
    edit = edit_box(page, 0)
    edit.fill("Buy bread")
    edit.press("Enter")
    expect(titles(page)).to_have_text(["Buy bread", "Call Ann"])
    items(page).nth(0).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete Buy bread").click()
    expect(titles(page)).to_have_text(["Call Ann"])
    page.get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["Buy bread", "Call Ann"])
    page.get_by_role("link", name="Completed").click()
    expect(titles(page)).to_have_text(["Buy bread"])
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
    expect(titles(page)).to_have_text(["Buy milk", "Call Ann"])
    page.get_by_role("button", name="Complete Buy milk").click()
    expect(items(page).nth(0)).to_have_class("completed")
    page.get_by_role("button", name="Reopen Buy milk").click()
    page.get_by_role("link", name="Details of Buy milk").click()
    page.get_by_label("Title").fill("Buy bread")
    page.get_by_label("Due date").fill("2026-12-24")
    page.get_by_label("Priority").select_option("High")
    page.get_by_role("button", name="Save").click()
    expect(titles(page)).to_have_text(["Buy bread", "Call Ann"])
    expect(items(page).nth(0)).to_contain_text("High")
    page.get_by_role("button", name="Delete Call Ann").click()
    expect(titles(page)).to_have_text(["Buy bread"])
    page.get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["Buy bread", "Call Ann"])
    page.get_by_label("Search").fill("ann")
    page.get_by_role("button", name="Go").click()
    expect(titles(page)).to_have_text(["Call Ann"])
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_two_tabs_do_not_overwrite_each_other(open_page, site, user, make_task):
    make_task(title="Buy milk")
    first, second = open_page(site, user), open_page(site, user)
    edits = [edit_box(tab, 0) for tab in (first, second)]

    edits[0].fill("Buy bread")
    edits[0].press("Enter")
    expect(titles(first)).to_have_text(["Buy bread"])
    edits[1].fill("Buy cheese")
    edits[1].press("Enter")

    expect(second.locator("#toast")).to_contain_text("Its title is now “Buy bread”")
    expect(edits[1]).to_have_value("Buy cheese")
    assert Task.objects.get().title == "Buy bread"
    edits[1].press("Enter")
    expect(titles(second)).to_have_text(["Buy cheese"])


def test_the_details_of_two_tabs_do_not_either(open_page, site, user, make_task):
    make_task(title="Buy milk")
    first, second = open_page(site, user), open_page(site, user)
    for tab in (first, second):
        tab.get_by_role("link", name="Details of Buy milk").click()
        expect(tab.get_by_label("Title")).to_be_focused()

    first.get_by_label("Description").fill("two litres")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_label("Title")).to_have_count(0)
    second.get_by_label("Description").fill("skimmed")
    second.get_by_role("button", name="Save").click()

    expect(second.get_by_text("was changed in another window")).to_be_visible()
    expect(second.get_by_label("Description")).to_have_value("skimmed")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_label("Title")).to_have_count(0)
    assert Task.objects.get().description == "skimmed"


def test_a_session_that_ends_in_the_middle_of_an_edit_loses_no_text(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    edit = edit_box(page, 0)
    Session.objects.all().delete()

    edit.fill("Buy bread")
    edit.press("Enter")
    expect(page.locator("#toast")).to_contain_text("You are signed out")
    expect(edit).to_have_value("Buy bread")
    tab = page.context.new_page()
    tab.goto(f"{site}/accounts/login/")
    tab.get_by_label("Email").fill(user.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(tab.get_by_label("New task")).to_be_visible()
    edit.press("Enter")

    expect(titles(page)).to_have_text(["Buy bread"])


def test_a_database_that_goes_away_between_two_clicks_loses_no_text(
    open_page, user, proxied_url, proxy
):
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url) as site:
        page = open_page(site, user)
        add(page, "Buy milk")
        expect(titles(page)).to_have_text(["Buy milk"])
        proxy.stop()

        add(page, "Buy bread")
        toast = page.locator("#toast")
        expect(toast).to_contain_text("database is unavailable", timeout=20_000)
        expect(page.get_by_label("New task")).to_have_value("Buy bread")
        plain = open_page(site, user, java_script_enabled=False)
        expect(plain.get_by_role("heading", name="Back in a moment")).to_be_visible()
        proxy.start()
        assert becomes_healthy(site)

        plain.get_by_role("button", name="Try again").click()
        expect(titles(plain)).to_have_text(["Buy milk"], timeout=20_000)
        page.get_by_label("New task").press("Enter")
        expect(titles(page)).to_have_text(["Buy milk", "Buy bread"], timeout=20_000)
    assert Task.objects.count() == 2


def test_due_date_and_priority_are_set_in_the_row(open_page, site, user, make_task):
    user.time_zone = "Asia/Tokyo"
    user.save()
    make_task(title="Buy milk")
    page = open_page(site, user)

    for days, label in ((0, "Today"), (-1, "Overdue: Yesterday"), (1, "Tomorrow")):
        page.get_by_role("link", name="Details of Buy milk").click()
        day = user.today + timedelta(days)
        page.get_by_label("Due date").fill(day.isoformat())
        page.get_by_label("Priority").select_option("High")
        page.get_by_role("button", name="Save").click()
        expect(items(page).locator("time")).to_have_text(label)
    expect(items(page)).to_contain_text("High")


def test_the_keyboard_is_enough(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann", "Walk"):
        make_task(title=title)
    page = open_page(site, user)
    press = page.keyboard.press

    press("Escape")
    press("j")
    expect(items(page).nth(0)).to_be_focused()
    press("j")
    press("x")
    expect(items(page).nth(1)).to_have_class("completed")
    expect(items(page).nth(1)).to_be_focused()
    press("k")
    press("e")
    expect(page.get_by_role("textbox", name="Edit")).to_be_focused()
    page.keyboard.type("Buy bread x n")
    press("Enter")
    expect(titles(page).nth(0)).to_have_text("Buy bread x n")
    expect(items(page).nth(0)).to_be_focused()
    press("n")
    expect(page.get_by_label("New task")).to_be_focused()
    page.keyboard.type("jx?/")
    expect(page.get_by_label("New task")).to_have_value("jx?/")
    press("Escape")
    press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    press("Escape")
    press("?")
    expect(page.get_by_text("next, previous")).to_be_visible()
    press("Escape")
    expect(page.get_by_text("next, previous")).to_be_hidden()
    assert page.problems == []


def test_the_focus_stays_in_the_list_when_a_row_goes(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann"):
        make_task(title=title)
    page = open_page(site, user)

    page.get_by_role("button", name="Delete Buy milk").focus()
    page.keyboard.press("Enter")

    expect(items(page)).to_have_count(1)
    expect(items(page).nth(0)).to_be_focused()
    expect(page.locator("#announcement")).to_have_text("Moved to the trash: Buy milk")


def test_search_as_one_types(open_page, site, user, make_task):
    for title in ("Buy milk", "Call Ann"):
        make_task(title=title)
    page = open_page(site, user)

    page.get_by_label("Search").press_sequentially("ann", delay=20)

    expect(titles(page)).to_have_text(["Call Ann"])
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page).to_have_url(re.compile("q=ann"))
    page.get_by_label("Search").fill("")
    expect(titles(page)).to_have_text(["Buy milk", "Call Ann"])


def test_more_tasks_come_as_one_scrolls(open_page, site, user):
    Task.objects.bulk_create(Task(owner=user, title=f"{n}") for n in range(120))
    page = open_page(site, user)
    expect(items(page)).to_have_count(50)

    add(page, "last")  # before the others have come: it must not stand there twice
    for _ in range(4):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(300)

    expect(items(page)).to_have_count(121)
    expect(titles(page).last).to_have_text("last")
    assert page.problems == []


def test_a_link_waits_for_what_is_on_its_way(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user)
    held = []
    page.route("**/tasks/*/trash", lambda route: held.append(route))
    page.get_by_role("button", name="Delete Buy milk").click()
    page.get_by_role("link", name="Trash").click()
    page.wait_for_timeout(200)
    assert page.url == f"{site}/"

    held[0].continue_()

    expect(page).to_have_url(f"{site}/trash")
    expect(titles(page)).to_have_text(["Buy milk"])


def test_a_link_is_not_followed_when_what_it_waited_for_failed(open_page, site, user):
    page = open_page(site, user)
    held = []
    page.route("**/tasks/new", lambda route: held.append(route))
    page.get_by_label("New task").fill("Buy milk")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Active").click()

    held[0].abort()

    expect(page.get_by_label("New task")).to_have_value("Buy milk")
    assert page.url == f"{site}/"


def test_the_trash_gives_back(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(site, user)
    page.get_by_role("button", name="Delete Buy milk").click()
    page.get_by_role("link", name="Trash").click()

    page.get_by_role("button", name="Restore Buy milk").click()

    expect(items(page)).to_have_count(0)
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert Task.objects.in_status("open").get().title == "Buy milk"


def test_a_profile_its_files_and_its_end(open_page, site, user, make_task, tmp_path):
    make_task(title="Buy milk")
    page = open_page(f"{site}/profile", user)
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    file = tmp_path / "tasks.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())[0]["title"] == "Buy milk"
    Task.objects.all().delete()

    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("1 added, 0 skipped because they exist.")).to_be_visible()
    file.write_text('[\n{"title": ""}]')
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(
        page.get_by_text("Line 2, title: This field may not be blank.")
    ).to_be_visible()

    page.goto(f"{site}/profile")
    page.get_by_role("link", name="Delete the account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete for good").click()
    expect(
        page.get_by_text("Your account and everything in it were deleted")
    ).to_be_visible()
    assert not User.objects.exists()


def test_ten_thousand_tasks_are_no_burden(open_page, site, user):
    Task.objects.bulk_create(
        Task(owner=user, title=f"{n}", due_date=date(2026, 1, 1)) for n in range(10_000)
    )
    page = open_page(site, user)

    add(page, "one more")
    expect(page.get_by_test_id("todo-count")).to_have_text("10001 items left")
    page.get_by_label("Mark all as complete").check()
    expect(page.get_by_test_id("todo-count")).to_have_text("0 items left")
