"""Expressions of tasks that have an index, and the queries that filter by them."""

from datetime import date
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Lower, Now, StrIndex
from django.db.models.lookups import GreaterThan

from todo.models.text import fold
from todo.models.verbs import STATUS_CONDITIONS, VERBS, next_version

LABELS_TYPE = ArrayField(TextField())
JOINED_LABELS = Func(
    "labels", Value(","), function="ARRAY_TO_STRING", output_field=TextField()
)

# Sorts tasks without a due date after all others.
DUE_DATE_OR_MAX = Coalesce("due_date", Value(date.max, models.DateField()))
INBOX = UUID(int=0)  # stands for no list, so that an index can find it
LIST_OR_INBOX = Coalesce("list", Value(INBOX, models.UUIDField()))
# When a row last changed, for clients that synchronize: an imported row is as old as it
# was, but new to them.
CHANGED_AT = Greatest("updated_at", "imported_at")

HAS_LABELS = ~Q(labels=[])
ALWAYS_TRUE = Q(priority__gte=0)


class TaskQuerySet(models.QuerySet):
    def owned_by(self, user):
        return self.filter(owner_id=user.pk)

    def in_status(self, status):
        return self.filter(STATUS_CONDITIONS[status])

    def in_list(self, list_id):
        """Return the tasks of a list; None is the inbox."""
        return self.alias(place=LIST_OR_INBOX).filter(place=list_id or INBOX)

    def with_labels(self, labels):
        """Return the tasks that have all these labels, in any case."""
        wanted = Value([label.lower() for label in labels], LABELS_TYPE)
        lower = Cast(Lower(Cast("labels", TextField())), LABELS_TYPE)
        return self.alias(lower=lower).filter(HAS_LABELS, lower__contains=wanted)

    def with_label(self, label):
        """Return the tasks that have this label, an expression in lower case.

        To look for its text first is faster than to compare arrays.
        """
        wanted = Func(
            label, template="ARRAY[%(expressions)s]", output_field=LABELS_TYPE
        )
        lower = Cast(Lower(Cast("labels", TextField())), LABELS_TYPE)
        may_have = GreaterThan(StrIndex(Lower(JOINED_LABELS), label), 0)
        tasks = self.filter(HAS_LABELS, may_have)
        return tasks.alias(lower=lower).filter(lower__contains=wanted)

    def due_today(self, today):
        return self.alias(due=DUE_DATE_OR_MAX).filter(due=today)

    def due_until(self, today):
        """Return the tasks that are due on this day or before."""
        return self.alias(due=DUE_DATE_OR_MAX).filter(due__lte=today)

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
