"""The order by hand: with the mouse, a finger or keys, and to other lists."""

import pytest
from playwright.sync_api import expect

from todo.models import List, Task
from todo.tests.web.helpers import PHONE, get_items, get_titles, wait_until_saved

TITLES = ["One", "Two", "Three", "Four"]
BY_HAND = "/inbox?sort=position"

pytestmark = pytest.mark.browser


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.fixture
def open_inbox(open_page, site, user, make_task, home):
    pages = []

    def open_inbox(path=BY_HAND, **options):
        for title in TITLES:
            make_task(title=title)
        pages.append(open_page(site + path, user, **options))
        expect(get_titles(pages[0])).to_have_text(TITLES)
        return pages[0]

    yield open_inbox
    assert pages[0].problems == []


def stored():
    return [*Task.objects.order_by("position").values_list("title", flat=True)]


def middle(locator):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, index, target, dy=0):
    """Drag a row to the middle of an element, or `dy` pixels below it."""
    get_items(page).nth(index).hover()
    page.mouse.move(*middle(get_items(page).nth(index).locator(".grip")))
    page.mouse.down()
    x, y = middle(target)
    page.mouse.move(x, y, steps=5)
    page.mouse.move(x, y + dy)
    page.mouse.up()


@pytest.mark.parametrize(
    ("moved", "target", "dy", "expected"),
    [
        (0, 2, 5, ["Two", "Three", "One", "Four"]),
        (3, 0, -5, ["Four", "One", "Two", "Three"]),
        (1, 3, 5, ["One", "Three", "Four", "Two"]),
        (0, 0, 0, TITLES),
        (0, 1, -5, TITLES),
    ],
    ids=["down", "to the top", "to the end", "on itself", "where it is"],
)
def test_a_row_is_dragged(open_inbox, moved, target, dy, expected):
    page = open_inbox()

    drag(page, moved, get_items(page).nth(target), dy)

    expect(get_titles(page)).to_have_text(expected)
    wait_until_saved(page)
    assert stored() == expected
    page.reload()
    expect(get_titles(page)).to_have_text(expected)


def test_escape_ends_a_drag(open_inbox):
    page = open_inbox()
    page.mouse.move(*middle(get_titles(page).nth(0)))
    page.mouse.down()
    page.mouse.move(*middle(get_items(page).nth(2)), steps=5)
    expect(page.locator(".ghost")).to_have_text("One")

    page.keyboard.press("Escape")
    page.mouse.up()

    expect(page.locator(".ghost")).to_have_count(0)
    expect(get_titles(page)).to_have_text(TITLES)


def test_a_drag_does_not_open_the_details(open_inbox):
    page = open_inbox()

    drag(page, 0, get_items(page).nth(2), 5)

    page.wait_for_timeout(400)
    expect(page.get_by_label("Title")).to_have_count(0)


@pytest.mark.parametrize(
    ("key", "index", "expected", "place"),
    [
        ("Alt+ArrowDown", 0, ["Two", "One", "Three", "Four"], "place 2 of 4"),
        ("Alt+ArrowUp", 3, ["One", "Two", "Four", "Three"], "place 3 of 4"),
        ("Alt+ArrowUp", 1, ["Two", "One", "Three", "Four"], "place 1 of 4"),
    ],
)
def test_keys_move_a_row_and_say_where_it_is(open_inbox, key, index, expected, place):
    page = open_inbox()
    row = get_items(page).nth(index)
    row.focus()

    page.keyboard.press(key)

    expect(get_titles(page)).to_have_text(expected)
    expect(page.locator("#announcement")).to_contain_text(place)
    expect(get_items(page).get_by_text(TITLES[index])).to_have_count(1)
    focused = page.locator(":focus [data-testid=todo-title]")
    expect(focused).to_have_text(TITLES[index])
    wait_until_saved(page)
    assert stored() == expected


def test_keys_move_a_row_several_places(open_inbox):
    page = open_inbox()
    get_items(page).nth(0).focus()

    for _ in range(5):
        page.keyboard.press("Alt+ArrowDown")

    expect(get_titles(page)).to_have_text(["Two", "Three", "Four", "One"])
    wait_until_saved(page)
    assert stored() == ["Two", "Three", "Four", "One"]


def test_a_move_that_is_refused_is_put_back(open_inbox):
    page = open_inbox()
    routes = []
    page.route("**/move", lambda route: routes.append(route))
    get_items(page).nth(0).focus()
    with page.expect_request("**/move"):
        page.keyboard.press("Alt+ArrowDown")
    expect(get_titles(page)).to_have_text(["Two", "One", "Three", "Four"])

    routes[0].fulfill(status=409, content_type="text/plain", body="No.")

    expect(get_titles(page)).to_have_text(TITLES)
    expect(page.locator("#toast")).to_contain_text("No.")
    page.problems.clear()  # the browser reports the response


def test_a_move_is_undone(open_inbox):
    page = open_inbox()
    get_items(page).nth(0).focus()
    page.keyboard.press("Alt+ArrowDown")

    page.keyboard.press("ControlOrMeta+z")

    expect(get_titles(page)).to_have_text(TITLES)
    wait_until_saved(page)
    assert stored() == TITLES


def test_another_order_says_how_to_get_the_one_by_hand(open_inbox):
    page = open_inbox("/inbox?sort=created_at")
    get_items(page).nth(0).focus()

    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#toast")).to_contain_text("By hand")
    drag(page, 0, get_items(page).nth(2), 5)
    expect(page.locator("#toast")).to_contain_text("By hand")

    expect(get_titles(page)).to_have_text(TITLES)
    assert stored() == TITLES


