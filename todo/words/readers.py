"""The dates, times and repeats that matches of the grammar stand for."""

import re
from datetime import date, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from todo.words.patterns import DAYS, FREQUENCIES, NUMBERS
from todo.words.rules import first_date, to_rule

type Piece = tuple[int, int, str, Any]  # start, end, kind, value


def read_piece(match: re.Match[str], today: date) -> Piece | None:
    kind = next(kind for kind in READERS if match[kind])
    try:
        return *match.span("piece"), kind, READERS[kind](match, today)
    except (LookupError, ValueError, OverflowError):  # such as 31 February
        return None


def read_time(match: re.Match[str], _today: date) -> time:
    hour, minute, *_ = map(int, re.findall("[0-9]+", f"{match['time']} 0 0"))
    is_tonight = re.search(r"tonight[\s,]*\Z", match.string[: match.start()], re.I)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    elif 0 < hour < (12 if is_tonight else 8 if match["bare"] else 0):
        hour += 12
    return time(12) if match["noon"] else time(hour, minute)


def read_date(match: re.Match[str], today: date) -> date:
    tomorrow, monday = today + timedelta(1), today + timedelta(7 - today.weekday())
    if match["word"]:
        return read_day_word(match["word"].lower(), today)
    if match["units"]:
        return today + read_duration(match)
    first = {"week": "monday", "month": "1st"}.get((match["next"] or "").lower())
    if target := first or match["weekday"]:
        which = (match["which"] or "").strip().lower()
        start = {"next": monday, "this": today}.get(which, tomorrow)
        return first_date(to_rule(target), start)
    return read_calendar_date(match, today)


def read_day_word(word: str, today: date) -> date:
    """Return the date of a word such as "tonight", or of "day after tomorrow"."""
    is_today = word in ("today", "tonight")
    return today if is_today else today + timedelta(2 if " " in word else 1)


def read_duration(match: re.Match[str]) -> relativedelta:
    count = int(NUMBERS.get(match["count"].lower(), match["count"]))
    return relativedelta(None, None, **{f"{match['units'].lower()}s": count})


def read_calendar_date(match: re.Match[str], today: date) -> date:
    """Return the date of a day and month, or of ISO 8601. Raises ValueError."""
    iso, of_week = match["iso"], (match["of_week"] or "")[:3].lower()
    day = date.fromisoformat(iso) if iso else first_date(to_rule(match["date"]), today)
    day = day.replace(year=int(match["year"] or day.year))
    if day < today or of_week not in DAYS[day.weekday()]:
        raise ValueError(f"{match['date']} is past or another weekday")
    return day


def read_repeat(match: re.Match[str], today: date) -> tuple[str, str, bool]:
    """Return the rule with and without its interval; it counts from the first date."""
    unit, count = (match["unit"] or "").lower(), (match["interval"] or "1").lower()
    frequency = f"FREQ={FREQUENCIES[unit]}" if unit else ""
    base = to_rule(f"{unit} {match['target']}") if match["target"] else frequency
    interval = int(NUMBERS.get(count, count))
    if not first_date(base, today) or not base.startswith(frequency) or not interval:
        raise ValueError(f"{match['repeat']} is not a repeat")
    every = f";INTERVAL={interval}" if interval > 1 else ""
    return re.sub(r"(?<=LY)", every, base, count=1), base, bool(match["after"])


READERS = {"repeat": read_repeat, "date": read_date, "time": read_time}
