"""Elements of the list page, actions on them, and what those change."""

from datetime import UTC, datetime
from uuid import UUID

from django.test import Client
from playwright.sync_api import Locator, Page

from todo.models import Task

LAST_YEAR = datetime(2025, 3, 1, tzinfo=UTC)
PHONE = {"has_touch": True, "viewport": {"width": 360, "height": 740}}
CHANGED_BY_UNDO = {"updated_at", "previous_completed_at", "returned_at"}


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


def wait_until_saved(page: Page) -> None:
    """Wait until the server has all that was done on the page."""
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((name) => name.includes(':outbox:'))"
    )


def snapshot() -> dict[UUID, dict]:
    """Return all tasks as they are, but for what only shows that they changed."""
    return {
        row["id"]: {k: v for k, v in row.items() if k not in CHANGED_BY_UNDO}
        for row in Task.objects.values()
    }


def changed_since(before: dict[UUID, dict]) -> set[str]:
    """Return the titles that the tasks which changed had before."""
    after = snapshot()
    return {before[pk]["title"] for pk in before if before[pk] != after[pk]}


def get_listed(client: Client, url: str) -> list[str]:
    """Return the titles of the tasks that a page lists."""
    return [row["title"] for row in client.get(url).context["tasks"]]
