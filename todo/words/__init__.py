"""Quick add: dates, times and repeats at both ends of a text; labels and more anywhere.

A wrong match is worse than a missed one. Double quotes protect their content.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from todo import repeats
from todo.labels import MAX_LABEL, distinct
from todo.words.patterns import (
    AT_END,
    AT_START,
    LONGEST_PIECE,
    MARK,
    NAME,
    PRIORITIES,
)
from todo.words.readers import Piece, read_piece
from todo.words.titles import is_clear, is_title

type Labels = list[str]  # aliases, because Words has a field named list
type Understood = list[tuple[str, str]]


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
    if not is_readable(title):
        found, title = [], text.strip()
    values = {kind: value for _, _, kind, value in found}
    due_date, due_time = values.get("date"), values.get("time")
    rule, base, after = values.get("repeat", (None, "FREQ=DAILY", False))
    if not due_date and (due_time or rule):
        due_date = next_date(base, due_time, now)
    labels = distinct(value for _, _, kind, value in found if kind == "label")
    return Words(
        *(title, due_date, due_time, rule, after),
        *(values.get("priority", 0), labels),
        values.get("list"),
        as_written(text, found),
    )


def is_readable(title: str) -> bool:
    return any(char.isalnum() or not char.isascii() for char in title)


def as_written(text: str, found: list[Piece]) -> Understood:
    return [(kind, text[start:end].rstrip(".,;:!?")) for start, end, kind, _ in found]


def next_date(rule: str, due_time: time | None, now: datetime) -> date | None:
    """Return the first date of the rule on which the time is not past."""
    is_past = due_time is not None and due_time < now.time().replace(second=0)
    return repeats.first_date(rule, now.date() + timedelta(is_past))


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
    text = blank_out(text, marks)
    at_end, end = pieces_at_end(text, today)
    at_start, start = pieces_at_start(text, end, today)
    pieces = at_start + at_end
    if len({kind for _, _, kind, _ in pieces}) < len(pieces):  # two dates: which one?
        pieces, start, end = [], 0, len(text)
    title = text[start:end].strip()
    return pieces, re.sub(r"\s{4,}", " ", title) if marks else title


def blank_out(text: str, marks: list[Piece]) -> str:
    chars = list(text)
    for start, end, *_ in marks:
        chars[start:end] = " " * (end - start)
    return "".join(chars)


def pieces_at_start(text: str, end: int, today: date) -> tuple[list[Piece], int]:
    """Return the pieces and the start of the text after them."""
    pieces, start = list[Piece](), len(text) - len(text.lstrip())
    while match := AT_START.match(text, start, end):
        piece = read_piece(match, today) if pieces or is_clear(match) else None
        if not piece or piece[2] in [kind for _, _, kind, _ in pieces]:
            break
        pieces.append(piece)
        start = end - len(text[match.end() : end].lstrip())
    return pieces, start


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
