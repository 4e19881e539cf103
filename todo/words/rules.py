"""Repeat rules that say a day in words: "mon, wed", "last day" or "12 May"."""

import re
from datetime import date, datetime, time

from dateutil.rrule import rrulestr

from todo.words.patterns import DAYS, MONTH, MONTHS, WEEKDAY


def first_date(rule: str, start: date) -> date:
    return rrulestr(rule, dtstart=datetime.combine(start, time()))[0].date()


def to_rule(text: str) -> str:
    """Return the rule of "mon, wed", "2nd tue", "1st", "last day" or "12 May"."""
    text = text.lower().replace("weekday", "mon tue wed thu fri")
    number, month = re.search("[0-9]+", text), re.search(rf"\b{MONTH}\b", text)
    if number and month:
        index = [name[:3] for name in MONTHS].index(month[0][:3]) + 1
        day = date(2028, index, int(number[0]))  # in a leap year
        return f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
    if nth := re.search(rf"(?:([1-5])..|last)\s+({WEEKDAY})\b", text):
        return f"FREQ=MONTHLY;BYDAY={nth[1] or -1}{nth[2][:2].upper()}"
    if number or re.search(r"\b(?:last|end)\b.*month|month.*\blast\b", text):
        return f"FREQ=MONTHLY;BYMONTHDAY={int(number[0]) if number else -1}"
    text = text.replace("weekend", "sat sun")
    days = [name[:2].upper() for name in DAYS if name[:3] in text]
    return f"FREQ=WEEKLY;BYDAY={','.join(days)}"
