"""The next date, sentence by sentence."""

from datetime import date

import pytest

from todo.repeats import advance, after_completion, first_date
from todo.tests.repeats.timing import SLOW, best_time

ON_31ST = "FREQ=MONTHLY;BYMONTHDAY=31"
ON_30TH_AND_31ST = "FREQ=MONTHLY;BYMONTHDAY=30,31"
ON_29_FEBRUARY = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
EVERY_OTHER_WEEK = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"
LAST_WORKING_DAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
FRIDAY_13TH = "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR"

# Rule, due date, date after which the next one is, next date; all rules stay the same.
NEXT_DATES = {
    "tomorrow": ("FREQ=DAILY", "2026-11-25", "2026-11-25", "2026-11-26"),
    "done early": ("FREQ=DAILY", "2026-11-25", "2026-11-01", "2026-11-26"),
    "done late": ("FREQ=DAILY", "2026-11-25", "2027-01-01", "2027-01-02"),
    "phase": ("FREQ=DAILY;INTERVAL=3", "2026-11-25", "2026-11-29", "2026-12-01"),
    "weekday of the due date": (
        "FREQ=WEEKLY",
        "2026-11-25",
        "2026-12-02",
        "2026-12-09",
    ),
    "same week": (EVERY_OTHER_WEEK, "2026-11-23", "2026-11-23", "2026-11-26"),
    "week after next": (EVERY_OTHER_WEEK, "2026-11-26", "2026-11-26", "2026-12-07"),
    "week from a Sunday": (EVERY_OTHER_WEEK, "2026-11-29", "2026-11-29", "2026-12-07"),
    "28th": ("FREQ=MONTHLY", "2026-01-28", "2026-01-28", "2026-02-28"),
    "31st in February": (ON_31ST, "2026-01-31", "2026-01-31", "2026-02-28"),
    "31st after February": (ON_31ST, "2026-02-28", "2026-02-28", "2026-03-31"),
    "one last day": (ON_30TH_AND_31ST, "2026-02-28", "2026-02-28", "2026-03-30"),
    "one position": (
        f"{ON_30TH_AND_31ST};BYSETPOS=2",
        "2026-01-31",
        "2026-01-31",
        "2026-03-31",
    ),
    "month after next": (
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15",
        "2026-11-15",
        "2026-11-15",
        "2027-01-01",
    ),
    "working day": (LAST_WORKING_DAY, "2026-11-30", "2027-01-28", "2027-01-29"),
    "numbered": ("FREQ=MONTHLY;BYDAY=2TU,-1FR", *["2026-11-10"] * 2, "2026-11-27"),
    "Friday 13th": (FRIDAY_13TH, "2026-11-13", "2026-11-13", "2027-08-13"),
    "Friday 30 April": (
        f"{ON_31ST};BYDAY=FR",
        "2027-01-29",
        "2027-04-01",
        "2027-04-30",
    ),
    "year": ("FREQ=YEARLY", "2026-01-31", "2026-06-01", "2027-01-31"),
    "28 February": (ON_29_FEBRUARY, "2024-02-29", "2024-02-29", "2025-02-28"),
    "leap day": (ON_29_FEBRUARY, "2027-02-28", "2027-02-28", "2028-02-29"),
    "last Sunday": ("FREQ=YEARLY;BYDAY=-1SU", *["2026-12-27"] * 2, "2027-12-26"),
    "Thanksgiving": (
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "2026-11-26",
        "2026-11-26",
        "2027-11-25",
    ),
    "14th": ("FREQ=MONTHLY;BYDAY=2TU", "2026-06-09", "2026-06-09", "2026-07-14"),
    "new year": ("FREQ=WEEKLY;BYDAY=SU", "2026-12-27", "2027-01-01", "2027-01-03"),
    "fifth-last Monday": (
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-5",
        "2026-11-02",
        "2026-11-02",
        "2027-03-01",
    ),
    "order of positions": (
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=1,9,17",
        "2026-01-17",
        "2026-01-17",
        "2027-01-01",
    ),
    "day 366": ("FREQ=DAILY", "2028-12-30", "2028-12-30", "2028-12-31"),
    "UNTIL": ("FREQ=DAILY;UNTIL=20261126", *["2026-11-25"] * 2, "2026-11-26"),
    "last day": ("FREQ=DAILY", "9999-12-30", "9999-12-30", "9999-12-31"),
    "first week": ("FREQ=WEEKLY;BYDAY=SU", "0001-01-01", "0001-01-01", "0001-01-07"),
}


def advance_text(rule, due, after):
    found = advance(rule, date.fromisoformat(due), date.fromisoformat(after))
    return found and (found[0].isoformat(), found[1])


@pytest.mark.parametrize(
    ("rule", "due", "after", "next_date"), NEXT_DATES.values(), ids=NEXT_DATES.keys()
)
def test_a_task_moves_to_the_next_date(rule, due, after, next_date):
    assert advance_text(rule, due, after) == (next_date, rule)


