"""What a write that the database refused means for the client."""

from django.db import IntegrityError

from todo.labels import MAX_LABELS
from todo.models.task import NEEDS_DUE_DATE

ERRORS = {  # constraint: field, code and message
    "task_list_of_owner": ("list", "not_found", "There is no such list."),
    "task_due_time_needs_date": ("due_time", "invalid", NEEDS_DUE_DATE["due_time"]),
    "task_labels_valid": (
        *("labels", "max_length"),
        f"A task has at most {MAX_LABELS} labels.",
    ),
    "task_repeat_needs_date": ("repeat", "invalid", NEEDS_DUE_DATE["repeat"]),
    "list_name_unique": ("name", "unique", "You have a list with this name already."),
}


def constraint_error(error: IntegrityError) -> tuple[str, str, str] | None:
    """Return the field, code and message, or None for another error."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    return ERRORS.get(name)
