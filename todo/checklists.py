"""Checklists: the task-list lines of a description, such as `- [ ] milk`.

GitHub's syntax: an item of a bulleted or numbered list, at any depth, whose text starts
with a box. Lines in code blocks do not count. Everything works on the text itself, so
that exports and all clients carry it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*\Z)|~{3,})")  # opens a code block
MARKER = r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])"
LIST_ITEM = re.compile(rf"{MARKER}(?:[ \t]|\Z)")
BOX = re.compile(rf"{MARKER}[ \t]+\[(?P<mark>[ xX])\][ \t]+(?P<text>\S.*)")
INDENTED_CODE = re.compile(r" {4}| {0,3}\t")


class Item(NamedTuple):
    line: int  # its index in the description
    text: str
    done: bool
    mark: int  # index of the character in the box


class LineChanged(ValueError):
    """The line is not, or no longer, an item with this text."""


def count(description: str) -> tuple[int, int]:
    """Return the number of items that are done, and of all items."""
    items = lines(description)
    return sum(item.done for item in items), len(items)


def lines(description: str) -> list[Item]:
    """Return the items of all task lists in the description."""
    return list(_find_items(description)) if "[" in description else []


def tick(description: str, line: int, text: str, done: bool) -> str:
    """Return the description with this item done or not.

    Raise LineChanged if the line with this index is not an item with this text.
    """
    for item in lines(description):
        if (item.line, item.text) == (line, text):
            if item.done == done:
                return description
            mark = "x" if done else " "
            return description[: item.mark] + mark + description[item.mark + 1 :]
    raise LineChanged


def _find_items(description: str) -> Iterator[Item]:
    fence = ""  # of the code block that is open
    in_list = False  # otherwise four spaces make a line code, or go on with a paragraph
    for index, match in enumerate(LINE.finditer(description)):
        line = match[1]
        if fence:
            fence = "" if _closes(line, fence) else fence
            continue
        is_indented = INDENTED_CODE.match(line)
        if is_indented and not in_list:
            continue
        if opening := FENCE.match(line):
            fence = opening[1]
        elif LIST_ITEM.match(line):
            in_list = True
            if box := BOX.match(line):
                text, done = box["text"].rstrip(), box["mark"] != " "
                yield Item(index, text, done, match.start() + box.start("mark"))
        elif line.strip() and not line[0].isspace():
            in_list = False


def _closes(line: str, fence: str) -> bool:
    text = line.strip(" \t")
    return len(text) >= len(fence) and not text.strip(fence[0])
