"""Lines pasted into the add box become tasks, after a question."""

import pytest
from playwright.sync_api import expect

from todo.models import Task
from todo.tests.web.helpers import get_items, get_titles, wait_until_saved

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, site, user):
    page = open_page(site, user)
    yield page
    assert page.problems == []


PASTE = """(box, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const options = {clipboardData, bubbles: true, cancelable: true};
    const isIgnored = box.dispatchEvent(new ClipboardEvent("paste", options));
    if (isIgnored) box.setRangeText(text);
}"""


def paste(page, text):
    box = page.get_by_label("New task")
    box.focus()
    box.evaluate(PASTE, text)


def test_lines_become_tasks(page):
    paste(page, "Milk\n\n  Bread tomorrow\r\nCheese\n")

    add = page.get_by_role("button", name="Add 3 tasks")
    expect(add).to_be_focused()
    expect(get_items(page)).to_have_count(0)
    add.press("Enter")

    expect(get_titles(page)).to_have_text(["Milk", "Bread", "Cheese"])
    wait_until_saved(page)
    assert Task.objects.exclude(due_date=None).get().title == "Bread"


def test_bullets_are_removed(page):
    bullets = ["- ", "* ", "• ", "1. ", "2) ", "- [ ] ", "* [x] ", "[ ] "]
    paste(page, "".join(f"{bullet}Task {n}\n" for n, bullet in enumerate(bullets)))

    page.get_by_role("button", name="Add 8 tasks").click()

    expect(get_titles(page)).to_have_text([f"Task {number}" for number in range(8)])
    wait_until_saved(page)
    expect(get_titles(page)).to_have_text([f"Task {number}" for number in range(8)])


@pytest.mark.parametrize("key", ["click", "Escape"])
def test_lines_stay_one_text(page, key):
    page.get_by_label("New task").fill("Buy ")
    paste(page, "milk\nbread")

    if key == "click":
        page.get_by_role("button", name="Keep as one text").click()
    else:
        page.keyboard.press(key)

    box = page.get_by_label("New task")
    expect(box).to_have_value("Buy milk bread")
    expect(box).to_be_focused()
    expect(page.get_by_role("button", name="Add 2 tasks")).to_have_count(0)


def test_one_line_is_pasted_without_a_question(page):
    paste(page, "Buy milk\n")

    expect(page.get_by_role("button", name="Keep as one text")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("milk\n" + "x" * 201, "Line 2 has 201 characters"),
        ("milk\n" * 101, "At most 100 tasks"),
    ],
    ids=["a long line", "many lines"],
)
def test_what_cannot_be_added_is_reported_and_kept(page, text, reason):
    paste(page, text)

    expect(page.get_by_text(reason).last).to_be_visible()
    page.get_by_role("button", name="Keep as one text").press("Enter")

    expect(page.get_by_label("New task")).to_have_value(" ".join(text.split()))


def test_lines_are_added_once_after_an_outage(page):
    page.context.set_offline(True)
    paste(page, "Milk\nBread")
    with page.expect_console_message():  # the browser reports the failed request
        page.get_by_role("button", name="Add 2 tasks").click()
    expect(get_titles(page)).to_have_text(["Milk", "Bread"])
    page.problems.clear()

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")

    wait_until_saved(page)
    expect(get_titles(page)).to_have_text(["Milk", "Bread"])
    assert Task.objects.count() == 2
