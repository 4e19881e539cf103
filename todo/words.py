"""Quick add: dates, times, repeats, labels, priority and list in the text of a task.

Dates, times and repeats count only at the start or the end of the text; labels,
priority and list count anywhere. A wrong match is worse than a missed one, so
whatever could be part of a title stays in it. Double quotes protect their content.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

type Labels = list[str]  # aliases, because Words has a field named list
type Understood = list[tuple[str, str]]


class Words(NamedTuple):
    title: str
    due_date: date | None
    due_time: time | None
    repeat: str | None  # an RRULE without "RRULE:"
    repeat_after_completion: bool
    priority: int  # 0 to 3
    labels: Labels
    list: str | None  # a name as written; the list may not exist
    understood: Understood  # (kind, text as written), in the order of the text


class Piece(NamedTuple):
    kind: str  # date, time, repeat, priority, label or list
    value: Any
    start: int
    end: int


class Rule(NamedTuple):
    freq: str
    interval: int = 1
    month: int = 0
    monthday: int = 0  # -1: the last day of the month
    weekdays: tuple[int, ...] = ()

    def __str__(self) -> str:
        parts = {
            "FREQ": self.freq,
            "INTERVAL": self.interval if self.interval > 1 else None,
            "BYMONTH": self.month,
            "BYMONTHDAY": self.monthday,
            "BYDAY": ",".join(DAYS[day][:2].upper() for day in self.weekdays),
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def matches(self, day: date) -> bool:
        """Ignore the interval, which is counted from the first matching date."""
        return (
            self.month in (0, day.month)
            and self.monthday in (0, day.day, day.day - 1 - days_in_month(day))
            and (not self.weekdays or day.weekday() in self.weekdays)
        )

    def first_date(self, start: date) -> date:
        """Raise ValueError if no date matches, such as 30 February."""
        for days in range(8 * 366):  # 29 February: 8 years apart around 2100
            if self.matches(day := start + timedelta(days)):
                return day
        raise ValueError(f"{self} has no date")


DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
PRIORITIES = {"low": 1, "medium": 2, "high": 3, "1": 1, "2": 2, "3": 3}
FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}

DAY_SETS = {"weekday": "mon tue wed thu fri", "weekend": "sat sun"}

# In these patterns a space stands for up to three spaces. Blanked-out labels,
# priorities and lists leave at least four, so no match reaches across one.
WEEKDAY = (
    "(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    "|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
WEEKDAYS = f"{WEEKDAY}(?:(?:,? and |, ?){WEEKDAY}){{0,6}}"
MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
NUMBER = f"[0-9]{{1,3}}|{'|'.join(NUMBERS)}"
DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
NTH = f"{DAY}(?:st|nd|rd|th)"
MONTH_DAY = f"(?:(?:the )?(?:{NTH}|{DAY})(?: of)? {MONTH}|{MONTH}\\.? (?:{NTH}|{DAY}))"
LAST_DAY = "(?:the )?last day"
REPEAT = f"""every(?P<after>!)? (?:
(?P<every>{NUMBER}) (?P<units>day|week|month|year)s?
|(?P<other>(?:other|second) )?(?:(?P<unit>day|week|month|year)|(?P<days>{WEEKDAYS}))
|(?P<set>weekday|weekend)
|(?P<every_last>{LAST_DAY} of (?:the |each |every )?month)
|(?P<every_nth>{NTH})(?P<of_month> of (?:the|each|every) month)?
|(?P<every_date>{MONTH_DAY})
)(?: on (?:
(?P<on_days>{WEEKDAYS})
|(?P<on_last>{LAST_DAY}(?: of the month)?)
|(?:the )?(?P<on_nth>{NTH})
|(?P<on_date>{MONTH_DAY})
))?"""
DATE = f"""(?P<on>(?:due )?(?:on |by )|due |starting (?:on )?)?(?:
(?P<word>today|tonight|tomorrow|tmrw?|(?:the )?day after tomorrow)
|next (?P<next>week|month|year|weekend|{WEEKDAY})
|this (?P<this>weekend|{WEEKDAY})
|in (?P<count>{NUMBER}|an?) (?P<count_unit>day|week|month|year)s?
|(?:(?P<of_week>{WEEKDAY}),? )?(?:(?P<month_day>{MONTH_DAY}(?:,? 20[0-9][0-9])?)
|(?P<iso>20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]))
|(?P<weekday>{WEEKDAY})
|(?P<month_end>(?:{LAST_DAY}|(?:the )?end) of (?:the |this |(?P<of_next>next ))?month)
)|(?:due )?(?:on|by) the (?P<nth>{NTH})"""
TIME = """(?P<at>(?:due |by )?at |due |by |@ ?)?(?:
(?P<hour>0?[1-9]|1[0-2])(?:[:.](?P<minute>[0-5][0-9]))? ?(?P<half>[ap])(?:m|\\.m\\.?)
|(?P<clock>(?:[01]?[0-9]|2[0-3]):[0-5][0-9])
|(?P<noon>noon)
)|(?:at |@ ?)(?P<bare>1?[0-9]|2[0-3])(?: o'clock)?"""
PIECE = f"(?P<piece>(?P<repeat>{REPEAT})|(?P<date>{DATE})|(?P<time>{TIME}))"
PIECE = PIECE.replace("\n", "").replace(" ?", r"\s{0,3}").replace(" ", r"\s{1,3}")
AT_END = re.compile(rf"(?<!\S){PIECE}[.,;:!]*\Z", re.A | re.I)
AT_START = re.compile(rf"{PIECE}(?P<separator>[,:;]|\s+[-–—])?(?=\s)", re.A | re.I)
LONGEST_PIECE = 120  # characters; keeps the search fast in a long text
MARK = re.compile(
    r'(?<!\S)@["“](?P<quoted>[^"“”]{1,100})["”](?=[.,;:!?]*+(?!\S))'
    r'|"[^"]*"|“[^“”]*”|(?<!\S)(?P<sign>[#!@])(?P<name>[^\s"“”]+)(?!\S)'
)
NAME = re.compile(r"(?=.*(?:[^\W\d_]|[^\w\x00-\x7f]))(?:\w|[^\x00-\x7f])[^,]*")
PUNCTUATION = ".,;:!?"
DASHES = "-–—"
READING = ("learn", "mix", "quote", "read", "study")
HEX_COLOR = re.compile(r"(?=.*[0-9]|(.)\1*\Z)(?:[0-9a-f]{3}|[0-9a-f]{6})", re.I)

# A date after one of these belongs to the title: "wait until friday", "Ruby Tuesday".
HOLDS_DATE = set(
    """a about after all almost an and another any are around as at because been before
    between but by called days during each ending every except first for fortnight from
    here's how's i'm if in into is it's last like most my named nearly never no nor not
    of on only or our over past per previous second since so some starting than that
    that's the their third this through till to under until us versus via vs was week
    weeks what's when who's with without your yesterday & + / | = > ~
    ash black blue bloody boxing casual cyber easter entertainment fat freaky giving
    gloomy good happy high holy india lazy man girl given manic maundy palm pancake
    physics psychology ruby russia sheffield shrove stormy super taco throwback usa whit
    """.split()
)
HOLDS_ABBREVIATION = set(
    """black blazing bright cat dog evening get gets got he hole hot i midnight morning
    newly rising setting she summer they tropical warm we winter""".split()
)
HOLDS_TIME = set(
    """aged exodus genesis isaiah jeremiah leviticus look price priced proverbs psalm
    psalms ratio scale score sell verse""".split()
)
TAKES_OBJECT = set(
    "buy hear learn mix play quote read reread rewatch see sing stream study watch".split()
)
CONTINUES_TITLE = set(
    """a ago and are as at belongs came can comes fm for from has i in is it land may
    might must never not of on or people she show than that the time to until was we
    will with without would you""".split()
)


def parse(text: str, now: datetime) -> Words:
    """Split the text of a task into its title and everything else it says.

    `now` is the wall clock of the person who writes.
    """
    marks = list(find_marks(text))
    pieces, title = find_pieces(text, marks, now)
    if not any(char.isalnum() or not char.isascii() for char in title):
        marks, pieces, title = [], [], text.strip()
    found = sorted([*marks, *pieces], key=lambda piece: piece.start)
    values = {piece.kind: piece.value for piece in found}
    rule, is_after_completion = values.get("repeat", (None, False))
    labels: dict[str, str] = {}
    for piece in found:
        if piece.kind == "label":
            labels.setdefault(piece.value.lower(), piece.value)
    return Words(
        title,
        values.get("date") or first_date(rule, values.get("time"), now),
        values.get("time"),
        str(rule) if rule else None,
        is_after_completion,
        values.get("priority", 0),
        list(labels.values()),
        values.get("list"),
        [(kind, text[start:end].rstrip(PUNCTUATION)) for kind, _, start, end in found],
    )


def first_date(rule: Rule | None, due_time: time | None, now: datetime) -> date | None:
    """Return the first date on which the rule or the time is not past."""
    if not rule and not due_time:
        return None
    is_past = due_time is not None and due_time < now.time().replace(second=0)
    return (rule or Rule("DAILY")).first_date(now.date() + timedelta(is_past))


def find_marks(text: str) -> Iterator[Piece]:
    """Yield every label, but only the first priority and the first list."""
    kinds = set()
    for match in MARK.finditer(text):
        name = (match["name"] or "").rstrip(PUNCTUATION)
        kind, value = read_mark(match["sign"], name, match["quoted"] or "")
        if value and (kind == "label" or kind not in kinds):
            kinds.add(kind)
            yield Piece(kind, value, *match.span())


def read_mark(sign: str | None, name: str, quoted: str) -> tuple[str, Any]:
    """Return a kind and a value; the value is empty if this is not a mark."""
    if sign == "!":
        return "priority", PRIORITIES.get(name.lower())
    is_name = NAME.fullmatch(name) and not HEX_COLOR.fullmatch(name)
    if sign == "#":
        return "label", name if is_name and len(name) <= 50 else ""
    is_list = is_name and not re.search(r"^\d|[/.:@#]", name)
    return "list", quoted.strip() or (name if is_list else "")


def find_pieces(
    text: str, marks: list[Piece], now: datetime
) -> tuple[list[Piece], str]:
    """Return the dates, times and repeats at both ends, and the title between."""
    chars = list(text)
    for mark in marks:
        chars[mark.start : mark.end] = " " * (mark.end - mark.start)
    blanked = "".join(chars)
    ending, end = pieces_at_end(blanked, now)
    opening, start = pieces_at_start(blanked[:end], now)
    pieces = [*ending, *opening]
    if len({piece.kind for piece in pieces}) < len(pieces):  # two dates: which one?
        pieces, start, end = [], 0, len(text)
    title = blanked[start:end].strip()
    return pieces, re.sub(r"\s{4,}", " ", title) if marks else title


def pieces_at_end(text: str, now: datetime) -> tuple[list[Piece], int]:
    """Return the pieces and the end of the text before them."""
    found: list[Piece] = []
    end = len(text.rstrip())
    while match := AT_END.search(text, max(0, end - LONGEST_PIECE), end):
        left = text[: match.start()].rstrip()
        piece = read_piece(match, now)
        if piece is None or belongs_to_title(left, match):
            if [piece.kind for piece in found] == ["time"]:  # "open until friday 5pm"
                return [], len(text)
            break
        found.append(piece)
        end = len(left.rstrip(" ,:;-–—"))
    return found, end


def pieces_at_start(text: str, now: datetime) -> tuple[list[Piece], int]:
    """Return the pieces and the start of the text after them."""
    found: list[Piece] = []
    start = len(text) - len(text.lstrip())
    while match := AT_START.match(text, start):
        piece = read_piece(match, now)
        rest = text[match.end() :].lstrip()
        kinds = [piece.kind for piece in found]
        if piece is None or piece.kind in kinds or not (found or is_clear(match, rest)):
            break
        found.append(piece)
        start = len(text) - len(rest)
    return found, start


def belongs_to_title(left: str, match: re.Match[str]) -> bool:
    """Return whether a match at the end is more likely the end of the title."""
    if not left:
        return False
    *_, before, last = ["", "", *left[-LONGEST_PIECE:].split()]
    word = last.strip(PUNCTUATION).lower().replace("’", "'")
    if last in DASHES:  # "9am - 5pm", but not "Dentist - 12 May"
        return bool(re.search(rf"\d|\A{WEEKDAY}\Z", before, re.I))
    if word in HOLDS_DATE or last[-1] in "-–—/(&":
        return True
    if match["time"]:
        return holds_time(left, word, match)
    return holds_date(left, word, match)


def holds_time(left: str, word: str, match: re.Match[str]) -> bool:
    """Recognize ratios, verses and scores: "John 3:16", "scale 1:10", "sell at 20"."""
    if match["bare"]:
        return word in HOLDS_TIME
    if match["at"] or not match["clock"]:
        return False
    is_early = re.match("[0-6]:", match["clock"]) and not AT_END.search(left)
    first = left.split(maxsplit=1)[0].lower()
    return bool(is_early) or word in HOLDS_TIME or first in READING


def holds_date(left: str, word: str, match: re.Match[str]) -> bool:
    """Recognize names: "Watch Wednesday", "Black Hole Sun", "cat sat"."""
    if match["count"]:  # "How to lose a guy in 10 days"
        return bool(re.search(r"\b(?:how to|learn|lose|world)\b", left, re.I))
    if match["piece"][0].isdigit() and re.search(r"\d,\Z", left):  # "12, 13 May"
        return True
    name = "" if match["on"] else match["word"] or match["weekday"] or ""
    if name[:1].isupper() and left.lower() in TAKES_OBJECT or "After" in name:
        return True
    if name.lower() not in ("mon", "wed", "sat", "sun"):
        return False
    is_title = name in ("Sat", "Sun") and re.search(r"\s[A-Z]\S*\Z", left)
    is_shouted = name.isupper() and not left.isupper()
    return word in HOLDS_ABBREVIATION or is_shouted or bool(is_title)


def is_clear(match: re.Match[str], rest: str) -> bool:
    """Return whether a match at the start is surely not the start of the title."""
    following = AT_START.match(rest)
    if following and not (match["date"] and following["date"]):
        return True  # a date and a time
    if match["separator"]:
        return not match["piece"].lower().startswith("sun")  # "Sun, sea and sand"
    if match["iso"] or match["month_day"]:
        return not re.match(r"\d+ may|(?:may|march) \d+\Z", match["piece"])
    if match["bare"] or match["every_nth"]:
        return False
    if match["weekday"] and not match["on"] or match["time"] and not match["at"]:
        return False
    next_word = re.split(r"[\W_]", rest, maxsplit=1)[0]
    return rest[:1].isdigit() or (
        next_word.islower() and next_word not in CONTINUES_TITLE
    )


def read_piece(match: re.Match[str], now: datetime) -> Piece | None:
    kind = next(kind for kind in READERS if match[kind])
    try:
        value = READERS[kind](match, now.date())
    except (ValueError, OverflowError):  # no such date, or a past one
        return None
    return Piece(kind, value, *match.span("piece"))


def read_time(match: re.Match[str], today: date) -> time:
    if match["noon"]:
        return time(12)
    if match["half"]:
        hour = int(match["hour"]) % 12 + (12 if match["half"] in "pP" else 0)
        return time(hour, int(match["minute"] or 0))
    hour, minute = map(int, f"{match['clock'] or match['bare']}:0".split(":")[:2])
    is_tonight = re.search(r"tonight[\s,]*\Z", match.string[: match.start()], re.I)
    if 0 < hour < (12 if is_tonight else 8 if match["bare"] else 0):
        hour += 12
    return time(hour, minute)


def read_date(match: re.Match[str], today: date) -> date:
    if word := match["word"]:
        is_today = word.lower() in ("today", "tonight")
        return today + timedelta(0 if is_today else 2 if " " in word else 1)
    if match["next"]:
        return next_date(match["next"].lower(), today)
    if match["count"]:
        return later(today, number(match["count"]), match["count_unit"].lower())
    if match["iso"] or match["month_day"]:
        return calendar_date(match, today)
    start, rule = today, Rule("DAILY")
    if match["month_end"]:
        start = next_date("month", today) if match["of_next"] else today
        rule = Rule("MONTHLY", monthday=-1)
    elif match["nth"]:
        rule = Rule("MONTHLY", monthday=int(match["nth"][:-2]))
    elif match["this"]:
        rule = Rule("WEEKLY", weekdays=weekdays(match["this"]))
    else:
        start += timedelta(1)
        rule = Rule("WEEKLY", weekdays=weekdays(match["weekday"]))
    return rule.first_date(start)


def next_date(span: str, today: date) -> date:
    """Return the first day of the next week (Monday), weekend, month or year."""
    if span == "year":
        return date(today.year + 1, 1, 1)
    if span == "month":
        return later(today.replace(day=1), 1, "month")
    day = 0 if span == "week" else weekdays(span)[0]
    return today + timedelta(7 - today.weekday() + day)


def later(day: date, count: int, unit: str) -> date:
    """Add to a date; a day that the month does not have becomes its last one."""
    if unit in ("day", "week"):
        return day + timedelta(count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    return first.replace(day=min(day.day, days_in_month(first)))


def calendar_date(match: re.Match[str], today: date) -> date:
    """Raise ValueError for a past date and for a wrong weekday."""
    if match["iso"]:
        day = date.fromisoformat(match["iso"])
    else:
        month, monthday, year = month_day(match["month_day"])
        rule = Rule("YEARLY", month=month, monthday=monthday)
        day = date(year, month, monthday) if year else rule.first_date(today)
    if (
        day < today
        or match["of_week"]
        and day.weekday() not in weekdays(match["of_week"])
    ):
        raise ValueError(f"not {match['date']}")
    return day


def read_repeat(match: re.Match[str], today: date) -> tuple[Rule, bool]:
    unit = (match["units"] or match["unit"] or "").lower()
    ons = {"on_days": "week", "on_nth": "month", "on_last": "month", "on_date": "year"}
    if any(match[group] and unit != needed for group, needed in ons.items()):
        raise ValueError(f"no repeat: {match['repeat']}")
    interval = 2 if match["other"] else number(match["every"] or "1")
    nth = match["every_nth"] or match["on_nth"]
    days = match["set"] or match["days"] or match["on_days"]
    day = match["every_date"] or match["on_date"]
    if day:
        month, monthday, _ = month_day(day)
        rule = Rule("YEARLY", interval, month, monthday)
    elif nth:
        rule = Rule("MONTHLY", interval, monthday=int(nth[:-2]))
    elif match["every_last"] or match["on_last"]:
        rule = Rule("MONTHLY", interval, monthday=-1)
    elif days:
        rule = Rule("WEEKLY", interval, weekdays=weekdays(days))
    else:
        rule = Rule(FREQUENCIES[unit], interval)
    rule.first_date(today)
    return rule, bool(match["after"])


def weekdays(text: str) -> tuple[int, ...]:
    """Return the numbers of the weekdays in a text, Monday is 0."""
    names = DAY_SETS.get(text.lower(), text.lower())
    return tuple(day for day, name in enumerate(DAYS) if name in names)


def number(text: str) -> int:
    """Raise ValueError for 0."""
    names = ["0", "a", "an", *NUMBERS]
    text = text.lower()
    value = max(1, names.index(text) - 2) if text in names else int(text)
    if value == 0:
        raise ValueError
    return value


def days_in_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def month_day(text: str) -> tuple[int, int, int | None]:
    """Return month, day and year of such as "12th of May" and "May 12, 2027"."""
    day, *year = map(int, re.findall("[0-9]+", text))
    name = re.search(MONTH, text, re.I)[0]
    return MONTHS.index(name[:3].lower()) + 1, day, year[0] if year else None


READERS = {"repeat": read_repeat, "date": read_date, "time": read_time}
