"""The add box: what was understood, how long a title may be, where the new task is."""

import pytest
from playwright.sync_api import expect

from todo.models import List, Task
from todo.tests.web.helpers import (
    PHONE,
    add_tasks,
    get_items,
    get_titles,
    wait_until_saved,
)

TEXT = "Call Bob tomorrow 5pm #family"
EMOJI = "\N{GRINNING FACE}"  # one character, two UTF-16 code units

pytestmark = pytest.mark.browser
on_phones_too = pytest.mark.parametrize(
    "page", [{}, PHONE], indirect=True, ids=["desktop", "phone"]
)


@pytest.fixture
def page(open_page, site, user, request):
    page = open_page(site, user, **getattr(request, "param", {}))
    yield page
    assert page.problems == []


def get_box(page):
    return page.get_by_label("New task")


def get_chips(page):
    return page.locator("#chips .chip")


def type_text(page, text=TEXT):
    get_box(page).press_sequentially(text)
    expect(get_chips(page)).to_have_count(3)


@on_phones_too
def test_words_that_are_understood_are_shown_while_typing(page):
    type_text(page)

    for index, text in enumerate(["Tomorrow", "17:00", "family"]):
        expect(get_chips(page).nth(index)).to_contain_text(text)
    get_box(page).fill("")
    expect(get_chips(page)).to_have_count(0)


def test_words_that_are_understood_are_announced(page):
    type_text(page)

    expect(page.locator("#announcement")).to_contain_text("date Tomorrow, time 17:00")


@on_phones_too
def test_a_click_takes_a_chip_back(page, user):
    type_text(page)

    get_chips(page).nth(2).get_by_role("button").click()
    expect(get_chips(page)).to_have_count(2)
    expect(page.locator("#announcement")).to_contain_text("#family")
    get_box(page).press("Enter")

    expect(get_titles(page)).to_have_text(["Call Bob #family"])
    wait_until_saved(page)
    task = Task.objects.get()
    assert (task.title, task.labels) == ("Call Bob #family", [])
    assert task.due_date


def test_backspace_behind_the_words_takes_their_chip_back(page):
    get_box(page).press_sequentially("Call Bob tomorrow")
    expect(get_chips(page)).to_have_count(1)

    get_box(page).press("Backspace")

    expect(get_chips(page)).to_have_count(0)
    expect(get_box(page)).to_have_value("Call Bob tomorrow")
    get_box(page).press("Backspace")
    expect(get_box(page)).to_have_value("Call Bob tomorro")


@pytest.mark.parametrize("key", ["Backspace", "Delete"])
def test_a_key_on_a_chip_takes_it_back(page, key):
    type_text(page)

    get_chips(page).nth(2).get_by_role("button").focus()
    for count in (2, 1, 0):
        page.keyboard.press(key)
        expect(get_chips(page)).to_have_count(count)
        if count:
            expect(page.locator("#chips :focus")).to_have_count(1)
    expect(get_box(page)).to_be_focused()


def test_words_taken_back_are_understood_again_in_the_next_task(page):
    type_text(page, TEXT)
    get_box(page).press("Backspace")
    get_box(page).press("Enter")

    type_text(page, TEXT)


def test_enter_does_not_wait_for_the_chips(page):
    page.route("**/tasks/understand*", lambda route: None)

    get_box(page).press_sequentially(TEXT)
    get_box(page).press("Enter")

    expect(get_titles(page)).to_have_text(["Call Bob"])
    assert Task.objects.get().labels == ["family"]


@on_phones_too
def test_a_long_title_is_counted_in_characters_and_not_cut(page):
    get_box(page).fill(f"  {EMOJI * 180}  ")
    expect(page.locator("#title-length")).to_be_hidden()

    get_box(page).fill(EMOJI * 190)
    expect(page.locator("#title-length")).to_have_text("190 of 200 characters.")
    get_box(page).fill(EMOJI * 212)
    expect(page.locator("#title-length")).to_have_text(
        "12 too many: 212 of 200 characters."
    )
    get_box(page).press("Enter")

    expect(get_box(page)).to_have_value(EMOJI * 212)
    expect(get_items(page)).to_have_count(0)
    get_box(page).fill(EMOJI * 200)
    get_box(page).press("Enter")
    wait_until_saved(page)
    assert Task.objects.get().title == EMOJI * 200


@on_phones_too
def test_a_task_at_the_end_of_a_long_list_is_seen(page, make_task):
    for number in range(60):
        make_task(title=f"{number}")
    page.reload()

    add_tasks(page, "Buy milk")

    expect(get_titles(page).last).to_have_text("Buy milk")
    expect(get_titles(page).last).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/completed", "/?q=bread"], ids=["status", "search"])
def test_a_task_that_the_view_does_not_show_is_reported_with_a_link(page, site, path):
    page.goto(site + path)

    add_tasks(page, "Buy milk")

    expect(page.locator("#toast")).to_contain_text("Added")
    page.locator("#toast").get_by_role("link").click()
    expect(get_titles(page)).to_have_text(["Buy milk"])


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("/completed", "Buy milk", "in the inbox"),
        ("/?q=bread", "Buy milk", "in the inbox"),
        ("/upcoming", "Buy milk", "in the inbox"),
        ("/today", "Buy milk tomorrow", "due tomorrow"),
        ("/inbox", "Buy milk @Home", "in Home"),
    ],
    ids=["status", "search", "upcoming", "another day", "another list"],
)
def test_a_task_appears_in_no_view_that_does_not_show_it(
    page, site, user, path, text, place
):
    List.objects.create(owner=user, name="Home")
    page.goto(site + path)
    held = []
    page.route("**/tasks/new", lambda route: held.append(route))
    get_box(page).fill(text)
    expect(get_chips(page)).to_have_count(text.count(" ") - 1)
    get_box(page).press("Enter")
    while not held:
        page.wait_for_timeout(20)

    expect(get_items(page)).to_have_count(0)
    expect(page.locator("#toast")).to_contain_text("Added.")
    held[0].continue_()

    expect(page.locator("#toast")).to_contain_text(place)
    expect(page.locator("#toast").get_by_role("link", name="Show")).to_be_visible()
    expect(get_items(page)).to_have_count(0)


def test_a_new_task_that_matches_the_search_is_shown(page, site):
    page.goto(f"{site}/?q=milk")

    add_tasks(page, "Buy milk")

    expect(get_titles(page)).to_have_text(["Buy milk"])


def test_a_task_gets_the_values_of_the_view(page, site, user):
    home = List.objects.create(owner=user, name="Home")
    page.goto(f"{site}/lists/{home.pk}")

    add_tasks(page, "Buy milk")

    expect(get_titles(page)).to_have_text(["Buy milk"])
    wait_until_saved(page)
    assert Task.objects.get().list == home


@pytest.mark.parametrize("typed", ["", "Buy bread"], ids=["empty", "typed"])
def test_a_title_that_is_refused_is_typed_again_or_offered(page, typed):
    routes = []
    page.route("**/tasks/new", lambda route: routes.append(route))
    with page.expect_request("**/tasks/new"):
        add_tasks(page, "Buy milk")
    get_box(page).fill(typed)

    routes[0].fulfill(status=409, content_type="text/plain", body="No.")
    page.unroute("**/tasks/new")

    if typed:
        page.get_by_role("button", name="Edit it").click()
    expect(get_box(page)).to_have_value("Buy milk")
    expect(page.get_by_text(f"“{typed}” was not added")).to_have_count(len(typed) and 1)
    page.problems.clear()  # the browser reports the response
