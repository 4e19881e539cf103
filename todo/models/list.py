"""Lists, which group tasks. A task without a list is in the inbox, which has no row."""

from django.conf import settings
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from todo.models.text import validate_visible

WRITABLE_LIST_FIELDS = ["name", "color"]
LIST_FIELDS = ["id", *WRITABLE_LIST_FIELDS, "created_at", "updated_at", "position"]


class MicrosecondsNow(Func):
    """The current time in microseconds since 1970, a number of 16 digits until 2286."""

    template = "FLOOR(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()) * 1000000)"
    output_field = models.DecimalField()


class PositionField(models.DecimalField):
    """The place in an order by hand, an exact number without a limit of its digits.

    A new row is the last. A row that is moved gets the middle of its new neighbours'
    positions, so that no other row changes. As text, positions sort like the numbers,
    because their integer parts have 16 digits.
    """

    def __init__(self, **kwargs):
        super().__init__(
            **kwargs | {"db_default": MicrosecondsNow(), "editable": False}
        )


class Color(models.TextChoices):
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    GRAY = "gray"


class List(models.Model):
    """A list of tasks, such as Home or Work."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="lists",
        db_index=False,  # list_name_unique covers it
    )
    name = models.CharField(max_length=100, validators=[validate_visible])
    color = models.CharField(max_length=10, choices=Color, blank=True, default="")
    position = PositionField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # SHA-256 of the body that created it, if the request had an Idempotency-Key.
    request_digest = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        db_table = "list"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^\S(.*\S)?$"),
                name="list_name_trimmed",
                violation_error_message="A name needs a character that is not blank.",
            ),
            models.CheckConstraint(
                condition=Q(color__in=["", *Color.values]), name="list_color_known"
            ),
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="list_name_unique",
                violation_error_message="You have a list with this name already.",
            ),
            # For the foreign key of tasks, which holds that both have the same owner.
            models.UniqueConstraint(fields=["id", "owner"], name="list_of_owner"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.name = self.name.strip()
