import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from todo import repeats
from todo.web.repeat_text import DAYS, repeat_text

TEXTS = {
    "FREQ=DAILY": "Every day",
    "FREQ=DAILY;INTERVAL=3": "Every 3 days",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": "Every weekday",
    "FREQ=DAILY;BYDAY=SA,SU": "Every day, only on Sat, Sun",
    "FREQ=DAILY;INTERVAL=2;BYMONTH=7,8": "Every 2 days in Jul, Aug",
    "FREQ=WEEKLY": "Every week",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "Every weekday",
    "FREQ=WEEKLY;BYMONTH=1;BYDAY=MO,TU,WE,TH,FR": "Every weekday in Jan",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH": "Every 2 weeks on Mon, Thu",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": "Every 2 weeks on weekdays",
    "FREQ=MONTHLY": "Every month",
    "FREQ=MONTHLY;BYMONTHDAY=1,15": "Every month on the 1st, 15th",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "Every month on the last day",
    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=11,22,-2": (
        "Every 3 months on the 11th, 22nd, 2nd to last day"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR": "Every month on the 13th if it is Fri",
    "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO,TU,WE,TH,FR": (
        "Every month on the 1st if it is a weekday"
    ),
    "FREQ=MONTHLY;BYDAY=2TU,-1FR": "Every month on the 2nd Tue, last Fri",
    "FREQ=MONTHLY;BYDAY=MO": "Every month on every Mon",
    "FREQ=MONTHLY;BYDAY=MO,1FR": "Every month on every Mon, the 1st Fri",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR": "Every month on every weekday",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "Every month on the last weekday",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1": "Every month on the 1st Mon or Tue",
    "FREQ=MONTHLY;BYMONTHDAY=8,9;BYDAY=SA,SU;BYSETPOS=1": (
        "Every month on the 1st of the 8th, 9th if it is Sat, Sun"
    ),
    "FREQ=YEARLY": "Every year",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24": "Every year on Dec 24",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1": "Every year on the last day in Dec",
    "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1": "Every year on the 1st in Jan, Jul",
    "FREQ=YEARLY;BYMONTH=1,7": "Every year in Jan, Jul",
    "FREQ=YEARLY;BYMONTHDAY=24": "Every year on the 24th of every month",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH": "Every year on the 4th Thu in Nov",
    "FREQ=YEARLY;BYDAY=20MO": "Every year on the 20th Mon",
    "FREQ=YEARLY;BYMONTH=1,7;BYSETPOS=-1": (
        "Every year on the last of its days in Jan, Jul"
    ),
    "FREQ=DAILY;COUNT=5": "Every day, 5 times",
    "FREQ=DAILY;COUNT=1": "Every day, 1 time",
    "FREQ=DAILY;UNTIL=20261224": "Every day, until Dec 24, 2026",
}


@pytest.mark.parametrize(("rule", "text"), TEXTS.items(), ids=TEXTS)
def test_a_rule_in_words(rule, text):
    assert repeats.parse(rule) == rule
    assert repeat_text(rule) == text


def test_the_words_say_what_the_rule_counts_from():
    assert (
        repeat_text("FREQ=DAILY;COUNT=5", True)
        == "Every day, 5 times, after completion"
    )


def values_of(numbers, suffixes=("",)):
    value = st.builds("{}{}".format, numbers, st.sampled_from(suffixes))
    return st.lists(value, min_size=1, max_size=5).map(",".join)


signed = st.integers(-31, 31).filter(bool)
rules = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.integers(1, 999),
        "BYMONTH": values_of(st.integers(1, 12)),
        "BYMONTHDAY": values_of(signed),
        "BYDAY": values_of(
            st.one_of(st.just(""), st.sampled_from(["1", "-1", "2", "5", "53"])),
            list(DAYS),
        ),
        "BYSETPOS": values_of(signed),
        "COUNT": st.integers(1, 9999),
        "UNTIL": st.dates().map("{:%Y%m%d}".format),
    },
)


@given(rules, st.booleans())
def test_every_rule_has_words(parts, after_completion):
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rule = repeats.parse(text)
    except repeats.InvalidRule:
        assume(False)

    words = repeat_text(rule, after_completion)

    assert re.fullmatch(r"Every [\w ,]+", words)
    assert not re.search("[A-Z]{2}|  |,,| ,|on on| the the", words)
    assert len(words) < 600
