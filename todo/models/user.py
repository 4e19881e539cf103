"""Users. They sign in with an email address, which is kept in lower case."""

from collections import defaultdict
from contextlib import nullcontext
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Q, Subquery, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo.models.email import validate_reachable


@cache  # available_timezones() reads the file system
def time_zones():
    return available_timezones() - {"localtime"}  # unknown to PostgreSQL


def validate_time_zone(name):
    if name not in time_zones():
        message = "Send the IANA name of a time zone, such as Europe/Berlin."
        raise ValidationError(message, code="time_zone")


class UserManager(BaseUserManager):
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
    """A person. They sign in with their email address, in any case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = first_name = last_name = None
    email = models.EmailField("email address", validators=[validate_reachable])
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="An IANA name, such as Europe/Berlin.",
    )
    shortcuts = models.BooleanField(
        "keyboard shortcuts",
        default=True,
        db_default=True,
        help_text="Letters are shortcuts on the pages, such as n for a new task.",
    )
    # The latest change of any task that was deleted permanently.
    purged_until = models.DateTimeField(null=True, editable=False)

    objects = UserManager()
    stored_password = None  # the hash in the database, None for a new user

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

    @classmethod
    def from_db(cls, *args, **kwargs):
        user = super().from_db(*args, **kwargs)
        user.stored_password = user.__dict__.get("password")
        return user

    def save(self, **kwargs):
        """Save the user. A new password and deactivation end all their sessions.

        The caller may keep its own session with update_session_auth_hash().
        `purged_until` is not saved: a purge may have raised it in the meantime.
        """
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self.fields_to_save()
        ends_sessions = self.ends_sessions()
        with transaction.atomic() if ends_sessions else nullcontext():
            super().save(**kwargs)
            if ends_sessions:
                self.sessions.all().delete()
        self.stored_password = self.__dict__.get("password")

    def fields_to_save(self):
        fields = {field.name for field in self._meta.concrete_fields}
        return fields - {"id", "purged_until"}

    def ends_sessions(self):
        """Return whether saving the user ends their sessions."""
        has_new_password = self.__dict__.get("password") != self.stored_password
        return not self._state.adding and (has_new_password or not self.is_active)

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name or self.email

    def delete(self, **kwargs):
        """Delete the user and everything they own.

        A concurrent insert waits for the lock, then fails on its foreign key.
        """
        with transaction.atomic():
            User.objects.select_for_update().filter(pk=self.pk).first()
            return super().delete(**kwargs)

    @property
    def today(self):
        """The current date in the user's time zone."""
        return local_date(self.time_zone, timezone.now())


def local_date(time_zone, now):
    """Return the date in a time zone. This is the one rule for what "today" means.

    PostgreSQL does not decide: it takes some names, such as CET, for abbreviations
    without summer time, and its time zone data may be of another year.
    """
    return now.astimezone(ZoneInfo(time_zone)).date()


def today_of(user_id):
    """Return `User.today` as an expression, which needs no query of its own."""
    users = User.objects.filter(pk=user_id)
    return Subquery(users.values(today=today_by_time_zone(timezone.now()))[:1])


def today_by_time_zone(now):
    """Return an expression for the local date in the column `time_zone`."""
    minute = now.replace(second=0, microsecond=0)  # offsets are whole minutes
    (most, _), *others = _zones_by_date(minute)
    dates = [When(time_zone__in=zones, then=Value(day)) for day, zones in others]
    return Case(*dates, default=Value(most), output_field=models.DateField())


@lru_cache(2)
def _zones_by_date(minute):
    """Return the dates of all time zones with their names, the most common first."""
    zones = defaultdict(list)
    for name in sorted(time_zones()):
        zones[local_date(name, minute)].append(name)
    return sorted(zones.items(), key=lambda item: -len(item[1]))
