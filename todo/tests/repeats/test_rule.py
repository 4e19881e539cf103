"""The text of a rule: its normal form, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo.repeats import InvalidRule, parse
from todo.repeats.parts import WEEKDAYS
from todo.tests.repeats.timing import SLOW, best_time


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("RRULE:FREQ=DAILY", "FREQ=DAILY"),
        ("rrule:freq=weekly;byday=mo,Th", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("INTERVAL=1;FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=0999", "FREQ=DAILY;INTERVAL=999"),
        ("FREQ=WEEKLY;BYDAY=SU,TU,SU,MO", "FREQ=WEEKLY;BYDAY=MO,TU,SU"),
        ("FREQ=MONTHLY;BYDAY=-1FR,+02TU,WE", "FREQ=MONTHLY;BYDAY=WE,2TU,-1FR"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,31,+05", "FREQ=MONTHLY;BYMONTHDAY=5,31,-1"),
        ("FREQ=DAILY;UNTIL=20261224T000000Z", "FREQ=DAILY;UNTIL=20261224"),
        ("FREQ=DAILY;UNTIL=00010101T235959", "FREQ=DAILY;UNTIL=00010101"),
        (
            "COUNT=9999;BYSETPOS=-1,1;BYDAY=MO;BYMONTHDAY=1;BYMONTH=12,01;INTERVAL=2;"
            "FREQ=YEARLY",
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,12;BYMONTHDAY=1;BYDAY=MO;BYSETPOS=1,-1;"
            "COUNT=9999",
        ),
    ],
)
def test_a_rule_is_normalized(text, normalized):
    assert parse(text) == normalized
    assert parse(normalized) == normalized


REFUSED = {
    "empty": ("", "Enter a rule"),
    "only a prefix": ("RRULE:", "Enter a rule"),
    "no FREQ": ("INTERVAL=2", "Set FREQ"),
    "FREQ without a value": ("FREQ", "Set FREQ"),
    "every second": ("FREQ=SECONDLY", "Set FREQ"),
    "every hour": ("FREQ=HOURLY", "Set FREQ"),
    "two rules": ("FREQ=DAILY\nRRULE:FREQ=DAILY", "Set FREQ"),
    "INTERVAL of 0": ("FREQ=DAILY;INTERVAL=0", "Set INTERVAL"),
    "INTERVAL below 0": ("FREQ=DAILY;INTERVAL=-1", "Set INTERVAL"),
    "INTERVAL of 1000": ("FREQ=DAILY;INTERVAL=1000", "Set INTERVAL"),
    "two INTERVALs": ("FREQ=DAILY;INTERVAL=1,2", "Set INTERVAL"),
    "huge INTERVAL": (f"FREQ=DAILY;INTERVAL={'9' * 180}", "Set INTERVAL"),
    "BYMONTH of 13": ("FREQ=YEARLY;BYMONTH=13", "Set BYMONTH"),
    "BYMONTHDAY of 0": ("FREQ=MONTHLY;BYMONTHDAY=0", "Set BYMONTHDAY"),
    "BYMONTHDAY of 32": ("FREQ=MONTHLY;BYMONTHDAY=32", "Set BYMONTHDAY"),
    "BYDAY without a value": ("FREQ=WEEKLY;BYDAY=", "Set BYDAY"),
    "unknown weekday": ("FREQ=WEEKLY;BYDAY=XX", "Set BYDAY"),
    "BYDAY number of 0": ("FREQ=MONTHLY;BYDAY=0MO", "Set BYDAY"),
    "BYDAY number of 54": ("FREQ=YEARLY;BYDAY=54MO", "Set BYDAY"),
    "BYSETPOS of 367": ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=367", "Set BYSETPOS"),
    "COUNT of 0": ("FREQ=DAILY;COUNT=0", "Set COUNT"),
    "COUNT of 10000": ("FREQ=DAILY;COUNT=10000", "Set COUNT"),
    "no such day": ("FREQ=DAILY;UNTIL=20260230", "Set UNTIL"),
    "year 0": ("FREQ=DAILY;UNTIL=00000101", "Set UNTIL"),
    "BYHOUR": ("FREQ=DAILY;BYHOUR=9", "Use only the parts"),
    "WKST": ("FREQ=WEEKLY;WKST=SU", "Use only the parts"),
    "empty part": ("FREQ=DAILY;", "Use only the parts"),
    "part given twice": ("FREQ=DAILY;FREQ=DAILY", "Use each part once"),
    "digits that are not ASCII": ("FREQ=DAILY;COUNT=٣", "Use only ASCII"),
    "letters that turn into ASCII": ("FREQ=DAILY;BYſETPOS=1", "Use only ASCII"),
    "COUNT and UNTIL": ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "Use either COUNT or"),
    "BYSETPOS alone": ("FREQ=MONTHLY;BYSETPOS=1", "Use BYSETPOS together"),
    "day of the month in a week": ("FREQ=WEEKLY;BYMONTHDAY=1", "Use BYMONTHDAY with"),
    "numbered day in a week": ("FREQ=WEEKLY;BYDAY=2MO", "Use numbered days"),
    "numbered day, daily": ("FREQ=DAILY;BYDAY=MO,-1MO", "Use numbered days"),
    "thousands of days": ("FREQ=WEEKLY;BYDAY=" + "MO," * 5000 + "MO", "Shorten"),
    "a megabyte": ("FREQ=DAILY;" * 100_000, "Shorten"),
    "201 characters": ("FREQ=DAILY;COUNT=" + "1".zfill(184), "Shorten"),
    "no room for BYMONTHDAY": (
        "FREQ=MONTHLY;BYMONTH=1,2;BYSETPOS=1,2," + ",".join(map(str, range(100, 140))),
        "Shorten",
    ),
    "30 days before the end of February": (
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30",
        "it never has a date",
    ),
    "sixth Monday": ("FREQ=MONTHLY;BYDAY=6MO", "it never has a date"),
    "sixth weekday, numbered": (
        "FREQ=MONTHLY;BYDAY="
        + ",".join(f"{number}{day}" for number in range(6, 11) for day in WEEKDAYS),
        "it never has a date",
    ),
    "eighth day of a week": ("FREQ=WEEKLY;BYMONTH=1;BYSETPOS=2", "it never has a date"),
    "second of one day": ("FREQ=DAILY;BYMONTHDAY=1;BYSETPOS=2", "it never has a date"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_says_what_to_do_at_once(text, message):
    def refuse():
        with pytest.raises(InvalidRule, match=message):
            parse(text)

    assert best_time(refuse) < SLOW


def test_a_rule_of_200_characters_is_accepted():
    text = "FREQ=DAILY;COUNT=" + "1".zfill(183)

    assert len(text) == 200
    assert parse("RRULE:" + text) == "FREQ=DAILY;COUNT=1"


WORDS = """
RRULE: FREQ= DAILY WEEKLY MONTHLY YEARLY INTERVAL= BYMONTH= BYMONTHDAY= BYDAY= BYSETPOS=
COUNT= UNTIL= 20261224 T000000Z 0 1 2 31 366 999 MO -1FR , ; - + =
"""
words = st.sampled_from(WORDS.split())


@settings(max_examples=150)
@given(st.text() | st.lists(words | st.text(max_size=2), max_size=12).map("".join))
def test_any_text_is_normalized_or_refused(text):
    try:
        normalized = parse(text)
    except InvalidRule:
        return

    assert parse(normalized) == normalized
    assert len(normalized) <= 200
