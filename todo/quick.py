"""Quick add: the values of a new task from the text that a person typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from todo import repeats, statements
from todo.labels import MAX_LABELS
from todo.lists import read_all
from todo.models import User
from todo.models.text import VISIBLE
from todo.statements import Row, Statement
from todo.tasks import ACTIVE_SESSION, Owner, bind

if TYPE_CHECKING:
    from todo.words import Words

NOT_A_MARK = "\ufdd0"  # no character; stands for the @ of a list that is not taken
# No characters either. Each stands for a part of the text that is to stay words.
PLACEHOLDERS = [chr(code) for code in range(0xFDD1, 0xFDF0)]
WHOLE_WORDS = r"(?<!\S){}(?=[.,;:!?]*(?!\S))"


class QuickTask(NamedTuple):
    """Keyword arguments for `tasks.add`, and what was understood as more than a title.

    `understood` has pairs of kind and text: see `todo.words`.
    """

    values: dict[str, Any]
    understood: list[tuple[str, str]]


def read_text(
    owner: Owner,
    text: str,
    time_zone: str,
    lists: list[Row] | None = None,
    plain: Iterable[str] = (),
) -> QuickTask:
    """Understand a text such as `Call Bob tomorrow 5pm #home !high @Work`.

    Takes a round trip if the text names a list and the owner's are not given. The last
    name of a list that exists counts. Others stay in the title, and so do the parts in
    `plain`.
    """
    now = timezone.now().astimezone(ZoneInfo(time_zone))
    text, kept = _mask(text, plain, now) if plain else (text, {})
    task = _read(owner, text, now, lists)
    if not kept:
        return task
    title = "".join(kept.get(char, char) for char in task.values["title"])
    return task._replace(values=task.values | {"title": title})


def _read(owner: Owner, text: str, now: datetime, lists: list[Row] | None) -> QuickTask:
    parsed = _parse(text, now)
    if lists is None:
        lists = read_all(owner).rows() if parsed.list else []
    ids = {row["name"].lower(): row["id"] for row in lists}
    marks = _list_marks(parsed)
    chosen = next((_name(mark) for mark in marks[::-1] if _name(mark) in ids), None)
    others = [mark for mark in marks if _name(mark) != chosen]
    if others:
        parsed = _without_lists(text, parsed, others, now)
    if not VISIBLE.search(parsed.title) or len(parsed.labels) > MAX_LABELS:
        return QuickTask({"title": text.strip()}, [])
    return _to_task(parsed, ids)


def _to_task(parsed: Words, ids: dict[str, UUID]) -> QuickTask:
    values = parsed._asdict()
    values["repeat"] = parsed.repeat and repeats.parse(parsed.repeat)
    values["list"] = parsed.list and ids[parsed.list.lower()]
    return QuickTask(values, values.pop("understood"))


def settings_of(owner: Owner) -> list[Statement]:
    """Read the time zone (no row if the session has ended), and the owner's lists."""
    return [bind(_time_zone(), owner), read_all(owner)]


def _parse(text: str, now: datetime) -> Words:
    from todo import words  # here, so that a server starts faster

    return words.parse(text, now)


def _list_marks(parsed: Words) -> list[str]:
    return [mark for kind, mark in parsed.understood if kind == "list"]


def _name(mark: str) -> str:
    return mark[1:].strip('"“”').strip().lower()


def _without_lists(text: str, parsed: Words, marks: list[str], now: datetime) -> Words:
    """Parse the text again, with these names of lists as parts of the title."""
    masked = text
    for mark in marks:
        pattern = WHOLE_WORDS.format(re.escape(mark))
        masked = re.sub(pattern, lambda match: NOT_A_MARK + match[0][1:], masked)
    again = _parse(masked, now)
    rest = [pair for pair in parsed.understood if pair[1] not in marks]
    if set(rest) <= set(again.understood):
        return again._replace(title=again.title.replace(NOT_A_MARK, "@"))
    # A name separates a date from the end of the text, or from the start.
    is_first = text.lstrip().startswith(marks[0])
    title = " ".join([*marks, parsed.title] if is_first else [parsed.title, *marks])
    return parsed._replace(title=title, list=again.list, understood=rest)


def _mask(text: str, plain: Iterable[str], now: datetime) -> tuple[str, dict[str, str]]:
    """Replace parts of a text, so that they are not understood but the others are.

    Returns the parts by their placeholders. What ends a text is only understood at the
    end: where a part follows it, the title is put together first.
    """
    unused = [char for char in PLACEHOLDERS if char not in text]
    kept = dict(zip(unused, plain, strict=False))
    before, masked = _parse(text, now), text
    for placeholder, part in kept.items():
        pattern = WHOLE_WORDS.format(re.escape(part))
        masked = re.sub(pattern, placeholder, masked)
    found = [pair for pair in before.understood if pair[1] not in kept.values()]
    if set(found) <= set(_parse(masked, now).understood):
        return masked, kept
    names = [name for name in kept if name in masked]
    is_first = masked.lstrip()[:1] in names
    title = [*names, before.title] if is_first else [before.title, *names]
    return " ".join([*title, *(part for _, part in found)]), kept


@cache
def _time_zone() -> Statement:
    user = User.objects.filter(pk__in=ACTIVE_SESSION.values("user_id")).order_by()
    return statements.select(user, ["time_zone"])
