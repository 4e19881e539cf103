"""The form of a task, whose errors are shown before the database refuses it."""

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget, AdminTimeWidget

from todo import labels
from todo.fields import parse_rule
from todo.models.task import NEEDS_DUE_DATE


class LabelsField(forms.CharField):
    """Labels as text, separated by blanks or commas. The first spelling is kept."""

    widget = AdminTextInputWidget

    def prepare_value(self, value):
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return labels.distinct(super().to_python(value).replace(",", " ").split())

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class TaskForm(forms.ModelForm):
    labels = LabelsField(required=False, help_text="Separated by blanks.")
    due_time = forms.TimeField(
        required=False,
        input_formats=["%H:%M"],
        widget=AdminTimeWidget(format="%H:%M"),
        help_text="HH:MM, on the clock of the owner's time zone.",
    )

    class Meta:
        help_texts = {"repeat": "A rule such as FREQ=WEEKLY;BYDAY=MO."}

    def clean_repeat(self):
        rule = self.cleaned_data["repeat"]
        return rule and parse_rule(rule)

    def clean(self):
        in_list, owner = map(self.cleaned_data.get, ("list", "owner"))
        if in_list and owner and in_list.owner_id != owner.pk:
            self.add_error("list", "This list belongs to another user.")
        for name, message in NEEDS_DUE_DATE.items():
            if self.cleaned_data.get(name) and not self.cleaned_data.get("due_date"):
                self.add_error(name, message)
        return super().clean()
