"""Tasks: fields, constraints and indexes."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import Exact, LessThanOrEqual, Regex
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo import repeats
from todo.labels import LABEL, MAX_LABEL, MAX_LABELS
from todo.models.list import List, PositionField
from todo.models.status import IS_COMPLETED, IS_OPEN, IS_TRASHED
from todo.models.task_expressions import (
    ALWAYS_TRUE,
    CHANGED_AT,
    DUE_DATE_OR_MAX,
    HAS_LABELS,
    JOINED_LABELS,
    LIST_OR_INBOX,
)
from todo.models.task_queries import TaskQuerySet
from todo.models.text import FoldedField, validate_visible

# What a client may write. The serializers, the schema and the exports follow from this.
WRITABLE_TASK_FIELDS = [
    *("title", "description", "priority", "list", "labels"),
    *("due_date", "due_time", "repeat", "repeat_after_completion"),
]
TASK_FIELDS = [
    *("id", *WRITABLE_TASK_FIELDS),
    *("completed_at", "deleted_at", "created_at", "updated_at", "position"),
]
MAX_DESCRIPTION = 10_000  # characters
NEEDS_DUE_DATE = {
    "due_time": "A time needs a due date.",
    "repeat": "A task that repeats needs a due date.",
}


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
        db_index=False,  # task_created covers it
    )
    title = models.CharField(max_length=200, validators=[validate_visible])
    description = models.TextField(max_length=MAX_DESCRIPTION, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NONE)
    # Before `list`, which hides the built-in.
    labels = ArrayField(
        models.CharField(
            max_length=MAX_LABEL, validators=[RegexValidator(rf"^{LABEL}\Z")]
        ),
        size=MAX_LABELS,
        default=list,
        db_default=[],
        blank=True,
    )
    list = models.ForeignKey(
        List,
        on_delete=models.DO_NOTHING,  # task_list_of_owner sets it to null
        related_name="tasks",
        null=True,  # in the inbox
        blank=True,
        # The foreign key task_list_of_owner has two columns, which Django cannot do.
        db_constraint=False,
        db_index=False,  # task_list covers it
    )
    position = PositionField()
    due_date = models.DateField(null=True, blank=True)
    # On the clock of the owner's time zone.
    due_time = models.TimeField(null=True, blank=True)
    # A rule such as FREQ=WEEKLY;BYDAY=MO, see `todo.repeats`.
    repeat = models.CharField(  # noqa: DJ001 as in JSON
        max_length=repeats.MAX_LENGTH, null=True, blank=True
    )
    repeat_after_completion = models.BooleanField(default=False, db_default=False)
    # Of a completed copy: the task that repeats, and the Idempotency-Key that it was
    # completed with.
    copy_of = models.UUIDField(null=True, editable=False)
    completion_key = models.UUIDField(null=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    # Until it was last reopened, so that reopening can be undone.
    previous_completed_at = models.DateTimeField(null=True, editable=False)
    # When it was last reopened or restored. Unlike `updated_at` it survives other
    # changes, which may be undone before.
    returned_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField("in the trash since", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    imported_at = models.DateTimeField(null=True, editable=False)
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
                condition=LessThanOrEqual(Length("description"), MAX_DESCRIPTION),
                name="task_description_length",
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(0, 3)),
                name="task_priority_range",
            ),
            models.CheckConstraint(
                condition=Q(due_time=None) | Q(due_date__isnull=False),
                name="task_due_time_needs_date",
                violation_error_message=NEEDS_DUE_DATE["due_time"],
            ),
            models.CheckConstraint(
                condition=Q(repeat=None) | Q(due_date__isnull=False),
                name="task_repeat_needs_date",
                violation_error_message=NEEDS_DUE_DATE["repeat"],
            ),
            models.CheckConstraint(
                condition=Q(repeat=None) | ~Q(repeat=""), name="task_repeat_not_empty"
            ),
            models.CheckConstraint(
                condition=Regex(JOINED_LABELS, Value(rf"^({LABEL}(,{LABEL})*)?$"))
                & Exact(  # a comma within a label would make one more
                    Func(
                        Func(JOINED_LABELS, Value(","), function="STRING_TO_ARRAY"),
                        function="CARDINALITY",
                        output_field=models.IntegerField(),
                    ),
                    Func("labels", function="CARDINALITY"),
                )
                & Q(labels__len__lte=MAX_LABELS),
                name="task_labels_valid",
            ),
        ]
        # Every write of a task writes to most of its indexes, so each needs a reason:
        # aido sorts open tasks by due date or by hand, completed ones by completion,
        # and those of any status by creation. A user's tasks are sorted for the rest.
        indexes = [
            # Without the id, which breaks ties: few tasks are created at once.
            models.Index(fields=["owner", "created_at"], name="task_created"),
            # Partial: years of completed tasks would lie between the open ones.
            models.Index(
                fields=["owner", "created_at"],
                condition=IS_OPEN,
                name="task_open_created",
            ),
            # With the column itself, tasks are counted without reading their rows.
            models.Index(
                F("owner"),
                DUE_DATE_OR_MAX,
                F("id"),
                include=["due_date"],
                condition=IS_OPEN,
                name="task_open_due_date",
            ),
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=IS_TRASHED,
                name="task_trashed",
            ),
            models.Index(
                fields=["owner", "completed_at", "id"],
                condition=IS_COMPLETED,
                name="task_completed",
            ),
            models.Index(
                F("owner"),
                LIST_OR_INBOX,
                F("position"),
                F("id"),
                include=["list"],
                condition=IS_OPEN,
                name="task_open_in_list",
            ),
            models.Index(
                fields=["owner", "created_at", "id"],
                condition=IS_OPEN & HAS_LABELS,
                name="task_open_labelled",
            ),
            models.Index(
                fields=["list"], condition=Q(list__isnull=False), name="task_list"
            ),
            models.Index(
                fields=["copy_of", "due_date"],
                condition=Q(copy_of__isnull=False),
                name="task_copies",
            ),
            models.Index(
                fields=["completion_key"],
                condition=Q(completion_key__isnull=False),
                name="task_completion_key",
            ),
            # With the id: an import changes up to 200,000 tasks at once. This index
            # rules out HOT updates, but few could be: of priorities and times of day.
            # All others change a text, date, status or position, which are indexed.
            models.Index(F("owner"), CHANGED_AT, F("id"), name="task_changed"),
            # Few or no rows: it lets the planner use task_words, which a migration adds
            # where the server has pg_trgm, though search asks for these rows too.
            models.Index(
                fields=["owner"], condition=Q(folded=""), name="task_not_folded"
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
