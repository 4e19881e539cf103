"""Repeat rules: the dates of an RFC 5545 RRULE (section 3.3.10), without times.

A rule is text such as FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH. FREQ and INTERVAL select
periods: every second week, counted from the week of the due date (RFC: DTSTART);
weeks start on Monday. The dates of a period are the days that match BYMONTH, BYMONTHDAY
and BYDAY; BYSETPOS selects some of them by position. Without BYDAY and BYMONTHDAY, the
due date implies its weekday (WEEKLY), its day of the month (MONTHLY, YEARLY) and its
month (YEARLY without BYMONTH). A number in BYDAY counts in the month if FREQ is MONTHLY
or BYMONTH is given, otherwise in the year.

The one deviation: the RFC skips a month that lacks a day of BYMONTHDAY. Here 29, 30 and
31 mean the last day of a shorter month, in every rule and before BYDAY and BYSETPOS are
applied. So BYMONTHDAY=30,31 is one date in February, which BYSETPOS counts once, and
BYMONTHDAY=31;BYDAY=FR includes Friday, 30 April. Negative days are as in the RFC: a
month of 30 days has no BYMONTHDAY=-31.
"""

from datetime import date

from todo.repeats.dates import (
    dates_from,
    has_dates,
    with_implied_parts,
    with_month_day,
)
from todo.repeats.parts import InvalidRule
from todo.repeats.rule import MAX_LENGTH, Rule, format_rule, read_rule

__all__ = [
    *("MAX_LENGTH", "InvalidRule"),
    *("advance", "after_completion", "first_date", "parse"),
]


def parse(text: str) -> str:
    """Return the rule in normal form; raise InvalidRule if it is refused.

    Accepts FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS, COUNT and UNTIL, each
    once, in any order and letter case, after an optional RRULE: prefix. The time of
    UNTIL is dropped. A rule that has no date, whatever the due date, is refused.
    """
    rule = read_rule(text)
    if len(format_rule(with_implied_parts(rule, date(2000, 12, 31)))) > MAX_LENGTH:
        raise InvalidRule("Shorten the rule, so that BYMONTHDAY can be added to it.")
    if not has_dates(rule):
        raise InvalidRule("Change the rule: it never has a date.")
    return format_rule(rule)


def advance(rule: str, due: date, after: date) -> tuple[date, str] | None:
    """Return the next date, later than `due` and `after`, and the rule to store.

    The rule counts from `due`, which is the first of its COUNT dates. COUNT is reduced
    by the dates before the new one, skipped ones too. BYMONTHDAY is added if a later
    date may no longer imply the day, such as 28 February after 31 January. Return None
    if the rule has ended, by COUNT, UNTIL or the last year of the calendar, 9999.
    """
    found = _find(read_rule(rule), due, after)
    return found and (found[0], format_rule(with_month_day(found[1], due)))


def after_completion(rule: str, completed_on: date) -> tuple[date, str] | None:
    """Return the first date after `completed_on`, and the rule to store.

    The rule counts from `completed_on`; COUNT is reduced by one. Return None if the
    rule has ended.
    """
    found = _find(read_rule(rule), completed_on, completed_on)
    return found and (found[0], format_rule(found[1]))


def first_date(rule: str, start: date) -> date | None:
    """Return the first date on or after `start`, or None if the rule has ended.

    INTERVAL has no effect: it counts from the due date, which this date is to become.
    """
    every_period = read_rule(rule) | {"INTERVAL": "1"}
    return next(dates_from(every_period, start, start), None)


def _find(rule: Rule, due: date, after: date) -> tuple[date, Rule] | None:
    count = int(rule.get("COUNT", 0))
    # Only COUNT needs the dates that are skipped.
    dates = dates_from(rule, due, due if count else max(due, after))
    later = (day for day in dates if day > due)
    for passed, day in enumerate(later, start=1):
        if count and passed >= count:
            return None
        if day > after:
            return day, rule | ({"COUNT": str(count - passed)} if count else {})
    return None
