"""The form of a list."""

from django import forms

from todo.fields import MAX_NAME
from todo.models.list import Color
from todo.models.text import validate_visible
from todo.web.task_forms import WholeTextField


class ListForm(forms.Form):
    """`key` is the id of a new list, so that sending the form twice adds one."""

    name = WholeTextField(
        max_length=MAX_NAME,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    color = forms.ChoiceField(
        choices=[("", "None"), *Color.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in ("name", "color")}
