"""Quick add: dates, times and repeats at both ends of a text; labels and more anywhere.

A wrong match is worse than a missed one. Double quotes protect their content.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from todo import repeats
from todo.labels import MAX_LABEL, distinct
from todo.words.patterns import (
    AT_END,
    AT_START,
    DAYS,
    DOUBTFUL,
    FREQUENCIES,
    LONGEST_PIECE,
    MARK,
    MONTH,
    MONTHS,
    NAME,
    NUMBERS,
    PRIORITIES,
    TITLES,
)

type Labels = list[str]  # aliases, because Words has a field named list
type Understood = list[tuple[str, str]]
type Piece = tuple[int, int, str, Any]  # start, end, kind, value


class Words(NamedTuple):
    title: str
    due_date: date | None
    due_time: time | None
    repeat: str | None  # an RRULE without "RRULE:"
    repeat_after_completion: bool
    priority: int  # 0 to 3
    labels: Labels
    list: str | None  # a name as written; the list may not exist
    understood: Understood  # (kind, text as written), in the order of the text


def parse(text: str, now: datetime) -> Words:
    """Split a text into a title and the rest; `now` is the user's local time.

    The last of several priorities or lists counts.
    """
    marks = list(find_marks(text))
    pieces, title = find_pieces(text, marks, now.date())
    found = sorted([*marks, *pieces])
    if not any(char.isalnum() or not char.isascii() for char in title):
        found, title = [], text.strip()
    values = {kind: value for _, _, kind, value in found}
    due_date, due_time = values.get("date"), values.get("time")
    rule, base, after = values.get("repeat", (None, "FREQ=DAILY", False))
    if not due_date and (due_time or rule):
        is_past = due_time is not None and due_time < now.time().replace(second=0)
        due_date = repeats.first_date(base, now.date() + timedelta(is_past))
    labels = [value for _, _, kind, value in found if kind == "label"]
    return Words(
        *(title, due_date, due_time, rule, after),
        *(values.get("priority", 0), distinct(labels)),
        values.get("list"),
        [(kind, text[start:end].rstrip(".,;:!?")) for start, end, kind, _ in found],
    )


def first_date(rule: str, start: date) -> date:
    return rrulestr(rule, dtstart=datetime.combine(start, time()))[0].date()


def find_marks(text: str) -> Iterator[Piece]:
    for match in MARK.finditer(text):
        sign, name = match["sign"], (match["name"] or "").rstrip(".,;:!?")
        is_name, quoted = NAME.fullmatch(name), (match["quoted"] or "").strip()
        if sign == "!" and name.lower() in PRIORITIES:
            yield *match.span(), "priority", PRIORITIES[name.lower()]
        elif sign == "#" and is_name and len(name) <= MAX_LABEL:
            yield *match.span(), "label", name
        elif quoted or sign == "@" and is_name and not re.search(r"^\d|[/.:@#]", name):
            yield *match.span(), "list", quoted or name


def find_pieces(text: str, marks: list[Piece], today: date) -> tuple[list[Piece], str]:
    """Return the dates, times and repeats at both ends, and the title between."""
    chars = list(text)
    for start, end, *_ in marks:
        chars[start:end] = " " * (end - start)
    text = "".join(chars)
    at_end, end = pieces_at_end(text, today)
    pieces, start = list[Piece](), len(text) - len(text.lstrip())
    while match := AT_START.match(text, start, end):
        piece = read_piece(match, today) if pieces or is_clear(match) else None
        if not piece or piece[2] in [kind for _, _, kind, _ in pieces]:
            break
        pieces.append(piece)
        start = end - len(text[match.end() : end].lstrip())
    pieces += at_end
    if len({kind for _, _, kind, _ in pieces}) < len(pieces):  # two dates: which one?
        pieces, start, end = [], 0, len(text)
    title = text[start:end].strip()
    return pieces, re.sub(r"\s{4,}", " ", title) if marks else title


def pieces_at_end(text: str, today: date) -> tuple[list[Piece], int]:
    """Return the pieces and the end of the text before them."""
    pieces, kinds, end = list[Piece](), list[str](), len(text.rstrip())
    while match := AT_END.search(text, max(0, end - LONGEST_PIECE), end):
        left, piece = text[: match.start()].rstrip(), read_piece(match, today)
        if not piece or is_title(left, match):
            is_doubtful = kinds == ["time"] or kinds and not match["time"]
            return ([], len(text)) if is_doubtful else (pieces, end)
        pieces.append(piece)
        end = len(left.rstrip(" ,:;-–—"))
        if piece[2] in kinds:
            break
        kinds.append(piece[2])
    return pieces, end


def is_title(left: str, match: re.Match[str]) -> bool:
    """Return whether a match at the end is more likely the end of the title."""
    if match["early"] and not match["at"] and not AT_END.search(left[-LONGEST_PIECE:]):
        return True  # a ratio, unless there is a date
    return any(match[key] and re.search(TITLES[key], left, re.I) for key in TITLES)


def is_clear(match: re.Match[str]) -> bool:
    """Return whether a match at the start is surely not the start of the title."""
    if match["separator"] or match["before_time"] and not match["time"]:
        return match["piece"].lower() != "sun"  # "Sun, sea and sand"
    is_likely = match["iso"] or match["month_day"] or match["before_word"]
    return bool(is_likely) and not re.fullmatch(DOUBTFUL, match["piece"])


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
    if word := match["word"]:
        is_today = word.lower() in ("today", "tonight")
        return today if is_today else tomorrow + timedelta(" " in word)
    if unit := match["units"]:
        count = int(NUMBERS.get(match["count"].lower(), match["count"]))
        return today + relativedelta(None, None, **{f"{unit.lower()}s": count})
    first = {"week": "monday", "month": "1st"}.get((match["next"] or "").lower())
    if target := first or match["weekday"]:
        which = (match["which"] or "").strip().lower()
        start = {"next": monday, "this": today}.get(which, tomorrow)
        return first_date(to_rule(target), start)
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


def to_rule(text: str) -> str:
    """Return the rule of "mon, wed", "weekend", "1st", "last day" or "12 May"."""
    text = text.lower().replace("weekday", "mon tue wed thu fri")
    number, month = re.search("[0-9]+", text), re.search(rf"\b{MONTH}\b", text)
    if number and month:
        index = [name[:3] for name in MONTHS].index(month[0][:3]) + 1
        day = date(2028, index, int(number[0]))  # in a leap year
        return f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
    if number or re.search(r"\b(?:last|end)\b.*month|month.*\blast\b", text):
        return f"FREQ=MONTHLY;BYMONTHDAY={int(number[0]) if number else -1}"
    text = text.replace("weekend", "sat sun")
    days = [name[:2].upper() for name in DAYS if name[:3] in text]
    return f"FREQ=WEEKLY;BYDAY={','.join(days)}"


READERS = {"repeat": read_repeat, "date": read_date, "time": read_time}
