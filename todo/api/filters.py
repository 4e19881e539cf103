"""The filters of the task list."""

import django_filters
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError

from todo.models.task import Task
from todo.models.user import today_of
from todo.models.verbs import Status

DUE_FILTERS = {"today": "due_today", "overdue": "overdue", "upcoming": "upcoming"}


class TaskFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=[(status.value, status.value) for status in Status],
        method="filter_status",
        help_text="Default: `open`. `all` is everything that is not in the trash.",
    )
    due = django_filters.ChoiceFilter(
        choices=[(name, name) for name in DUE_FILTERS],
        method="filter_due",
        help_text="Compares with today's date in the account's time zone.",
    )
    priority = django_filters.ChoiceFilter(
        choices=Task.Priority.choices, help_text="0 none, 1 low, 2 medium, 3 high."
    )
    q = django_filters.CharFilter(
        method="filter_text",
        max_length=200,
        help_text="Part of the title or description, in any case.",
    )

    class Meta:
        model = Task
        fields = ["status", "due", "priority", "q"]

    def filter_queryset(self, queryset):
        self.form.cleaned_data["status"] = self.form.cleaned_data["status"] or "open"
        return super().filter_queryset(queryset)

    def filter_status(self, queryset, name, value):
        return queryset.in_status(value)

    def filter_due(self, queryset, name, value):
        due = getattr(queryset, DUE_FILTERS[value])
        return due(today_of(self.request.user.pk))

    def filter_text(self, queryset, name, value):
        return queryset.matching(value)


class StrictFilterBackend(DjangoFilterBackend):
    """Rejects unknown parameters, so that a typo is not ignored."""

    def filter_queryset(self, request, queryset, view):
        filters = view.filterset_class.base_filters.keys()
        check_parameters(request.query_params, {*filters, *view.paginator.parameters})
        return super().filter_queryset(request, queryset, view)


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
    return {name: [error] for name, values in parameters.lists() if len(values) > 1}
