"""What a write that the database refused means for the client."""

from django.db import IntegrityError

ERRORS = {  # constraint: field, code and message
    "task_list_of_owner": ("list", "not_found", "There is no such list."),
    "task_due_time_needs_date": ("due_time", "invalid", "A time needs a due date."),
    "task_labels_valid": ("labels", "max_length", "A task has at most 50 labels."),
    "task_repeat_needs_date": ("repeat", "invalid", "Repeating needs a due date."),
    "list_name_unique": ("name", "unique", "You have a list with this name already."),
}


def constraint_error(error: IntegrityError) -> tuple[str, str, str] | None:
    """Return the field, code and message, or None for another error."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    return ERRORS.get(name)
