"""Tasks: fields, constraints and indexes, and the meaning of statuses and verbs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo.models.text import FoldedField, fold, validate_visible

# What a client may write. The serializers, the schema and the exports follow from this.
WRITABLE_TASK_FIELDS = ["title", "description", "priority", "due_date"]
TASK_FIELDS = [
    *("id", *WRITABLE_TASK_FIELDS),
    *("completed_at", "deleted_at", "created_at", "updated_at"),
]

# Sorts tasks without a due date after all others.
DUE_DATE_OR_MAX = Coalesce("due_date", Value(date.max, models.DateField()))

IS_KEPT = Q(deleted_at=None)
IS_OPEN = Q(completed_at=None, deleted_at=None)
IS_COMPLETED = Q(completed_at__isnull=False, deleted_at=None)
IS_TRASHED = Q(deleted_at__isnull=False)
ALWAYS_TRUE = Q(priority__gte=0)


def next_version(now):
    """Return an expression for the next `updated_at`: `now`, or a bit later.

    It never goes back, though the clocks of several servers differ.
    """
    return Greatest(now, F("updated_at") + timedelta(microseconds=1))


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


class Verb(NamedTuple):
    """An action on tasks. It leaves tasks that do not match `applies_to` unchanged.

    `changes` maps an expression for the current time to the new column values. They
    are the same however often the verb is applied.
    """

    applies_to: Q
    changes: Callable[[Any], dict[str, Any]]


VERBS = {
    "complete": Verb(
        IS_OPEN, lambda now: {"completed_at": Coalesce("completed_at", now)}
    ),
    "reopen": Verb(
        IS_COMPLETED,
        lambda now: {
            "completed_at": None,
            "previous_completed_at": Coalesce("completed_at", "previous_completed_at"),
        },
    ),
    "trash": Verb(IS_KEPT, lambda now: {"deleted_at": Coalesce("deleted_at", now)}),
    "restore": Verb(IS_TRASHED, lambda now: {"deleted_at": None}),
}


# How to reverse a verb that was applied to many tasks: from the time it was applied to
# the condition for the tasks that are still as it left them, and their former values.
UNDO: dict[str, Callable[[Any], tuple[Q, dict[str, Any]]]] = {
    "complete": lambda at: (Q(completed_at=at), {"completed_at": None}),
    "reopen": lambda at: (
        Q(completed_at=None, previous_completed_at__isnull=False, updated_at=at),
        {"completed_at": F("previous_completed_at")},
    ),
    "trash": lambda at: (Q(deleted_at=at), {"deleted_at": None}),
}


class TaskQuerySet(models.QuerySet):
    def owned_by(self, user):
        return self.filter(owner_id=user.pk)

    def in_status(self, status):
        return self.filter(STATUS_CONDITIONS[status])

    def due_today(self, today):
        return self.alias(due=DUE_DATE_OR_MAX).filter(due=today)

    def overdue(self, today):
        return self.alias(due=DUE_DATE_OR_MAX).filter(due__lt=today, completed_at=None)

    def upcoming(self, today):
        tasks = self.alias(due=DUE_DATE_OR_MAX).filter(due__gt=today)
        return tasks.exclude(due_date=None)

    def matching(self, text):
        """Return tasks with every word of the text in their title or description.

        Case, accents and the order of the words do not matter.
        """
        folded, not_folded = Q(), Q(folded="")  # written by an earlier version of aido
        words = text.split()
        for word in words:
            folded &= Q(folded__contains=fold(word))
            not_folded &= Q(title__icontains=word) | Q(description__icontains=word)
        return self.filter(folded | not_folded) if words else self

    def apply(self, verb):
        """Apply a verb to all tasks it applies to; return how many it changed."""
        applies_to, changes = VERBS[verb]
        return self.filter(applies_to).update(
            **changes(Now()), updated_at=next_version(Now())
        )


class Task(models.Model):
    """Something to do. It is completed once it has a `completed_at`."""

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
        db_index=False,  # task_newest covers it
    )
    title = models.CharField(max_length=200, validators=[validate_visible])
    description = models.TextField(max_length=10_000, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NONE)
    due_date = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    # Until it was last reopened, so that reopening can be undone.
    previous_completed_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField("in the trash since", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    folded = FoldedField(default="", db_default="", editable=False)
    # SHA-256 of the body that created it, if the request had an Idempotency-Key.
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
            models.Index(F("owner"), DUE_DATE_OR_MAX, F("id"), name="task_due"),
            models.Index(fields=["owner", "priority", "id"], name="task_priority"),
            # Partial: years of completed tasks would lie between the open ones.
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=IS_OPEN,
                name="task_open_newest",
            ),
            models.Index(
                F("owner"),
                DUE_DATE_OR_MAX,
                F("id"),
                condition=IS_OPEN,
                name="task_open_due",
            ),
            models.Index(
                fields=["owner", "priority", "id"],
                condition=IS_OPEN,
                name="task_open_priority",
            ),
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=IS_TRASHED,
                name="task_trashed",
            ),
            # For the admin, whose queries repeat the condition. Without it the planner
            # would use this index for one user's list, and skip over everyone else's.
            models.Index(
                fields=["created_at"], condition=ALWAYS_TRUE, name="task_everybodys"
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        if not self._state.adding:
            later = self.updated_at + timedelta(microseconds=1)
            self.updated_at = max(timezone.now(), later)  # see next_version
        super().save(**kwargs)

    def clean(self):
        self.title = self.title.strip()

    @property
    def completed(self):
        return self.completed_at is not None
