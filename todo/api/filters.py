"""The filters of the task list."""

import django_filters
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError

from todo.models.task import STATUSES, Task
from todo.models.user import today_of

DUES = {"today": "due_today", "overdue": "overdue", "upcoming": "upcoming"}


class TaskFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=[(name, name) for name in STATUSES],
        method="by_status",
        help_text="`open` when left out; `all` is all that is not in the trash.",
    )
    due = django_filters.ChoiceFilter(
        choices=[(name, name) for name in DUES],
        method="by_due",
        help_text="In the time zone of the account.",
    )
    priority = django_filters.ChoiceFilter(
        choices=Task.Priority.choices, help_text="0 none, 1 low, 2 medium, 3 high."
    )
    q = django_filters.CharFilter(
        method="by_text",
        max_length=200,
        help_text="Part of the title or description, in any case.",
    )

    class Meta:
        model = Task
        fields = ["status", "due", "priority", "q"]

    def filter_queryset(self, queryset):
        self.form.cleaned_data["status"] = self.form.cleaned_data["status"] or "open"
        return super().filter_queryset(queryset)

    def by_status(self, queryset, name, value):
        return queryset.in_status(value)

    def by_due(self, queryset, name, value):
        return getattr(queryset, DUES[value])(today_of(self.request.user.pk))

    def by_text(self, queryset, name, value):
        return queryset.matching(value)


class StrictFilterBackend(DjangoFilterBackend):
    """Refuses parameters that nobody reads, so that a typing error is not lost."""

    def filter_queryset(self, request, queryset, view):
        filters = view.filterset_class.base_filters.keys()
        refuse_unknown(request.query_params, {*filters, *view.paginator.parameters})
        return super().filter_queryset(request, queryset, view)


def refuse_unknown(parameters, known):
    """Raises ValidationError for a parameter that is not known, or that is empty."""
    errors = {}
    for name, value in parameters.items():
        if name not in known:
            errors[name] = [
                ErrorDetail("This parameter is not known.", "unknown_field")
            ]
        elif value == "" and name != "q":
            errors[name] = [ErrorDetail("Leave it out, or give it a value.", "blank")]
    if errors:
        raise ValidationError(errors)
