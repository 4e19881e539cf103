"""The filters of the task list."""

import re
from datetime import date

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail, ValidationError

from aido.problems import field_error
from todo.fields import UUID_PATTERN
from todo.labels import LABEL, MAX_LABEL, MAX_LABELS
from todo.models.status import Status
from todo.models.task import Task
from todo.models.task_expressions import DUE_DATE_OR_MAX
from todo.models.user import today_of

DUE_FILTERS = {"today": "due_today", "overdue": "overdue", "upcoming": "upcoming"}
INBOX = "inbox"  # the value of `list` for tasks without one
REPEATABLE = {"label"}
LABEL_SCHEMA = {"type": "string", "pattern": f"^{LABEL}$", "maxLength": MAX_LABEL}
LABELS_SCHEMA = {"type": "array", "items": LABEL_SCHEMA, "maxItems": MAX_LABELS}


class LabelsField(forms.Field):
    """The values of a parameter that may be repeated."""

    widget = forms.MultipleHiddenInput

    def clean(self, labels):
        if len(labels) > MAX_LABELS:
            raise FormError(f"Send at most {MAX_LABELS} labels.", "max_length")
        for label in labels:
            check_label(label)
        return labels


def check_label(label):
    is_label = re.fullmatch(LABEL, label) and "\0" not in label
    if not is_label or len(label) > MAX_LABEL:
        message = f"A label has up to {MAX_LABEL} characters, no blanks and no commas."
        raise FormError(message, "invalid")


class LabelsFilter(django_filters.Filter):
    field_class = LabelsField


class StrictDateField(forms.DateField):
    default_error_messages = {"invalid": "Send a date such as 2026-12-01."}

    def to_python(self, value):
        if value and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise FormError(self.error_messages["invalid"], "invalid")
        return super().to_python(value)


class StrictDateFilter(django_filters.DateFilter):
    field_class = StrictDateField


class PatternFilter(django_filters.Filter):
    field_class = forms.RegexField


class TaskFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=[(status.value, status.value) for status in Status],
        method="filter_status",
        help_text="Default: `open`. `all` is everything that is not in the trash.",
    )
    due = django_filters.ChoiceFilter(
        choices=[(name, name) for name in DUE_FILTERS],
        method="filter_due",
        help_text="Compares with today's date in the account's time zone. "
        "`overdue` leaves out completed tasks.",
    )
    due_from = StrictDateFilter(
        method="filter_due_from", help_text="Tasks that are due on this date or later."
    )
    due_to = StrictDateFilter(
        method="filter_due_to", help_text="Tasks that are due on this date or earlier."
    )
    list = PatternFilter(
        regex=f"^({INBOX}|{UUID_PATTERN})$",
        method="filter_list",
        error_messages={"invalid": "Send the id of a list, or inbox."},
        help_text="The id of a list, or `inbox` for tasks without a list.",
    )
    label = LabelsFilter(
        method="filter_labels",
        help_text="In any case. Repeat it for tasks that have all these labels.",
    )
    priority = django_filters.ChoiceFilter(
        choices=Task.Priority.choices, help_text="0 none, 1 low, 2 medium, 3 high."
    )
    q = django_filters.CharFilter(
        method="filter_text",
        max_length=200,
        help_text="Words, or parts of them, that are all in the title or description, "
        "in any case and order.",
    )

    class Meta:
        model = Task
        fields = [
            *("status", "due", "due_from", "due_to", "list", "label", "priority", "q")
        ]

    def __init__(self, data, *args, **options):
        # Only those that the request needs: to copy them all would take longer.
        self.base_filters = {
            name: item
            for name, item in self.base_filters.items()
            if name in data or name == "status"
        }
        super().__init__(data, *args, **options)

    def filter_queryset(self, queryset):
        values = self.form.cleaned_data
        values["status"] = values["status"] or Status.OPEN
        if values.get("due_to", date.max) < values.get("due_from", date.min):
            raise field_error("due_to", "It is earlier than due_from.")
        return super().filter_queryset(queryset)

    def filter_status(self, queryset, name, value):
        return queryset.in_status(value)

    def filter_due(self, queryset, name, value):
        due = getattr(queryset, DUE_FILTERS[value])
        return due(today_of(self.request.user.pk))

    def filter_due_from(self, queryset, name, value):
        return with_due_date(queryset).filter(due__gte=value)

    def filter_due_to(self, queryset, name, value):
        return with_due_date(queryset).filter(due__lte=value)

    @extend_schema_field({"type": "string", "pattern": f"^({INBOX}|{UUID_PATTERN})$"})
    def filter_list(self, queryset, name, value):
        return queryset.in_list(None if value == INBOX else value)

    @extend_schema_field(LABELS_SCHEMA)
    def filter_labels(self, queryset, name, values):
        return queryset.with_labels(values)

    def filter_text(self, queryset, name, value):
        return queryset.matching(value)


class StrictFilterBackend(DjangoFilterBackend):
    """Rejects unknown parameters, so that a typo is not ignored."""

    def filter_queryset(self, request, queryset, view):
        filters = view.filterset_class.base_filters.keys()
        check_parameters(request.query_params, {*filters, *view.paginator.parameters})
        return super().filter_queryset(request, queryset, view)


def with_due_date(queryset):
    return queryset.alias(due=DUE_DATE_OR_MAX).exclude(due_date=None)


def status_of(parameters):
    """Return the status that all tasks on the page have."""
    return parameters.get("status", Status.OPEN)


def check_parameters(parameters, known):
    """Raise ValidationError if a parameter is unknown, repeated, or has no value."""
    errors = repetitions(parameters)
    for name, value in parameters.items():
        if name not in known:
            message = "This parameter is not known."
            errors[name] = [ErrorDetail(message, "unknown_field")]
        elif value == "" and name != "q":
            errors[name] = [ErrorDetail("Leave it out, or give it a value.", "blank")]
    if errors:
        raise ValidationError(errors)


def reject_repeated(parameters):
    """Raise ValidationError if a parameter is repeated: which value is meant?"""
    if errors := repetitions(parameters):
        raise ValidationError(errors)


def repetitions(parameters):
    """Return an error for each parameter that has several values."""
    error = ErrorDetail("Send this parameter once.", "repeated")
    return {
        name: [error]
        for name, values in parameters.lists()
        if len(values) > 1 and name not in REPEATABLE
    }
