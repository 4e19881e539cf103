"""Labels: the words that a task is marked with."""

from collections.abc import Iterable

LABEL = r"[^\s,]+"
MAX_LABEL = 50  # characters
MAX_LABELS = 50  # of a task


def distinct(labels: Iterable[str]) -> list[str]:
    """Drop labels that differ from an earlier one only in their case."""
    spellings: dict[str, str] = {}
    for label in labels:
        spellings.setdefault(label.lower(), label)
    return list(spellings.values())