def test_a_row_is_dropped_on_a_list(open_inbox, home):
    page = open_inbox()

    drag(page, 1, page.locator("#side").get_by_role("link", name="Home"))

    expect(get_titles(page)).to_have_text(["One", "Three", "Four"])
    wait_until_saved(page)
    assert Task.objects.get(list=home).title == "Two"


def test_a_row_is_dropped_on_today_in_any_order(open_inbox, user):
    page = open_inbox("/inbox?sort=created_at")

    drag(page, 1, page.locator("#side").get_by_role("link", name="Today"))

    wait_until_saved(page)
    assert Task.objects.get(due_date=user.today).title == "Two"


def test_a_row_that_has_left_the_list_can_have_more_changes_that_wait(
    open_inbox, site, home
):
    page = open_inbox("/?sort=created_at")
    page.route("**/set", lambda route: route.abort())
    drag(page, 1, page.locator("#side").get_by_role("link", name="Home"))
    get_items(page).nth(1).focus()
    page.keyboard.press("2")

    page.goto(f"{site}/inbox")
    expect(get_titles(page)).to_have_text(["One", "Three", "Four"])
    page.unroute_all()
    page.locator("#outbox .send").click()
    wait_until_saved(page)

    task = Task.objects.get(title="Two")
    assert (task.list, task.priority) == (home, 2)
    # The browser reports the requests that were aborted.
    page.problems = [text for text in page.problems if "ERR_FAILED" not in text]


@pytest.mark.parametrize(
    ("name", "values"),
    [("garden", {"labels": ["garden"]}), ("Trash", {"deleted_at__isnull": False})],
    ids=["label", "trash"],
)
def test_a_row_is_dropped_on_other_views(open_inbox, make_task, home, name, values):
    make_task(title="Zero", labels=["garden"], list=home)
    page = open_inbox()

    drag(page, 1, page.locator("#side").get_by_role("link", name=name))

    wait_until_saved(page)
    assert Task.objects.filter(title="Two", **values).exists()


def test_several_rows_are_dragged_at_once(open_inbox, home):
    page = open_inbox()
    for index in (0, 2):
        get_titles(page).nth(index).click(modifiers=["ControlOrMeta"])

    drag(page, 0, page.locator("#side").get_by_role("link", name="Home"))

    expect(get_titles(page)).to_have_text(["Two", "Four"])
    wait_until_saved(page)
    assert Task.objects.filter(list=home).count() == 2


def test_several_rows_are_dragged_behind_another(open_inbox):
    page = open_inbox()
    for index in (0, 1):
        get_titles(page).nth(index).click(modifiers=["ControlOrMeta"])

    drag(page, 0, get_items(page).nth(3), 5)

    expect(get_titles(page)).to_have_text(["Three", "Four", "One", "Two"])
    wait_until_saved(page)
    assert stored() == ["Three", "Four", "One", "Two"]


def choose_and_drag_two_rows(page):
    for index in (0, 1):
        get_titles(page).nth(index).click(modifiers=["ControlOrMeta"])
    drag(page, 0, get_items(page).nth(2), 5)
    expect(get_titles(page)).to_have_text(["Three", "One", "Two", "Four"])


def test_rows_that_are_dragged_together_are_one_request_and_one_undo(open_inbox):
    page = open_inbox()
    posts = []
    page.on("request", lambda request: posts.append(request.method))

    choose_and_drag_two_rows(page)
    text = "2 tasks from place 2 of 4."
    expect(page.locator("#announcement")).to_have_text(text)
    wait_until_saved(page)
    expect(page.locator("#toast")).to_contain_text("Moved: 2 tasks.")
    assert posts.count("POST") == 1
    page.keyboard.press("ControlOrMeta+z")

    expect(get_titles(page)).to_have_text(TITLES)
    wait_until_saved(page)
    assert stored() == TITLES


def test_rows_whose_move_is_refused_are_put_back(open_inbox):
    page = open_inbox()
    answer = {"status": 409, "content_type": "text/plain", "body": "No."}
    page.route("**/tasks/bulk", lambda route: route.fulfill(**answer))

    with page.expect_request("**/tasks/bulk"):
        for index in (0, 1):
            get_titles(page).nth(index).click(modifiers=["ControlOrMeta"])
        drag(page, 0, get_items(page).nth(2), 5)

    expect(page.locator("#toast")).to_contain_text("No.")
    expect(get_titles(page)).to_have_text(TITLES)
    page.problems.clear()  # the browser reports the response


def test_the_page_scrolls_while_a_row_is_at_its_edge(open_inbox, make_task):
    page = open_inbox()
    for number in range(40):
        make_task(title=f"{number}")
    page.reload()
    page.mouse.move(*middle(get_titles(page).nth(0)))
    page.mouse.down()

    page.mouse.move(300, 400, steps=3)
    page.mouse.move(300, page.viewport_size["height"] - 5)
    expect(get_items(page).nth(0)).not_to_be_in_viewport()
    page.mouse.up()

    wait_until_saved(page)
    assert stored()[0] == "Two"


def test_a_finger_that_is_held_drags_a_row(open_inbox):
    page = open_inbox(**PHONE)
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        arguments = {"type": kind, "touchPoints": points}
        session.send("Input.dispatchTouchEvent", arguments)

    x, y = middle(get_titles(page).nth(0))
    target_x, target_y = middle(get_items(page).nth(2))
    touch("touchStart", (x, y))
    page.wait_for_timeout(700)
    for step in range(1, 6):
        touch("touchMove", (x, y + (target_y + 5 - y) * step / 5))
    touch("touchEnd")

    expect(get_titles(page)).to_have_text(["Two", "Three", "One", "Four"])
    assert page.evaluate("scrollY") == 0
    wait_until_saved(page)
    assert stored() == ["Two", "Three", "One", "Four"]
