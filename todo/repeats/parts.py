"""The parts of a repeat rule: what is accepted, and the normal form of each."""

import re
from datetime import date

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The parts in the order of the normal form: pattern of one value, error message.
PARTS = {
    "FREQ": (
        "(DAI|WEEK|MONTH|YEAR)LY",
        "Set FREQ to DAILY, WEEKLY, MONTHLY or YEARLY.",
    ),
    "INTERVAL": ("0*[1-9][0-9]{0,2}", "Set INTERVAL to a number from 1 to 999."),
    "BYMONTH": ("0?[1-9]|1[0-2]", "Set BYMONTH to numbers from 1 to 12."),
    "BYMONTHDAY": (
        "[+-]?(0?[1-9]|[12][0-9]|3[01])",
        "Set BYMONTHDAY to numbers from 1 to 31 or from -31 to -1.",
    ),
    "BYDAY": (
        f"([+-]?(0?[1-9]|[1-4][0-9]|5[0-3]))?({'|'.join(WEEKDAYS)})",
        "Set BYDAY to days from MO to SU, or to numbered ones such as 2TU or -1FR.",
    ),
    "BYSETPOS": (
        "[+-]?0*([1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6])",
        "Set BYSETPOS to numbers from 1 to 366 or from -366 to -1.",
    ),
    "COUNT": ("0*[1-9][0-9]{0,3}", "Set COUNT to a number from 1 to 9999."),
    "UNTIL": ("[0-9]{8}(T[0-9]{6}Z?)?", "Set UNTIL to a date such as 20261224."),
}
VALUE = re.compile("[+]?(-?)0*([0-9]*)([A-Z]*)")


class InvalidRule(ValueError):
    """A repeat rule that is refused; the message says what to do."""


def normalize(name: str, text: str) -> str:
    pattern, message = PARTS[name]
    values = text.split(",") if name.startswith("BY") else [text]
    if not all(re.fullmatch(pattern, value) for value in values):
        raise InvalidRule(message)
    if name == "UNTIL":
        return _normalize_date(text[:8])
    return ",".join(sorted({VALUE.sub(r"\1\2\3", v) for v in values}, key=_sort_key))


def _normalize_date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise InvalidRule(
            "Set UNTIL to a date that exists, such as 20261224."
        ) from None
    return text


def _sort_key(value: str) -> tuple[str, int, int]:
    sign, number, name = VALUE.findall(value)[0]
    return sign, int(number or 0), WEEKDAYS.index(name) if name in WEEKDAYS else 0
