"""Rows of tasks for the templates."""

from uuid import UUID

from django.utils.formats import date_format

from todo import tasks

RELATIVE_DAYS = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def task_context(row, today):
    """Add what the templates need to a row: version, due date label and state."""
    row = tasks.serialize(row)
    row["version"] = tasks.version(row)
    if due := row["due_date"]:
        row["due_label"] = _due_label(due, today)
        row["due_state"] = "" if row["completed"] else _due_state(due, today)
    return row


def is_in_view(row, view):
    """Return whether the list of this status shows the row."""
    if row["deleted_at"]:
        return view == "trash"
    return view == "all" or view == ("completed" if row["completed_at"] else "open")


def uuid_or_none(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def _due_label(due, today):
    absolute = "M j" if due.year == today.year else "M j, Y"
    return RELATIVE_DAYS.get((due - today).days) or date_format(due, absolute)


def _due_state(due, today):
    if due > today:
        return ""
    return "today" if due == today else "overdue"
