"""The people and their tasks. What must always hold is a named constraint."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Lower, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from uuid_utils.compat import uuid7

time_zones = cache(available_timezones)  # it reads a folder each time


def validate_time_zone(name):
    if name not in time_zones():
        raise ValidationError(
            "“%(name)s” is no IANA time zone, such as Europe/Berlin.",
            code="time_zone",
            params={"name": name},
        )


class UserManager(BaseUserManager):
    """Makes users of an email address, which is kept in lower case."""

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )

    @classmethod
    def normalize_email(cls, email):
        return (email or "").strip().lower()

    def get_by_natural_key(self, email):
        return self.get(email=self.normalize_email(email))


class User(AbstractUser):
    """A person, who signs in with an email address in any case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = first_name = last_name = None
    email = models.EmailField("email address")
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="An IANA name, such as Europe/Berlin.",
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "user"
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(fields=["email"], name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""),
                name="user_email_lower",
                violation_error_message="The email address must be in lower case.",
            ),
        ]

    def __str__(self):
        return self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name or self.email


class TaskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(completed_at=None, deleted_at=None)

    def completed(self):
        return self.filter(deleted_at=None).exclude(completed_at=None)

    def trashed(self):
        return self.exclude(deleted_at=None)

    def complete(self):
        """Complete what is open; a task that is done keeps its time of completion."""
        return self.open().update(completed_at=Now(), updated_at=Now())

    def reopen(self):
        return self.completed().update(completed_at=None, updated_at=Now())

    def trash(self):
        return self.filter(deleted_at=None).update(deleted_at=Now(), updated_at=Now())

    def restore(self):
        return self.trashed().update(deleted_at=None, updated_at=Now())


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
        db_index=False,  # task_owner_newest begins with it
    )
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=10_000, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NONE)
    due_date = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField("in the trash since", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        ordering = ["-id"]  # the newest first, since UUIDv7 begins with the time
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
            models.Index(fields=["owner", "-id"], name="task_owner_newest"),
            models.Index(fields=["created_at"], name="task_created_at"),
        ]

    def __str__(self):
        return self.title

    @property
    def completed(self):
        return self.completed_at is not None

    def clean(self):
        self.title = self.title.strip()
