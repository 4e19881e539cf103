"""Elements of the list page, and actions on them."""

from playwright.sync_api import Locator, Page


def add_tasks(page: Page, *titles: str) -> None:
    new = page.get_by_placeholder("What needs to be done?")
    for title in titles:
        new.fill(title)
        new.press("Enter")


def get_items(page: Page) -> Locator:
    return page.get_by_test_id("todo-item")


def get_titles(page: Page) -> Locator:
    return page.get_by_test_id("todo-title")


def get_count(page: Page) -> Locator:
    return page.get_by_test_id("todo-count")


def open_edit_box(page: Page, index: int) -> Locator:
    """Open the edit box of an item by a double click, and return it."""
    item = get_items(page).nth(index)
    item.dblclick()
    return item.get_by_role("textbox", name="Edit")
