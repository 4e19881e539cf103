"""Checklists: the task-list lines of a description, such as `- [ ] milk`.

GitHub's syntax: an item of a bulleted or numbered list, at any depth, whose text starts
with a box. Everything works on the text itself, so that exports and all clients carry
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
BOX = re.compile(r"\[(?P<mark>[ xX])\][ \t]+(?P<text>\S.*)")
MAX_NESTING = 100  # containers; deeper text is not shown
MAX_STEPS = 15_000  # of a parser; 10,000 characters of short items take 11,250


class Item(NamedTuple):
    line: int  # its index in the description
    text: str
    done: bool
    mark: int  # index of the character in the box


class LineChanged(ValueError):
    """The line is not, or no longer, an item with this text."""


class TooManySteps(ValueError):
    """The description takes too long to parse: it is plain text, without items."""


def count(description: str) -> tuple[int, int]:
    """Return the number of items that are done, and of all items."""
    items = lines(description)
    return sum(item.done for item in items), len(items)


@lru_cache(200)
def lines(description: str) -> list[Item]:
    """Return the items of all task lists in the description."""
    if not BOX.search(description):
        return []
    try:
        tokens = _block_parser().parse(description)
    except TooManySteps:
        return []
    starts = [match.start() for match in LINE.finditer(description)]
    return [_item(description, line, starts[line]) for line in _lines_of_items(tokens)]


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


def is_item(tokens: list[Token], index: int) -> bool:
    """Return whether the text of this token starts with the box of an item."""
    before = [token.type for token in tokens[max(0, index - 2) : index]]
    if before != ["list_item_open", "paragraph_open"]:
        return False
    return tokens[index].type == "inline" and bool(BOX.match(tokens[index].content))


def _lines_of_items(tokens: list[Token]) -> Iterator[int]:
    for index, token in enumerate(tokens):
        if token.map and is_item(tokens, index):
            yield token.map[0]


def _item(description: str, line: int, start: int) -> Item:
    """Return the item of a line; only signs of lists and quotes precede its box."""
    match = BOX.search(description, start)
    assert match, "the parser has found a box"
    text = re.split("[\r\n]", match["text"], maxsplit=1)[0].rstrip()
    return Item(line, text, match["mark"] != " ", match.start("mark"))


def make_parser() -> MarkdownIt:
    """Return a parser of descriptions. Its blocks decide what is an item."""
    from markdown_it import MarkdownIt  # here, so that a server starts faster

    options = {"html": False, "breaks": True, "maxNesting": MAX_NESTING}
    parser = MarkdownIt("commonmark", options).enable("table").disable("image")
    may_end = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "steps", _count_step, {"alt": may_end})
    return parser


def _count_step(state: StateBlock, *_: object) -> bool:
    """Stop the parser after MAX_STEPS. As a rule, it never matches.

    A step is a line for which the rules are tried, or a token. A line without `>` can
    continue many quotes, and is tried for each; a short row gets all cells of a table.
    """
    state.env["steps"] = state.env.get("steps", 0) + 1
    if state.env["steps"] + len(state.tokens) > MAX_STEPS:
        raise TooManySteps
    return False


@cache
def _block_parser() -> MarkdownIt:
    return make_parser().disable(["inline", "text_join"])
