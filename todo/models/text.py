"""Text as people see it: which titles look blank, and what search ignores."""

import re
import unicodedata
from unicodedata import normalize

from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.db import models

# White space, controls, the characters that Unicode calls Default_Ignorable, and the
# blank Braille pattern.
INVISIBLE = (
    "\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4"
    "\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000"
    "\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
VISIBLE = re.compile(f"[^{INVISIBLE}]")


def validate_visible(text: str) -> None:
    """Raise ValidationError if no character of the text can be seen."""
    if not VISIBLE.search(text):
        message = "It needs at least one visible character."
        raise ValidationError(message, code="blank")


def fold(text: str) -> str:
    """Reduce a text to what search compares: no case, no accents, single spaces.

    Latin letters become ASCII (ł -> l, ß -> ss). Letters of other scripts only lose
    their marks: to transliterate them would make different words equal.
    """
    if text.isascii():  # by far the most
        return " ".join(text.lower().split())
    decomposed = normalize("NFKD", normalize("NFKD", text).casefold())
    letters = (_fold(character) for character in decomposed)
    return " ".join("".join(letters).split())


def _fold(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    if unicodedata.name(character, "").startswith("LATIN "):
        return anyascii(character).lower()
    return character


def fold_task(title: str, description: str) -> str:
    """Return the folded title and description, separated by the only line break."""
    return f"{fold(title)}\n{fold(description)}"


class FoldedField(models.TextField):
    """The folded title and description of a task, updated whenever it is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = fold_task(model_instance.title, model_instance.description)  # type: ignore[attr-defined]  # of Task
        setattr(model_instance, self.attname, folded)
        return folded
