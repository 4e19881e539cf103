"""Users. They sign in with an email address, which is kept in lower case."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Func, Q, Subquery, Value
from django.db.models.functions import Cast, Lower
from django.utils import timezone
from uuid_utils.compat import uuid7


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
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))


def today_of(user_id):
    """Return `User.today` as an expression, which needs no query of its own."""
    zone = User.objects.filter(pk=user_id).values("time_zone")
    now = Value(timezone.now(), models.DateTimeField())
    local = Func(
        Subquery(zone), now, function="timezone", output_field=models.DateTimeField()
    )
    return Cast(local, models.DateField())
