"""Descriptions as Markdown, with the boxes of checklists, and titles with links.

HTML in a description is shown as text, and images are not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from todo import checklists
from todo.checklists import BOX, Item, TooManySteps, is_item

if TYPE_CHECKING:
    from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # it has no stubs
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

SAFE_URL = re.compile(r"(?:https?|mailto|tel):", re.I)
LINK = {"rel": "noopener nofollow", "target": "_blank"}
MAX_SKIPPED = 20_000  # tokens that are read to find the ends of links
MAX_ADDRESSES = 300  # that are looked for before the marks in them, such as `_`
MAX_LINKED = 100_000  # characters of addresses and titles
MAY_HAVE_LINK = re.compile("://|@|mailto:")

type ItemHTML = Callable[[Item, SafeString], str]


def render(text: str, item_html: ItemHTML) -> SafeString:
    """Return a description as HTML, or as plain text if that takes too long.

    `item_html` gets an item of a checklist and the HTML of its text.
    """
    items = {item.line: item for item in checklists.lines(text)}
    env = {"items": items, "item_html": item_html}
    try:
        return mark_safe(_parser().render(text, env))
    except TooManySteps:
        return format_html("<pre>{}</pre>", text)


def printed_item(item: Item, html: SafeString) -> SafeString:
    return format_html("{} {}", "☑" if item.done else "☐", html)


def title_html(title: str) -> SafeString:
    """Return a title in which addresses are links, or an empty text without any."""
    matches = MAY_HAVE_LINK.search(title) and _linkify().match(title)
    if not matches:
        return SafeString("")
    parts, end = [], 0
    for match in matches:
        link = '{}<a href="{}" rel="{rel}" target="{target}">{}</a>'
        before = title[end : match.index]
        parts.append(format_html(link, before, match.url, match.text, **LINK))
        end = match.last_index
    return mark_safe("".join([*parts, escape(title[end:])]))


@cache
def _linkify() -> LinkifyIt:
    from linkify_it import LinkifyIt  # here, so that a server starts faster

    # Without a scheme, names of files would be taken for addresses: README.md.
    linkify = LinkifyIt(options={"fuzzy_link": False})
    return linkify.add("ftp:", None).add("//", None)


@cache
def _parser() -> MarkdownIt:
    parser = checklists.make_parser().enable(["linkify", "strikethrough"])
    parser.options["linkify"] = True
    parser.linkify = _linkify()
    parser.validateLink = _is_safe  # type: ignore[method-assign]  # as its docs do
    _limit_links(parser)
    parser.core.ruler.before("inline", "boxes", _cut_boxes)
    parser.core.ruler.push("items", _join_items)
    parser.core.ruler.push("attributes", _set_attributes)
    parser.add_render_rule("item", _render_item)
    return parser


def _is_safe(url: str) -> bool:
    return bool(SAFE_URL.match(url))


def _limit_links(parser: MarkdownIt) -> None:
    """Limit what may read all the text that follows: brackets and addresses.

    A bracket beyond the limit is text; an address is found later, by another rule.
    """
    from markdown_it.rules_inline import linkify

    skip_token = parser.inline.skipToken

    def skip(state: StateInline) -> None:
        if _has_passed(state, "skipped", MAX_SKIPPED):
            state.pos = state.posMax
        else:
            skip_token(state)

    def find_address(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith("://", state.pos):
            return False
        is_over = _has_passed(state, "addresses", MAX_ADDRESSES)
        return not is_over and linkify(state, silent)

    parser.inline.skipToken = skip  # type: ignore[method-assign]
    parser.inline.ruler.at("linkify", find_address)


def _has_passed(state: StateInline, name: str, limit: int) -> bool:
    """Count one more in this description."""
    state.env[name] = state.env.get(name, 0) + 1
    return bool(state.env[name] > limit)


def _cut_boxes(state: StateCore) -> None:
    """Remove the boxes from the texts of items, before links are looked for."""
    for index, token in enumerate(state.tokens):
        if token.map and is_item(state.tokens, index):
            token.meta["item"] = state.env["items"][token.map[0]]
            match = BOX.match(token.content)
            token.content = token.content[match.start("text") if match else 0 :]


def _join_items(state: StateCore) -> None:
    """Make one token of the paragraph of an item, and name the list and the item."""
    tokens: list[Token] = []
    lists: list[Token] = []
    for token in state.tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        if "item" in token.meta:
            _name_item(token, tokens[-2], lists[-1])
            tokens[-1] = token  # instead of paragraph_open
        elif token.type != "paragraph_close" or tokens[-1].type != "item":
            tokens.append(token)
    state.tokens = tokens


def _name_item(token: Token, list_item: Token, in_list: Token) -> None:
    token.type = "item"
    is_done = token.meta["item"].done
    list_item.attrSet("class", "item done" if is_done else "item")
    in_list.attrSet("class", "checklist")


def _set_attributes(state: StateCore) -> None:
    """Mark links, and remove the styles of cells, which the CSP forbids.

    Short references can repeat a long address: links after MAX_LINKED are text.
    """
    linked = 0
    for token in state.tokens:
        token.attrs.pop("style", None)
        for child in token.children or ():
            if child.type == "link_open":
                linked += sum(len(str(value)) for value in child.attrs.values())
                child.attrs |= LINK
                if linked > MAX_LINKED:
                    child.attrs.clear()


def _render_item(
    self: Any, tokens: list[Token], index: int, options: Any, env: dict[str, Any]
) -> str:
    html = self.renderInline(tokens[index].children or [], options, env)
    return env["item_html"](tokens[index].meta["item"], mark_safe(html))
