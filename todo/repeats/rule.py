"""The text of a repeat rule: what is accepted, and its normal form."""

import re
from datetime import date

MAX_LENGTH = 200
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
Rule = dict[str, str]  # normalized values by the names of their parts


class InvalidRule(ValueError):
    """A repeat rule that is refused; the message says what to do."""


def read_rule(text: str) -> Rule:
    """Split the text into parts; raise InvalidRule if it is refused."""
    body = text[6:] if text[:6].upper() == "RRULE:" else text
    if len(body) > MAX_LENGTH:
        raise InvalidRule(f"Shorten the rule to at most {MAX_LENGTH} characters.")
    if not body:
        raise InvalidRule("Enter a rule such as FREQ=WEEKLY;BYDAY=MO.")
    if not body.isascii():
        raise InvalidRule("Use only ASCII letters and digits.")
    values = {"FREQ": ""} | _split(body.upper())
    rule = {name: _normalize(name, values[name]) for name in PARTS if name in values}
    _check_combination(rule)
    return rule


def _split(body: str) -> dict[str, str]:
    pairs = [part.partition("=")[::2] for part in body.split(";")]
    values = dict(pairs)
    if not values.keys() <= PARTS.keys():
        raise InvalidRule(f"Use only the parts {', '.join(PARTS)}.")
    if len(values) < len(pairs):
        raise InvalidRule("Use each part once.")
    return values


def format_rule(rule: Rule) -> str:
    pairs = [(name, rule[name]) for name in PARTS if name in rule]
    return ";".join("=".join(pair) for pair in pairs if pair != ("INTERVAL", "1"))


def numbers(rule: Rule, name: str) -> set[int]:
    return {int(number) for number in rule[name].split(",")} if name in rule else set()


def _normalize(name: str, text: str) -> str:
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


def _check_combination(rule: Rule) -> None:
    has_numbered_day = any(sign in rule.get("BYDAY", "") for sign in "123456789")
    if rule["FREQ"] == "WEEKLY" and "BYMONTHDAY" in rule:
        raise InvalidRule("Use BYMONTHDAY with DAILY, MONTHLY or YEARLY, not WEEKLY.")
    if rule["FREQ"] in ("DAILY", "WEEKLY") and has_numbered_day:
        raise InvalidRule("Use numbered days such as 2TU with MONTHLY or YEARLY only.")
    if "BYSETPOS" in rule and not rule.keys() & {"BYMONTH", "BYMONTHDAY", "BYDAY"}:
        raise InvalidRule("Use BYSETPOS together with BYMONTH, BYMONTHDAY or BYDAY.")
    if {"COUNT", "UNTIL"} <= rule.keys():
        raise InvalidRule("Use either COUNT or UNTIL, not both.")
