"""The words of a search, marked in the titles that match it."""

from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from todo.models.text import fold


def mark_words(title: str, query: str) -> SafeString:
    """Return a title as HTML with <mark> around each word of the query."""
    # Folding can change the length of a text: ß -> ss. So each character is folded.
    folded = [_fold(character) for character in title]
    origin = [index for index, part in enumerate(folded) for _ in part]
    text, marked = "".join(folded), set()
    for word in filter(None, map(fold, query.split())):
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            marked.update(range(origin[start], origin[end - 1] + 1))
            start = text.find(word, end)
    return _html(title, marked)


def _fold(character: str) -> str:
    return " " if character.isspace() else fold(character)


def _html(title: str, marked: set[int]) -> SafeString:
    html = []
    for is_marked, run in groupby(range(len(title)), marked.__contains__):
        part = "".join(title[index] for index in run)
        html.append(format_html("<mark>{}</mark>" if is_marked else "{}", part))
    return mark_safe("".join(html))
