"""The dates of a repeat rule, up to the year 9999."""

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date, timedelta
from functools import cache, partial

from todo.repeats.parts import WEEKDAYS
from todo.repeats.rule import Rule, numbers

# A year's calendar depends only on its length and the weekday of 1 January.
_SAMPLES = {
    (isleap(year), date(year, 1, 1).weekday()): year for year in range(2000, 2028)
}
CALENDARS = [
    _SAMPLES[isleap(year), date(year, 1, 1).weekday()] for year in range(2000, 2400)
]


def with_implied_parts(rule: Rule, due: date) -> Rule:
    """Return the rule with the parts that it takes from the due date."""
    if rule["FREQ"] == "DAILY" or rule.keys() & {"BYDAY", "BYMONTHDAY"}:
        return rule
    if rule["FREQ"] == "WEEKLY":
        return rule | {"BYDAY": WEEKDAYS[due.weekday()]}
    month = {"BYMONTH": str(due.month)} if rule["FREQ"] == "YEARLY" else {}
    return month | rule | {"BYMONTHDAY": str(due.day)}


def with_month_day(rule: Rule, due: date) -> Rule:
    """Return the rule with the implied BYMONTHDAY if one of its months may lack it."""
    explicit = with_implied_parts(rule, due)
    months = numbers(explicit, "BYMONTH") or {2}
    shortest = min(monthrange(2001, month)[1] for month in months)
    return explicit if "BYMONTHDAY" in explicit and due.day > shortest else rule


def has_dates(rule: Rule) -> bool:
    """Return whether the rule has a date for any due date at all."""
    rule = with_implied_parts(rule, date(2000, 1, 1))
    return any(_dates_by_period(rule, year) for year in set(CALENDARS))


def dates_from(rule: Rule, due: date, start: date) -> Iterator[date]:
    """Yield the dates on or after `start` of the rule, counted from the due date.

    A year costs two lookups: its dates depend only on its calendar and on which of its
    periods is the first that INTERVAL selects. So a search to the last year is fast.
    """
    rule = with_implied_parts(rule, due)
    freq, interval = rule["FREQ"], int(rule.get("INTERVAL", 1))
    last_day = date.fromisoformat(rule.get("UNTIL", "99991231")).toordinal()
    start_day, due_period = start.toordinal(), _period(freq, due)
    by_period = cache(partial(_dates_by_period, rule))
    selected: dict[tuple[int, int], list[int]] = {}
    # A week belongs to the year of its Monday.
    first_year = (start - timedelta(start.weekday())).year
    for year in range(first_year, MAXYEAR + 1):
        new_year, calendar = date(year, 1, 1).toordinal(), CALENDARS[year % 400]
        first = (due_period - _first_period(freq, year, new_year)) % interval
        if (offsets := selected.get((first, calendar))) is None:
            periods = range(first, 366, interval)
            offsets = _dates_of(periods, by_period(calendar))
            selected[first, calendar] = offsets
        for offset in offsets:
            day = new_year + offset
            if day > last_day:
                return
            if day >= start_day:
                yield date.fromordinal(day)


def _dates_of(periods: range, by_period: dict[int, list[int]]) -> list[int]:
    return [day for period in periods for day in by_period.get(period, ())]


def _dates_by_period(rule: Rule, year: int) -> dict[int, list[int]]:
    """Map the periods that begin in the year to their dates, if they have any.

    Periods are counted from the first of the year, dates in days from 1 January.
    """
    freq, matches = rule["FREQ"], _matcher(rule)
    new_year, next_year = date(year, 1, 1), date(year + 1, 1, 1)
    first = _first_period(freq, year, new_year.toordinal())
    end = _first_period(freq, year + 1, next_year.toordinal())
    dates: dict[int, list[int]] = {}
    for offset in range(366 + 6):  # the last week may end in the next year
        day = new_year + timedelta(offset)
        period = _period(freq, day)
        if first <= period < end and matches(day):
            dates.setdefault(period - first, []).append(offset)
    positions = numbers(rule, "BYSETPOS")
    selected = {period: _select(days, positions) for period, days in dates.items()}
    return {period: days for period, days in selected.items() if days}


def _matcher(rule: Rule) -> Callable[[date], bool]:
    """Return a function that applies BYMONTH, BYMONTHDAY and BYDAY to a day."""
    months, month_days = numbers(rule, "BYMONTH"), numbers(rule, "BYMONTHDAY")
    weekdays = set(rule["BYDAY"].split(",")) if "BYDAY" in rule else set()
    longest = max(month_days, default=0)
    in_year = rule["FREQ"] == "YEARLY" and not months

    def matches(day: date) -> bool:
        if months and day.month not in months:
            return False
        index, length = day.day, monthrange(day.year, day.month)[1]
        in_month_days = (
            not month_days
            or index in month_days
            or index - length - 1 in month_days
            or index == length < longest
        )
        if in_year:
            index, length = day.timetuple().tm_yday, 365 + isleap(day.year)
        return in_month_days and (
            not weekdays or not weekdays.isdisjoint(_names(day, index, length))
        )

    return matches


def _names(day: date, index: int, length: int) -> tuple[str, str, str]:
    """Return what BYDAY may call the day, such as FR, 2FR and -3FR."""
    name = WEEKDAYS[day.weekday()]
    return name, f"{(index - 1) // 7 + 1}{name}", f"{(index - 1 - length) // 7}{name}"


def _select(dates: list[int], positions: set[int]) -> list[int]:
    if not positions:
        return dates
    indexes = sorted({n - 1 if n > 0 else len(dates) + n for n in positions})
    return [dates[index] for index in indexes if 0 <= index < len(dates)]


def _period(freq: str, day: date) -> int:
    if freq == "DAILY":
        return day.toordinal()
    if freq == "WEEKLY":
        return (day.toordinal() - 1) // 7  # 1 January of the year 1 was a Monday
    return day.year * 12 + day.month if freq == "MONTHLY" else day.year


def _first_period(freq: str, year: int, new_year: int) -> int:
    """Return the first period that begins in the year, whose first day is given."""
    if freq == "DAILY":
        return new_year
    if freq == "WEEKLY":
        return (new_year + 5) // 7
    return year * 12 + 1 if freq == "MONTHLY" else year
