"""Tasks as the pages show them: dicts, straight from the database."""

from django.utils.formats import date_format

from todo.tasks import version

# The status of the tasks in each.
VIEWS = {"all": "all", "active": "open", "completed": "completed", "trash": "trash"}
NEAR = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def present(row, today):
    """The row with all that a template asks of it."""
    row["completed"] = row["completed_at"] is not None
    row["version"] = version(row)
    if due := row["due_date"]:
        row["due_label"] = _due_label(due, today)
        row["due_state"] = "" if row["completed"] else _due_state(due, today)
    return row


def belongs(row, view):
    """Whether the row is shown in that view."""
    if row["deleted_at"]:
        return view == "trash"
    return view == "all" or view == ("completed" if row["completed_at"] else "active")


def _due_label(due, today):
    far = "M j" if due.year == today.year else "M j, Y"
    return NEAR.get((due - today).days) or date_format(due, far)


def _due_state(due, today):
    if due > today:
        return ""
    return "today" if due == today else "overdue"
