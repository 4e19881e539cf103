"""Tasks."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from uuid_utils.compat import uuid7

# Where a task stands in the order of due dates: without one, after all that have one.
DUE = Coalesce("due_date", Value(date.max, models.DateField()))


# What is shown of a task, everywhere.
FIELDS = [
    *("id", "title", "description", "priority", "due_date"),
    *("completed_at", "deleted_at", "created_at", "updated_at"),
]
OPEN = Q(completed_at=None, deleted_at=None)
COMPLETED = Q(completed_at__isnull=False, deleted_at=None)
TRASHED = Q(deleted_at__isnull=False)
EVERYBODYS = Q(priority__gte=0)
# A task has one status; `all` are those that are not in the trash.
STATUSES = {"open": "open", "completed": "completed", "all": "kept", "trash": "trashed"}
VERBS = {  # which tasks each changes, and how
    "complete": (OPEN, {"completed_at": Now()}),
    "reopen": (COMPLETED, {"completed_at": None}),
    "trash": (Q(deleted_at=None), {"deleted_at": Now()}),
    "restore": (TRASHED, {"deleted_at": None}),
}


class TaskQuerySet(models.QuerySet):
    def owned_by(self, user):
        return self.filter(owner_id=user.pk)

    def kept(self):
        return self.filter(deleted_at=None)

    def open(self):
        return self.filter(OPEN)

    def completed(self):
        return self.filter(COMPLETED)

    def trashed(self):
        return self.filter(TRASHED)

    def due_today(self, today):
        return self.alias(due=DUE).filter(due=today)

    def overdue(self, today):
        return self.alias(due=DUE).filter(due__lt=today, completed_at=None)

    def upcoming(self, today):
        return self.alias(due=DUE).filter(due__gt=today).exclude(due_date=None)

    def matching(self, text):
        """Those with this text, in any case, anywhere in the title or description."""
        return self.filter(Q(title__icontains=text) | Q(description__icontains=text))

    def in_status(self, status):
        return getattr(self, STATUSES[status])()

    def changed_by(self, verb):
        """Those that the verb changes, and their new values."""
        condition, values = VERBS[verb]
        return self.filter(condition), values | {"updated_at": Now()}

    def complete(self):
        return self._do("complete")

    def reopen(self):
        return self._do("reopen")

    def trash(self):
        return self._do("trash")

    def restore(self):
        return self._do("restore")

    def _do(self, verb):
        tasks, values = self.changed_by(verb)
        return tasks.update(**values)


class Task(models.Model):
    """One thing its owner means to do; done once it has a time of completion."""

    class Priority(models.IntegerChoices):
        NONE = 0
        LOW = 1
        MEDIUM = 2
        HIGH = 3

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tasks",
        db_index=False,  # task_newest begins with it
    )
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=10_000, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NONE)
    due_date = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField("in the trash since", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of the request that made it, if that had an Idempotency-Key: the task's id.
    request_digest = models.BinaryField(max_length=32, null=True, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(title__regex=r"^\S(.*\S)?$"),
                name="task_title_trimmed",
                violation_error_message="A title needs a character that is not blank.",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("description"), 10_000),
                name="task_description_length",
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(0, 3)),
                name="task_priority_range",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "created_at", "id"], name="task_newest"),
            models.Index(F("owner"), DUE, F("id"), name="task_due"),
            models.Index(fields=["owner", "priority", "id"], name="task_priority"),
            # What is open, without the years of what is done in between.
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=OPEN,
                name="task_open_newest",
            ),
            models.Index(
                F("owner"), DUE, F("id"), condition=OPEN, name="task_open_due"
            ),
            models.Index(
                fields=["owner", "priority", "id"],
                condition=OPEN,
                name="task_open_priority",
            ),
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=Q(deleted_at__isnull=False),
                name="task_trashed",
            ),
            # For the admin, whose queries state what holds for all. Without this
            # condition PostgreSQL would take it for a person's list, and read past the
            # newer tasks of everybody else.
            models.Index(
                fields=["created_at"], condition=EVERYBODYS, name="task_everybodys"
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        if not self._state.adding:
            self.updated_at = timezone.now()  # the version, for those who read before
        super().save(**kwargs)

    def clean(self):
        self.title = self.title.strip()

    @property
    def completed(self):
        return self.completed_at is not None
