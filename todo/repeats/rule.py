"""The text of a repeat rule: which parts go together, and its normal form."""

from todo.repeats.parts import PARTS, InvalidRule, normalize

MAX_LENGTH = 200
Rule = dict[str, str]  # normalized values by the names of their parts


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
    rule = {name: normalize(name, values[name]) for name in PARTS if name in values}
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