@pytest.mark.parametrize(
    ("rule", "due", "next_date", "stored"),
    [
        ("FREQ=MONTHLY", "2026-01-31", "2026-02-28", ON_31ST),
        ("FREQ=MONTHLY", "2026-07-31", "2026-08-31", ON_31ST),
        ("FREQ=YEARLY", "2024-02-29", "2025-02-28", ON_29_FEBRUARY),
        (
            "FREQ=YEARLY;BYMONTH=1,4",
            "2026-01-31",
            "2026-04-30",
            "FREQ=YEARLY;BYMONTH=1,4;BYMONTHDAY=31",
        ),
        ("freq=daily;interval=1", "2026-01-31", "2026-02-01", "FREQ=DAILY"),
    ],
)
def test_the_rule_keeps_what_only_the_old_due_date_implies(
    rule, due, next_date, stored
):
    assert advance_text(rule, due, due) == (next_date, stored)


@pytest.mark.parametrize(
    ("count", "after", "expected"),
    [
        (3, "2026-11-25", ("2026-11-26", "FREQ=DAILY;COUNT=2")),
        (3, "2026-11-26", ("2026-11-27", "FREQ=DAILY;COUNT=1")),
        (3, "2026-11-27", None),
        (1, "2026-11-25", None),
    ],
)
def test_skipped_dates_reduce_count(count, after, expected):
    assert advance_text(f"FREQ=DAILY;COUNT={count}", "2026-11-25", after) == expected


def test_a_due_date_that_the_rule_does_not_have_is_the_first_of_count():
    rule = "FREQ=WEEKLY;BYDAY=MO;COUNT=2"

    found = advance_text(rule, "2026-11-25", "2026-11-25")

    assert found == ("2026-11-30", "FREQ=WEEKLY;BYDAY=MO;COUNT=1")


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("FREQ=DAILY;UNTIL=20261126", "2026-11-26"),
        ("FREQ=DAILY;UNTIL=20261126", "2027-11-26"),
        ("FREQ=DAILY", "9999-12-31"),
        ("FREQ=WEEKLY;BYDAY=SU", "9999-12-26"),
        # From a Monday, every seventh day is a Monday.
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "2026-11-23"),
    ],
)
def test_a_rule_that_has_ended_has_no_next_date(rule, due):
    assert advance_text(rule, due, due) is None


@pytest.mark.parametrize(
    ("rule", "completed_on", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", date(2026, 11, 25), (date(2026, 11, 28), "{rule}")),
        ("FREQ=WEEKLY;INTERVAL=2", date(2026, 11, 25), (date(2026, 12, 9), "{rule}")),
        # The day is that of each completion, so the rule does not keep the 31st.
        ("FREQ=MONTHLY", date(2026, 1, 31), (date(2026, 2, 28), "FREQ=MONTHLY")),
        (
            "FREQ=DAILY;COUNT=2",
            date(2026, 1, 1),
            (date(2026, 1, 2), "FREQ=DAILY;COUNT=1"),
        ),
        ("FREQ=DAILY;COUNT=1", date(2026, 1, 1), None),
        ("FREQ=DAILY;UNTIL=20260101", date(2026, 1, 1), None),
    ],
)
def test_a_task_can_repeat_after_its_completion(rule, completed_on, expected):
    found = after_completion(rule, completed_on)

    assert found == (expected and (expected[0], expected[1].format(rule=rule)))


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 1, 31)),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 25), date(2026, 11, 30)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", date(2026, 11, 25), date(2026, 11, 30)),
        ("FREQ=DAILY;COUNT=1", date(2026, 11, 25), date(2026, 11, 25)),
        ("FREQ=DAILY;UNTIL=20261124", date(2026, 11, 25), None),
        ("FREQ=DAILY", date(1, 1, 1), date(1, 1, 1)),
        ("FREQ=DAILY", date(9999, 12, 31), date(9999, 12, 31)),
        ("FREQ=WEEKLY;BYDAY=MO", date(9999, 12, 31), None),
    ],
)
def test_the_first_date_is_on_or_after_the_start(rule, start, expected):
    assert first_date(rule, start) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=14;BYDAY=TU,WE,TH,FR,SA,SU",
        "FREQ=DAILY;INTERVAL=497;BYDAY=TU,WE,TH,FR,SA,SU",
        "FREQ=WEEKLY;INTERVAL=53;COUNT=9999",
        "FREQ=MONTHLY;INTERVAL=11;BYDAY=MO,FR;BYSETPOS=-1;COUNT=9999",
        "FREQ=YEARLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=-29",
        "FREQ=YEARLY;BYDAY=53MO,53TU;BYSETPOS=2;COUNT=9999",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366;COUNT=9999",
    ],
)
@pytest.mark.parametrize("after", [date(1, 1, 1), date(9998, 1, 1)])
def test_the_search_is_fast(rule, after):
    assert best_time(lambda: advance(rule, date(1, 1, 1), after)) < SLOW
