"""The statuses of tasks, and the conditions that say which tasks have them."""

from django.db import models
from django.db.models import Q

IS_KEPT = Q(deleted_at=None)
IS_OPEN = Q(completed_at=None, deleted_at=None)
IS_COMPLETED = Q(completed_at__isnull=False, deleted_at=None)
IS_TRASHED = Q(deleted_at__isnull=False)


class Status(models.TextChoices):
    """The lists a task can be in. `ALL` is everything that is not in the trash."""

    ALL = "all", "All"
    OPEN = "open", "Active"
    COMPLETED = "completed", "Completed"
    TRASH = "trash", "Trash"


STATUS_CONDITIONS = {
    Status.OPEN: IS_OPEN,
    Status.COMPLETED: IS_COMPLETED,
    Status.ALL: IS_KEPT,
    Status.TRASH: IS_TRASHED,
}
