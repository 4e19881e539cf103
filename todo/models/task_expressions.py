"""Expressions of tasks that have an index."""

from datetime import date
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Lower

LABELS_TYPE = ArrayField(TextField())
JOINED_LABELS = Func(
    "labels", Value(","), function="ARRAY_TO_STRING", output_field=TextField()
)
LOWER_LABELS = Cast(Lower(Cast("labels", TextField())), LABELS_TYPE)
# Sorts tasks without a due date after all others.
DUE_DATE_OR_MAX = Coalesce("due_date", Value(date.max, models.DateField()))
INBOX = UUID(int=0)  # stands for no list, so that an index can find it
LIST_OR_INBOX = Coalesce("list", Value(INBOX, models.UUIDField()))
# When a row last changed, for clients that synchronize: an imported row is as old as it
# was, but new to them.
CHANGED_AT = Greatest("updated_at", "imported_at")
HAS_LABELS = ~Q(labels=[])
ALWAYS_TRUE = Q(priority__gte=0)
