"""Which values an imported file may have."""

import pytest
from rest_framework.exceptions import ValidationError

from todo.models import Task
from todo.tests.transfer.helpers import entries
from todo.transfer import serializers
from todo.transfer.imports import import_rows

pytestmark = pytest.mark.django_db

LATER = {"due_date": "2026-12-01"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"list": "x" * 101}, "list"),
        ({"list": "\u200b"}, "list"),
        ({"list": 5}, "list"),
        ({"list_color": "pinkish"}, "list_color"),
        ({"list_position": "x"}, "list_position"),
        ({"position": 1764095285123456}, "position"),
        ({"position": "1.7641E+15"}, "position"),
        ({"position": f"1764095285123456.{'1' * 5001}"}, "position"),
        ({"position": "NaN"}, "position"),
        ({"labels": "home"}, "labels"),
        ({"labels": ["two words"]}, "labels"),
        ({"labels": ["x"] * 51}, "labels"),
        ({"due_time": "17:00"}, "due_time"),
        ({"due_time": "17:00:00"} | LATER, "due_time"),
        ({"repeat": "FREQ=DAILY"}, "repeat"),
        ({"repeat": "FREQ=SECONDLY"} | LATER, "repeat"),
        ({"repeat": "daily"} | LATER, "repeat"),
        ({"repeat_after_completion": "yes"}, "repeat_after_completion"),
    ],
    ids=[
        "long name of a list",
        "invisible name of a list",
        "id of a list",
        "unknown color",
        "word as position of a list",
        "position as a number",
        "position in scientific notation",
        "position with many digits",
        "position that is no number",
        "labels as text",
        "label with a blank",
        "many labels",
        "time without a date",
        "time with seconds",
        "repeat without a date",
        "unsupported rule",
        "malformed rule",
        "text as boolean",
    ],
)
def test_an_invalid_value_is_reported_at_its_field(user, row, field):
    with pytest.raises(ValidationError) as info:
        import_rows(user, entries({"title": "x"}, {"title": "x"} | row))

    assert {line: list(fields) for line, fields in info.value.detail.items()} == {
        "2": [field]
    }


def test_a_position_that_clients_cannot_compare_as_text_is_moved(user):
    positions = ["-5", "12.5", "99999999999999999"]

    import_rows(user, entries(*({"title": "x", "position": p} for p in positions)))

    assert {len(str(task.position)) for task in Task.objects.all()} == {16}


def test_a_rule_is_stored_in_its_normal_form(user):
    row = {"title": "x", "repeat": "rrule:byday=MO;freq=weekly"} | LATER

    import_rows(user, entries(row))

    assert Task.objects.get().repeat == "FREQ=WEEKLY;BYDAY=MO"


def test_a_file_may_have_a_limited_number_of_rules(user, monkeypatch):
    monkeypatch.setattr(serializers, "MAX_RULES", 2)
    rows = [
        {"title": "x", "repeat": f"FREQ=DAILY;COUNT={count}"} | LATER
        for count in (1, 2, 1, 3)
    ]

    with pytest.raises(ValidationError) as info:
        import_rows(user, entries(*rows))

    assert list(info.value.detail) == ["4"]
