"""Queries that filter tasks by what an index finds."""

import re

from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Lower, Now, StrIndex
from django.db.models.lookups import GreaterThan

from todo.models.status import STATUS_CONDITIONS
from todo.models.task_expressions import (
    DUE_DATE_OR_MAX,
    HAS_LABELS,
    INBOX,
    JOINED_LABELS,
    LABELS_TYPE,
    LIST_OR_INBOX,
    LOWER_LABELS,
)
from todo.models.text import fold
from todo.models.verbs import VERBS, next_version

MAX_LIKE = 30  # characters of a search; longer ones are regular expressions


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
        return self.alias(lower=LOWER_LABELS).filter(HAS_LABELS, lower__contains=wanted)

    def with_label(self, label):
        """Return the tasks that have this label, an expression in lower case.

        To look for its text first is faster than to compare arrays.
        """
        wanted = Func(
            label, template="ARRAY[%(expressions)s]", output_field=LABELS_TYPE
        )
        may_have = GreaterThan(StrIndex(Lower(JOINED_LABELS), label), 0)
        tasks = self.filter(HAS_LABELS, may_have)
        return tasks.alias(lower=LOWER_LABELS).filter(lower__contains=wanted)

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
        parts = [fold(word) for word in words]
        for part in parts:
            folded &= _contains(part, is_long=sum(map(len, parts)) > MAX_LIKE)
        for word in words:
            not_folded &= Q(title__icontains=word) | Q(description__icontains=word)
        return self.filter(folded | not_folded) if words else self

    def apply(self, verb):
        """Apply a verb to all tasks it applies to; return how many it changed."""
        applies_to, changes = VERBS[verb]
        values = changes(Now()) | {"updated_at": next_version(Now())}
        return self.filter(applies_to).update(**values)


def _contains(part, is_long):
    """Return the condition for a part of a text.

    LIKE may compare all of the part at each place, such as `aaab` in `aaaaaa`. A
    regular expression reads the text once, but takes longer for short parts.
    """
    return Q(folded__regex=re.escape(part)) if is_long else Q(folded__contains=part)
