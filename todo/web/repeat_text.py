"""Repeat rules in words: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO is "Every 2 weeks on Mon"."""

import re
from datetime import date

from django.utils.formats import date_format

Parts = dict[str, str]

UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
DAYS = {
    **{"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu"},
    **{"FR": "Fri", "SA": "Sat", "SU": "Sun"},
}
MONTHS = [
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
]
WORKDAYS = "MO,TU,WE,TH,FR"


def repeat_text(rule: str, after_completion: bool = False) -> str:
    """Return a valid rule in words, such as `Every month on the last Fri`."""
    parts = dict(part.split("=") for part in rule.split(";"))
    ends = [_end(parts), "after completion" if after_completion else ""]
    return ", ".join(filter(None, [_every(parts) + _on(parts) + _in(parts), *ends]))


def _every(parts: Parts) -> str:
    unit, interval = UNITS[parts["FREQ"]], parts.get("INTERVAL", "1")
    if interval != "1":
        return f"Every {interval} {unit}s"
    return "Every weekday" if _is_every_weekday(parts) else f"Every {unit}"


def _is_every_weekday(parts: Parts) -> bool:
    return (
        parts["FREQ"] in ("DAILY", "WEEKLY")
        and parts.get("BYDAY") == WORKDAYS
        and not parts.keys() & {"INTERVAL", "BYMONTHDAY", "BYSETPOS"}
    )


def _on(parts: Parts) -> str:
    """Return the days that the rule selects in each of its periods."""
    if _is_every_weekday(parts):
        return ""
    if _has_one_month(parts):
        month = MONTHS[int(parts["BYMONTH"]) - 1]
        return f" on {month} {parts['BYMONTHDAY'].replace(',', ', ')}"
    month_days, weekdays = _month_days(parts), _weekdays(parts)
    if month_days and weekdays:
        month_days += f" if it is {weekdays.replace('weekdays', 'a weekday')}"
    if "BYSETPOS" in parts:
        return f" on {_positions(parts, month_days or weekdays)}"
    if not month_days and not weekdays:
        return ""
    on = ", only on" if parts["FREQ"] == "DAILY" else " on"
    if parts["FREQ"] in ("MONTHLY", "YEARLY") and not weekdays.startswith("the"):
        weekdays = f"every {weekdays.removesuffix('s')}"
    return f"{on} {month_days or weekdays}"


def _has_one_month(parts: Parts) -> bool:
    """Return whether the rule is for days of one month, such as Dec 24."""
    return (
        parts["FREQ"] == "YEARLY"
        and parts.get("BYMONTH", ",").isdigit()
        and "-" not in parts.get("BYMONTHDAY", "-")
        and not parts.keys() & {"BYDAY", "BYSETPOS"}
    )


def _in(parts: Parts) -> str:
    """Return the months that the rule is restricted to."""
    if "BYMONTH" in parts and not _has_one_month(parts):
        months = [MONTHS[int(month) - 1] for month in parts["BYMONTH"].split(",")]
        return f" in {', '.join(months)}"
    every_month = parts["FREQ"] == "YEARLY" and "BYMONTHDAY" in parts
    return " of every month" if every_month and "BYMONTH" not in parts else ""


def _month_days(parts: Parts) -> str:
    if "BYMONTHDAY" not in parts:
        return ""
    numbers = map(int, parts["BYMONTHDAY"].split(","))
    days = [_ordinal(n) + (" day" if n < 0 else "") for n in numbers]
    return f"the {', '.join(days)}"


def _weekdays(parts: Parts) -> str:
    """Return the days of the week: `Mon, Tue`, `the 2nd Tue` or `weekdays`."""
    if "BYDAY" not in parts:
        return ""
    if parts["BYDAY"] == WORKDAYS:
        return "weekdays"
    pairs = re.findall(r"(-?[0-9]*)([A-Z]+)", parts["BYDAY"])
    plain = [DAYS[day] for number, day in pairs if not number]
    numbered = [
        f"{_ordinal(int(number))} {DAYS[day]}" for number, day in pairs if number
    ]
    return ", ".join([*plain, *([f"the {', '.join(numbered)}"] if numbered else [])])


def _positions(parts: Parts, days: str) -> str:
    """Return which of the selected days counts, such as `the last weekday`."""
    positions = ", ".join(_ordinal(int(n)) for n in parts["BYSETPOS"].split(","))
    if not days:
        return f"the {positions} of its days"
    if days.startswith("the "):
        return f"the {positions} of {days}"
    return f"the {positions} {days.removesuffix('s').replace(', ', ' or ')}"


def _end(parts: Parts) -> str:
    if until := parts.get("UNTIL"):
        return f"until {date_format(date.fromisoformat(until), 'M j, Y')}"
    count = parts.get("COUNT")
    return f"{count} time{'' if count == '1' else 's'}" if count else ""


def _ordinal(number: int) -> str:
    """Return 1st, 2nd ..., or counted from the end: last, 2nd to last ..."""
    if number == -1:
        return "last"
    ordinal = f"{abs(number)}{_ending(abs(number))}"
    return ordinal if number > 0 else f"{ordinal} to last"


def _ending(number: int) -> str:
    if number % 100 // 10 == 1:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
