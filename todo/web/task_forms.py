"""The forms of tasks."""

import re

from django import forms

from todo import checklists, repeats
from todo.fields import MAX_TEXT, MAX_TITLE, parse_rule
from todo.labels import LABEL, MAX_LABEL, MAX_LABELS, distinct
from todo.models import Task
from todo.models.task import MAX_DESCRIPTION, NEEDS_DUE_DATE
from todo.models.text import validate_visible
from todo.web.repeat_text import repeat_text

INBOX = ("", "Inbox")
NO_REPEAT = ("", "Does not repeat")
USUAL_RULES = [
    *("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    *("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=YEARLY"),
]
LABEL_ONLY = rf"^{LABEL}\Z"
TICK_PARTS = ["line", "done", "text"]  # of the value of a box's button
LINE_MOVED = "The lines of the checklist have moved. Save, and then tick again."
NO_LIST = "There is no such list. Choose another one."


def too_long(noun):
    """Return the error messages of a field with a text of this kind."""
    text = "has at most %(limit_value)d characters. This one has %(show_value)d."
    return {"max_length": f"{noun} {text}"}


class WholeTextField(forms.CharField):
    """A text that browsers do not cut, and where a line break is one character."""

    def widget_attrs(self, widget):
        attributes = super().widget_attrs(widget)
        attributes.pop("maxlength", None)  # it counts an emoji as two characters
        return attributes

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class RepeatField(forms.CharField):
    """Any valid rule, because the task may have one that is not offered."""

    def clean(self, value):
        rule = super().clean(value)
        return parse_rule(rule) if rule else None


class LabelsField(forms.CharField):
    """Labels, separated by blanks or commas, with or without # before them."""

    def prepare_value(self, value):
        if isinstance(value, list):
            return " ".join(f"#{label}" for label in value)
        return value

    def clean(self, value):
        names = re.split(r"[\s,]+", super().clean(value))
        labels = [name.removeprefix("#") for name in names]
        labels = distinct(filter(None, labels))
        if len(labels) > MAX_LABELS:
            message = f"A task has at most {MAX_LABELS} labels."
            raise forms.ValidationError(message)
        for label in labels:
            if len(label) > MAX_LABEL:
                message = f"A label has at most {MAX_LABEL} characters: {label}"
                raise forms.ValidationError(message)
        return labels


class NewTaskForm(forms.Form):
    """The text of a new task, and the values of the view that it is added in."""

    title = WholeTextField(
        max_length=MAX_TEXT,
        validators=[validate_visible],
        error_messages=too_long("A text"),
    )
    due_date = forms.DateField(required=False)
    list = forms.UUIDField(required=False, error_messages={"invalid": NO_LIST})
    label = forms.RegexField(LABEL_ONLY, required=False, max_length=MAX_LABEL)


class TitleForm(forms.ModelForm):
    """`version` is the version of the task that the form shows."""

    title = WholeTextField(
        max_length=MAX_TITLE,
        validators=[validate_visible],
        error_messages=too_long("A title"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    version = forms.IntegerField(min_value=0, max_value=2**53, widget=forms.HiddenInput)

    class Meta:
        model = Task
        fields = ["title"]

    def validate_constraints(self):
        """Skip them: the fields check the same, and each would query the database."""

    @property
    def values(self):
        """The values of the fields that were sent.

        A browser does not send a box that is not checked.
        """
        sent = {*self.data, *(["repeat_after_completion"] * ("repeat" in self.data))}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in sent and name != "version"
        }


class TaskForm(TitleForm):
    """All fields of a task that its owner can change.

    Without script, the button of a checklist's box sends this form, with `tick`.
    """

    field_order = [
        *("title", "description", "due_date", "due_time"),
        *("repeat", "repeat_after_completion", "list", "priority", "labels"),
    ]

    description = WholeTextField(
        max_length=MAX_DESCRIPTION,
        required=False,
        error_messages=too_long("A description"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    repeat = RepeatField(
        required=False, max_length=repeats.MAX_LENGTH, widget=forms.Select
    )
    repeat_after_completion = forms.BooleanField(
        required=False, label="Count from the day of completion", label_suffix=""
    )
    list = forms.UUIDField(
        required=False, widget=forms.Select, error_messages={"invalid": NO_LIST}
    )
    labels = LabelsField(
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "placeholder": "#home #garden",
            }
        ),
    )

    class Meta:
        model = Task
        fields = ["title", "description", "due_date", "due_time", "priority"]
        widgets = {
            "due_date": forms.DateInput(
                attrs={"type": "date", "max": "9999-12-31"}, format="%Y-%m-%d"
            ),
            "due_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean(self):
        values = super().clean()
        for name, message in NEEDS_DUE_DATE.items():
            if "due_date" in values and not values["due_date"] and values.get(name):
                self.add_error(name, message)
        if "tick" in self.data and "description" in values:
            self.tick(values)
        return values

    def tick(self, values):
        """Tick the box, or clear it, in the description that was typed."""
        parts = self.data["tick"].split(" ", 2)
        box = TickForm(dict(zip(TICK_PARTS, parts, strict=False)))
        try:
            if box.is_valid():
                text, item = values["description"], box.cleaned_data
                values["description"] = checklists.tick(text, **item)
        except checklists.LineChanged:
            self.add_error("description", LINE_MOVED)

    def offer(self, row, lists):
        """Offer these lists, the usual rules, and that of the task."""
        choices = [(str(each["id"]), each["name"]) for each in lists]
        self.fields["list"].widget.choices = [INBOX, *choices]
        rules = [*USUAL_RULES, row["repeat"], self["repeat"].value()]
        choices = {rule: repeat_text(rule) for rule in rules if is_rule(rule)}
        self.fields["repeat"].widget.choices = [NO_REPEAT, *choices.items()]


class TickForm(forms.Form):
    """An item of a checklist as it was shown, and whether it is to be done."""

    line = forms.IntegerField(min_value=0)
    text = forms.CharField(strip=False)
    done = forms.BooleanField(required=False)


def is_rule(text):
    try:
        return bool(text and repeats.parse(text) == text)
    except repeats.InvalidRule:
        return False
