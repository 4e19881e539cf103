"""The values of a task that quick actions set, one or several at a time."""

from django import forms

from todo import repeats
from todo.fields import MAX_TITLE
from todo.keyset import POSITION
from todo.models import Task
from todo.models.task import MAX_DESCRIPTION
from todo.models.text import validate_visible
from todo.web.task_forms import NO_LIST, LabelsField, RepeatField

MAX_POSITION = 5_000  # characters; an index holds hardly more digits


class ValueForm(forms.Form):
    """Any of these values. An empty one is removed from the task."""

    due_date = forms.DateField(required=False)
    due_time = forms.TimeField(required=False)
    repeat = RepeatField(required=False, max_length=repeats.MAX_LENGTH)
    priority = forms.TypedChoiceField(
        choices=Task.Priority.choices, coerce=int, required=False, empty_value=0
    )
    list = forms.UUIDField(required=False, error_messages={"invalid": NO_LIST})
    labels = LabelsField(required=False)

    @property
    def values(self):
        """The values of the fields that were sent."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.data
        }


class PlaceForm(ValueForm):
    """A list that tasks move to, or a place in it: after another one, or first."""

    after = forms.UUIDField(required=False)


class FormerValuesForm(ValueForm):
    """What undo restores: also the texts, and the place in the order by hand.

    A task that is new is moved to the trash instead.
    """

    is_new = forms.BooleanField(required=False)
    title = forms.CharField(
        required=False, max_length=MAX_TITLE, validators=[validate_visible]
    )
    description = forms.CharField(
        required=False, max_length=MAX_DESCRIPTION, strip=False
    )
    repeat_after_completion = forms.BooleanField(required=False)
    position = forms.RegexField(
        rf"^{POSITION.pattern}\Z", required=False, max_length=MAX_POSITION
    )

    def clean(self):
        values = super().clean()
        for name in ("title", "position"):
            if name in self.data and not values.get(name):
                self.add_error(name, f"A task has a {name}.")
        return values


class LabelForm(forms.Form):
    """Labels that several tasks get or lose."""

    label = LabelsField()

    @property
    def values(self):
        return {"labels": self.cleaned_data["label"]}
