"""Fields of input. Types are strict: a number is not accepted as a string."""

import re
from datetime import date, time

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from todo import labels, repeats
from todo.labels import LABEL, MAX_LABEL
from todo.models import List, Task
from todo.models.text import INVISIBLE, validate_visible

UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
TIME_PATTERN = "([01][0-9]|2[0-3]):[0-5][0-9]"
MAX_TEXT = 1000  # characters of quick add
MAX_TITLE = Task._meta.get_field("title").max_length
MAX_NAME = List._meta.get_field("name").max_length


def visible_schema(max_length):
    # Many validators take characters beyond U+FFFF for two.
    invisible = re.split("[\U00010000-\U0010ffff]", INVISIBLE)[0]
    pattern = f"^[^\\u0000]*[^{invisible}][^\\u0000]*$"
    length = {"minLength": 1, "maxLength": max_length}
    return {"type": "string", "pattern": pattern, **length}


class SurrogatesValidator(ProhibitSurrogateCharactersValidator):
    """DRF's, which looks at each character: 10,000 took a millisecond."""

    def __call__(self, value):
        try:
            str(value).encode()
        except UnicodeEncodeError:
            super().__call__(value)


class StrictCharField(serializers.CharField):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        slow = ProhibitSurrogateCharactersValidator()
        self.validators = [v for v in self.validators if v != slow]
        self.validators.append(SurrogatesValidator())

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(visible_schema(MAX_TITLE))
class TitleField(StrictCharField):
    """At least one visible character. Surrounding blanks are removed."""

    def __init__(self, **kwargs):
        super().__init__(validators=[validate_visible], **kwargs)


@extend_schema_field(visible_schema(MAX_NAME))
class NameField(TitleField):
    """The name of a list, as visible as a title."""


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictDateField(serializers.DateField):
    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", data):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


class StrictUUIDField(serializers.UUIDField):
    default_error_messages = {"invalid": "Send a UUID, with its hyphens."}

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(UUID_PATTERN, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    def to_internal_value(self, data):
        # Before each item is validated, which a long list would make slow.
        if isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class UUIDListField(BoundedListField):
    child = StrictUUIDField()


class StrictIntegerChoiceField(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": "Send 0, 1, 2 or 3."}

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": f"^{TIME_PATTERN}$", "maxLength": 5})
class StrictTimeField(serializers.TimeField):
    """A time of day such as 17:00, in JSON without seconds."""

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(TIME_PATTERN, data):
            self.fail("invalid", format="HH:MM")
        return time.fromisoformat(data)


@extend_schema_field(
    {"type": "string", "pattern": rf"^{LABEL}$", "maxLength": MAX_LABEL}
)
class LabelField(StrictCharField):
    """A word of a task, such as `home`."""

    def __init__(self, **kwargs):
        super().__init__(max_length=MAX_LABEL, trim_whitespace=False, **kwargs)

    def run_validation(self, data=serializers.empty):
        label = super().run_validation(data)
        if not re.fullmatch(LABEL, label):
            message = "A label has no blanks and no commas."
            raise serializers.ValidationError(message, "invalid")
        return label


class LabelsField(BoundedListField):
    """Labels differ in more than their case: the first spelling of each is kept."""

    child = LabelField()

    def to_internal_value(self, data):
        return labels.distinct(super().to_internal_value(data))


@extend_schema_field(
    {"type": "string", "maxLength": repeats.MAX_LENGTH, "pattern": "^[^\\u0000]+$"}
)
class RepeatField(StrictCharField):
    """A recurrence rule, see `todo.repeats`."""

    def to_internal_value(self, data):
        return parse_rule(super().to_internal_value(data))


def parse_rule(text):
    """Return a repeat rule in normal form. Raises ValidationError, also for forms."""
    try:
        return repeats.parse(text)
    except repeats.InvalidRule as error:
        raise ValidationError(str(error), "invalid") from None


class AwareDateTimeField(serializers.DateTimeField):
    """A time with an offset from UTC. Without one it would be ambiguous."""

    default_error_messages = {"naive": "Add the offset from UTC, such as Z or +01:00."}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        return super().to_internal_value(data)

    def enforce_timezone(self, value):
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


@extend_schema_field(visible_schema(MAX_TEXT))
class QuickTextField(StrictCharField):
    """A title with dates, times, labels and others among its words: `todo.words`."""

    def __init__(self, **kwargs):
        super().__init__(max_length=MAX_TEXT, validators=[validate_visible], **kwargs)
