"""Rows of tasks for the templates."""

from itertools import accumulate
from uuid import UUID

from django.utils.formats import date_format

from todo import checklists, tasks
from todo.models import Task
from todo.web.markdown import title_html
from todo.web.repeat_text import repeat_text

MAX_PARSED = 250_000  # characters of descriptions on a page
RELATIVE_DAYS = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def page_context(rows, today, lists=()):
    """Return the `task_context` of the rows of a page.

    Parsing takes longest, so descriptions after MAX_PARSED characters are plain text.
    """
    ends = accumulate(len(row["description"]) for row in rows)
    return [
        task_context(row, today, lists, is_parsed=end <= MAX_PARSED)
        for row, end in zip(rows, ends, strict=True)
    ]


def task_context(row, today, lists=(), is_parsed=True):
    """Add what the templates need to a row, from the rows of its owner's lists.

    A list that was made after them is not shown.
    """
    row = tasks.serialize(row)
    row["version"] = tasks.version(row)
    row["is_parsed"] = is_parsed
    row["checklist"] = checklists.lines(row["description"]) if is_parsed else []
    row["item_count"] = len(row["checklist"])
    row["items_done"] = sum(item.done for item in row["checklist"])
    row["title_html"] = title_html(row["title"])
    row["in_list"] = next((each for each in lists if each["id"] == row["list"]), None)
    if due := row["due_date"]:
        time = row["due_time"]
        row["due_label"] = due_text(due, today) + (f" {time}" if time else "")
        row["due_state"] = "" if row["completed"] else _due_state(due, today)
    if rule := row["repeat"]:
        row["repeat_text"] = repeat_text(rule, row["repeat_after_completion"])
    return row


def summary(row):
    """Return all but the title of a new task's `task_context`, such as `due today`."""
    due, priority = row.get("due_label"), row["priority"]
    is_relative = due and due.split()[0] in RELATIVE_DAYS.values()
    parts = [
        due and f"due {due.lower() if is_relative else due}",
        row.get("repeat_text", "").replace("Every", "every", 1),
        *(f"#{label}" for label in row["labels"]),
        priority and Task.Priority(priority).label.lower(),
        row["in_list"] and f"in {row['in_list']['name']}",
    ]
    return ", ".join(filter(None, parts))


def uuid_or_none(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def due_text(due, today):
    """Return such as `Today`, `Jun 17` or `Jan 1, 2027`."""
    absolute = "M j" if due.year == today.year else "M j, Y"
    return RELATIVE_DAYS.get((due - today).days) or date_format(due, absolute)


def _due_state(due, today):
    if due > today:
        return ""
    return "today" if due == today else "overdue"
