"""python-dateutil as a second opinion, on the rules that it and aido take alike.

It skips months that lack a day of BYMONTHDAY, and fails for some numbers in BYDAY. So
aido computes the dates itself.
"""

from datetime import date, datetime
from itertools import islice

from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from todo.repeats import advance, parse
from todo.tests.repeats.oracle import WEEKDAYS

due_dates = st.builds(
    date, st.integers(2000, 2040), st.integers(1, 12), st.integers(1, 28)
)
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3)
PARTS = {
    "DAILY": {"BYDAY": weekdays},
    "WEEKLY": {"BYDAY": weekdays},
    "MONTHLY": {
        "BYDAY": st.sampled_from([["1MO"], ["-1FR"], ["2TU", "4TU"], ["MO", "WE"]]),
        "BYMONTHDAY": st.lists(st.integers(1, 28), min_size=1, max_size=3),
    },
    "YEARLY": {"BYMONTH": st.lists(st.integers(1, 12), min_size=1, max_size=3)},
}


@st.composite
def rules(draw):
    freq = draw(st.sampled_from(sorted(PARTS)))
    text = f"FREQ={freq};INTERVAL={draw(st.integers(1, 5))}"
    name = draw(st.sampled_from([None, *PARTS[freq]]))
    if name is None:
        return text
    return f"{text};{name}={','.join(map(str, draw(PARTS[freq][name])))}"


@settings(deadline=None, max_examples=200)
@given(rules(), due_dates)
def test_dateutil_finds_the_same_dates(text, due):
    rule = parse(text)
    start = datetime.combine(due, datetime.min.time())
    found = (moment.date() for moment in rrulestr(text, dtstart=start))
    expected = list(islice((day for day in found if day > due), 8))

    days = [due]
    for _ in expected:
        days.append(advance(rule, due, days[-1])[0])

    assert days[1:] == expected
