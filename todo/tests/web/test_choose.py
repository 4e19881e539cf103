"""Several tasks are chosen, and changed at once."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from todo.models import List, Task
from todo.tests.web.helpers import PHONE, get_items, get_titles, wait_until_saved

TITLES = ["One", "Two", "Three", "Four"]

pytestmark = pytest.mark.browser
on_phones_too = pytest.mark.parametrize(
    "page", [{}, PHONE], indirect=True, ids=["desktop", "phone"]
)


@pytest.fixture
def page(open_page, site, user, make_task, request):
    List.objects.create(owner=user, name="Home")
    for title in TITLES:
        make_task(title=title)
    page = open_page(site, user, **getattr(request, "param", {}))
    yield page
    assert page.problems == []


def get_bar(page):
    return page.get_by_role("toolbar", name="Chosen tasks")


def title(page, name):
    return get_titles(page).get_by_text(name, exact=True)


def choose(page, *names):
    for name in names:
        title(page, name).click(modifiers=["ControlOrMeta"])
    expect(get_bar(page)).to_contain_text(f"{len(names)} chosen")


def expect_chosen(page, *names):
    chosen = page.locator("#tasks .chosen [data-testid=todo-title]")
    expect(chosen).to_have_text(list(names))


def test_ctrl_and_click_chooses_and_choosing_again_takes_back(page):
    choose(page, "One", "Three")
    expect_chosen(page, "One", "Three")
    expect(page.locator("#announcement")).to_contain_text("2 tasks chosen")

    title(page, "One").click(modifiers=["ControlOrMeta"])
    expect_chosen(page, "Three")
    title(page, "Three").click(modifiers=["ControlOrMeta"])
    expect(get_bar(page)).to_be_hidden()


def test_shift_and_click_chooses_up_to_there(page):
    choose(page, "Two")

    title(page, "Four").click(modifiers=["Shift"])
    expect_chosen(page, "Two", "Three", "Four")
    title(page, "One").click(modifiers=["Shift"])
    expect_chosen(page, "One", "Two")


@pytest.mark.parametrize("key", ["Shift+ArrowDown", "Shift+J"])
def test_keys_choose_up_to_there(page, key):
    get_items(page).nth(1).focus()

    page.keyboard.press(key)
    page.keyboard.press(key)

    expect_chosen(page, "Two", "Three", "Four")


@pytest.mark.parametrize("key", ["v", "Space"])
def test_a_key_chooses_the_row(page, key):
    get_items(page).nth(1).focus()

    page.keyboard.press(key)
    expect_chosen(page, "Two")
    page.keyboard.press(key)
    expect(get_bar(page)).to_be_hidden()


def test_all_are_chosen_and_escape_ends_it(page):
    get_items(page).nth(1).focus()

    page.keyboard.press("ControlOrMeta+a")
    expect_chosen(page, *TITLES)
    page.keyboard.press("Escape")

    expect(get_bar(page)).to_be_hidden()
    expect(page.locator("#tasks .chosen")).to_have_count(0)


def test_the_tasks_are_completed_and_one_undo_brings_them_back(page):
    choose(page, "One", "Three")

    get_bar(page).get_by_role("button", name="Complete").click()
    expect(page.locator("#tasks .completed")).to_have_count(2)
    wait_until_saved(page)
    assert Task.objects.in_status("completed").count() == 2
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#tasks .completed")).to_have_count(0)
    wait_until_saved(page)
    assert not Task.objects.in_status("completed").exists()


def test_the_focus_goes_to_the_next_row_if_those_that_were_chosen_leave(page, site):
    page.goto(f"{site}/active")
    choose(page, "One", "Two")

    get_bar(page).get_by_role("button", name="Complete").press("Enter")

    focused = page.locator(":focus [data-testid=todo-title]")
    expect(focused).to_have_text("Three")


@on_phones_too
def test_one_request_changes_them_all(page):
    requests = []
    page.on("request", lambda request: requests.append(request))
    choose(page, "One", "Two", "Three")

    get_bar(page).get_by_role("button", name="Delete").click()

    expect(get_titles(page)).to_have_text(["Four"])
    wait_until_saved(page)
    assert Task.objects.in_status("trash").count() == 3
    assert len([each for each in requests if each.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("part", "name", "values"),
    [
        ("Priority", "High", {"priority": 3}),
        ("List", "Home", {"list__name": "Home"}),
        ("Date", "No date", {"due_date": None}),
    ],
)
def test_the_tasks_get_values(page, part, name, values):
    choose(page, "One", "Three")

    get_bar(page).get_by_role("button", name=part).click()
    page.locator("#quick").get_by_role("button", name=name).click()
    wait_until_saved(page)

    changed = Task.objects.filter(title__in=["One", "Three"], **values)
    assert changed.count() == 2


@on_phones_too
def test_the_tasks_get_a_label_and_lose_it(page):
    for name, labels in [("Add", ["home"]), ("Remove", [])]:
        choose(page, "One", "Three")
        get_bar(page).get_by_role("button", name="Label").click()
        page.get_by_label("Label", exact=True).fill("home")
        page.locator("#quick").get_by_role("button", name=f"{name} the label").click()
        wait_until_saved(page)
        page.keyboard.press("Escape")

        assert Task.objects.get(title="One").labels == labels


def test_the_bar_is_one_stop_and_the_arrow_keys_go_through_it(page):
    choose(page, "One")
    buttons = get_bar(page).get_by_role("button")

    buttons.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(buttons.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(buttons.last).to_be_focused()
    page.keyboard.press("Enter")

    expect(get_bar(page)).to_be_hidden()


def test_completed_tasks_are_reopened(page):
    get_items(page).nth(0).get_by_role("checkbox").check()
    choose(page, "One")

    get_bar(page).get_by_role("button", name="Reopen").click()

    wait_until_saved(page)
    assert not Task.objects.in_status("completed").exists()


def test_tasks_in_the_trash_are_restored(page, site):
    Task.objects.update(deleted_at=timezone.now())
    page.goto(f"{site}/trash")
    choose(page, "One", "Three")

    expect(get_bar(page).get_by_role("button")).to_have_count(2)
    get_bar(page).get_by_role("button", name="Restore").click()

    expect(get_titles(page)).to_have_text(["Two", "Four"])
    wait_until_saved(page)
    assert Task.objects.in_status("open").count() == 2


def touch(page, name, hold=0):
    """Put a finger on a title, and lift it after some milliseconds."""
    box = title(page, name).bounding_box()
    point = {"x": box["x"] + 40, "y": box["y"] + 8}
    session = page.context.new_cdp_session(page)
    session.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]}
    )
    page.wait_for_timeout(hold)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_touch_and_hold_chooses_and_then_a_tap_does(page):
    touch(page, "One", hold=700)
    expect_chosen(page, "One")

    touch(page, "Three")
    expect_chosen(page, "One", "Three")
    touch(page, "Three")
    expect_chosen(page, "One")


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_a_tap_opens_the_details(page):
    touch(page, "One")

    expect(get_items(page).nth(0).get_by_label("Title")).to_be_visible()
