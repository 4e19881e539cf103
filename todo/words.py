"""Quick add: dates, times and repeats at both ends of a text; labels and more anywhere.

A wrong match is worse than a missed one. Double quotes protect their content.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from todo import repeats

type Labels = list[str]  # aliases, because Words has a field named list
type Understood = list[tuple[str, str]]
type Piece = tuple[int, int, str, Any]  # start, end, kind, value


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


VOCABULARY = """\
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december
zero one two three four five six seven eight nine ten eleven twelve"""
DAYS, MONTHS, COUNTS = map(str.split, VOCABULARY.splitlines())
NUMBERS = {word: number for number, word in enumerate(COUNTS)}
NUMBERS |= {"a": 1, "an": 1, "other": 2, "second": 2}
PRIORITIES = {"low": 1, "medium": 2, "high": 3, "1": 1, "2": 2, "3": 3}
FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}

# In these patterns a space stands for up to three spaces. A blanked-out label,
# priority or list leaves at least four, so no match reaches across one.
WEEKDAY, MONTH = (
    f"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in names)}|{others})"
    for names, others in ((DAYS, "tues|weds|thurs?"), (MONTHS, "sept"))
)
WEEKDAYS = f"{WEEKDAY}(?:(?:,? and |, ?| ){WEEKDAY}){{0,6}}"
NUMBER = f"[0-9]{{1,3}}|{'|'.join(COUNTS[1:])}"
DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
NTH = f"{DAY}(?:st|nd|rd|th)"
MONTH_DAY = f"(?:(?:the )?(?:{NTH}|{DAY})(?: of)? {MONTH}|{MONTH}\\.? (?:{NTH}|{DAY}))"
REPEAT = f"""every(?P<after>!)?(?: (?P<interval>{NUMBER}|other|second))?
(?: (?P<unit>day|week|month|year)s?(?: on(?= ))?)?
(?: (?P<target>weekday|weekend|{WEEKDAYS}|(?:the )?last day(?: of the month)?
|{MONTH_DAY}|(?:the )?{NTH}(?: of the month)?))?"""
DATE = f"""(?P<on>(?:due )?(?:on |by )|due |starting (?:on )?)?(?:
(?P<word>today|tonight|tomorrow|tmrw?|(?:the )?day (?-i:after) tomorrow)
|this weekend|next (?P<next>week|month)|(?P<which>next |this )?
(?P<weekday>(?-i:(?P<name>Sat|Sun)|(?P<upper>SAT|SUN))|{WEEKDAY})
|in (?P<count>{NUMBER}|an?(?! day)) (?P<units>day|week|month|year)s?
|(?:(?P<of_week>{WEEKDAY}),? )?(?:(?P<month_day>{MONTH_DAY})
(?:,? (?P<year>20[0-9]{{2}}))?|(?P<iso>20[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}))
|(?:the )?(?:last day|end) of (?:the )?month)|(?:due )?(?:on|by) the {NTH}"""
TIME = """(?P<at>(?:due |by )?at |due |by |@ ?)?(?:(?P<noon>noon)
|(?:0?[1-9]|1[0-2])(?:[:.][0-5][0-9])? ?(?P<half>[ap])(?:m|\\.m\\.?)
|(?P<clock>(?:(?P<early>[0-6])|[01]?[0-9]|2[0-3]):[0-5][0-9]))
|at (?P<bare>1?[0-9]|2[0-3])"""
PIECE = f"(?P<piece>(?P<repeat>{REPEAT})|(?P<date>{DATE})|(?P<time>{TIME}))"
PIECE = PIECE.replace("\n", "").replace(" ?", r"\s{0,3}").replace(" ", r"\s{1,3}")
NEXT_TIME = re.sub(r"\?P<\w+>", "?:", PIECE[PIECE.index("(?P<time>") : -1])
AT_END = re.compile(rf"(?<!\S){PIECE}[.,;:!]*\Z", re.A | re.I)
MARK = re.compile(
    r'(?<!\S)@["“](?P<quoted>[^"“”]{1,100})["”][.,;:!?]*+(?!\S)'
    r'|"[^"]*"|“[^“”]*”|(?<!\S)(?P<sign>[#!@])(?P<name>[^\s"“”]+)(?!\S)'
)
COLOR = r"(?=\D*\d|(.)\1*\Z)(?:[0-9a-f]{3}){1,2}\Z"  # fff, a0b1c2
LETTER = r"(?:[^\W\d_]|[^\w\x00-\x7f])"  # or an emoji
NAME = re.compile(rf"(?!{COLOR})(?=.*{LETTER})(?:\d|{LETTER})[^,]*", re.I)
# A date or time before one of these begins the title: "tomorrow never knows".
CONTINUES = """a|ago|and|are|as|at|belongs|by|can|comes|floor|fm|for|from|has|i|in|is|it
|land|may|might|must|never|not|of|on|or|people|show|than|that|the|time|to|until|was|we
|will""".replace("\n", "")
AT_START = re.compile(
    rf"{PIECE}(?!,?\s*20[0-9][0-9]|\s*[-–—]\s*[0-9])(?P<separator>[,:;]|\s+[-–—])?(?=\s)"
    rf"(?:(?=\s+(?P<before_time>{NEXT_TIME})[\s,:;])"
    rf"|(?=\s+(?P<before_word>(?-i:(?!(?:{CONTINUES})\b)[a-z0-9]))))?",
    re.A | re.I,
)
LONGEST_PIECE = 120  # characters; keeps the search fast in a long text
# A piece after one of these belongs to the title: "wait until friday", "Ruby Tuesday".
HOLDS = r"""a|about|after|all|an|and|another|any|are|around|as|at|because|been|before
|between|but|buy|by|called|during|each|ending|every|except|first|for
|from|get|he|hear|i|if|in|into|is|last|like|look|my|nearly|never|newly|no|nor|not|of|on
|only|or|our|over|past|per|play|previous|read|second|see|sell|she|since|so|starting|than
|that|the|their|they|third|this|through|till|to|under|until|us|versus|via|vs|was|watch
|we|when|with|without|your|\S+['’][ms]|ash|black|blue|bloody|casual|cyber|easter
|entertainment|evening|fat|freaky|giving|gloomy|good|happy|high|hole|holy|lazy|manic
|maundy|midnight|morning|palm|pancake|psychology|rising|ruby|sheffield|shrove|stormy
|super|taco|throwback|usa|whit""".replace("\n", "")
# By group of the match: the words before it that make it part of the title.
TITLES = {
    "piece": rf"(?<!\S)(?:{HOLDS}|in\s[0-9]+)[.,;:!?]*\Z|[/&(+|=<>~]\Z|\S[-–—]\Z"
    rf"|(?:[0-9]\S*|\b{WEEKDAY})\s+[-–—]\Z",  # "9am - 5pm", not "Dentist - 12 May"
    "date": r"(?:days|weeks?|fortnight)\Z",  # "a week tomorrow"
    "month_day": r"[0-9],\Z",  # "12, 13 May"
    "count": "how to|learn|lose|world",
    "bare": r"\A(?:bake|buy|heat|live|sell|set)\s",
    "clock": r"\A(?:learn|mix|psalm|read|study)\s",  # "read John 3:16"
    "time": rf"\b(?:{WEEKDAY}\s(?:the\s)?{DAY}\w*|[0-9]+[./][0-9][0-9./]*)\Z",
    "upper": "(?-i:[a-z])",  # "Take SAT"
    "name": r"(?-i:\s[A-Z]\S*)\Z",  # "Black Hole Sun"
}
# Unclear at the start: "Friday night", "10:15 show", "March 10 miles", "5 may come".
DOUBTFUL = (
    rf"(?i:{WEEKDAY}|(?:at )?[0-9]+|[0-9.:]+(?: [ap].*)?|noon|(?:may|march) [0-9]+"
    "|every [0-9]+..)|[0-9]+ (?:may|[Mm]arch)"
)


def parse(text: str, now: datetime) -> Words:
    """Split a text into a title and the rest; `now` is the user's local time.

    The last of several priorities or lists counts.
    """
    marks = list(find_marks(text))
    pieces, title = find_pieces(text, marks, now.date())
    found = sorted([*marks, *pieces])
    if not any(char.isalnum() or not char.isascii() for char in title):
        found, title = [], text.strip()
    values = {kind: value for _, _, kind, value in found}
    due_date, due_time = values.get("date"), values.get("time")
    rule, base, after = values.get("repeat", (None, "FREQ=DAILY", False))
    if not due_date and (due_time or rule):
        is_past = due_time is not None and due_time < now.time().replace(second=0)
        due_date = repeats.first_date(base, now.date() + timedelta(is_past))
    labels = [value for _, _, kind, value in found if kind == "label"]
    distinct = {label.lower(): label for label in reversed(labels)}
    return Words(
        *(title, due_date, due_time, rule, after),
        *(values.get("priority", 0), sorted(distinct.values(), key=labels.index)),
        values.get("list"),
        [(kind, text[start:end].rstrip(".,;:!?")) for start, end, kind, _ in found],
    )


def first_date(rule: str, start: date) -> date:
    return rrulestr(rule, dtstart=datetime.combine(start, time()))[0].date()


def find_marks(text: str) -> Iterator[Piece]:
    for match in MARK.finditer(text):
        sign, name = match["sign"], (match["name"] or "").rstrip(".,;:!?")
        is_name, quoted = NAME.fullmatch(name), (match["quoted"] or "").strip()
        if sign == "!" and name.lower() in PRIORITIES:
            yield *match.span(), "priority", PRIORITIES[name.lower()]
        elif sign == "#" and is_name and len(name) <= 50:
            yield *match.span(), "label", name
        elif quoted or sign == "@" and is_name and not re.search(r"^\d|[/.:@#]", name):
            yield *match.span(), "list", quoted or name


def find_pieces(text: str, marks: list[Piece], today: date) -> tuple[list[Piece], str]:
    """Return the dates, times and repeats at both ends, and the title between."""
    chars = list(text)
    for start, end, *_ in marks:
        chars[start:end] = " " * (end - start)
    text = "".join(chars)
    at_end, end = pieces_at_end(text, today)
    pieces, start = list[Piece](), len(text) - len(text.lstrip())
    while match := AT_START.match(text, start, end):
        piece = read_piece(match, today) if pieces or is_clear(match) else None
        if not piece or piece[2] in [kind for _, _, kind, _ in pieces]:
            break
        pieces.append(piece)
        start = end - len(text[match.end() : end].lstrip())
    pieces += at_end
    if len({kind for _, _, kind, _ in pieces}) < len(pieces):  # two dates: which one?
        pieces, start, end = [], 0, len(text)
    title = text[start:end].strip()
    return pieces, re.sub(r"\s{4,}", " ", title) if marks else title


def pieces_at_end(text: str, today: date) -> tuple[list[Piece], int]:
    """Return the pieces and the end of the text before them."""
    pieces, kinds, end = list[Piece](), list[str](), len(text.rstrip())
    while match := AT_END.search(text, max(0, end - LONGEST_PIECE), end):
        left, piece = text[: match.start()].rstrip(), read_piece(match, today)
        if not piece or is_title(left, match):
            is_doubtful = kinds == ["time"] or kinds and not match["time"]
            return ([], len(text)) if is_doubtful else (pieces, end)
        pieces.append(piece)
        end = len(left.rstrip(" ,:;-–—"))
        if piece[2] in kinds:
            break
        kinds.append(piece[2])
    return pieces, end


def is_title(left: str, match: re.Match[str]) -> bool:
    """Return whether a match at the end is more likely the end of the title."""
    if match["early"] and not match["at"] and not AT_END.search(left[-LONGEST_PIECE:]):
        return True  # a ratio, unless there is a date
    return any(match[key] and re.search(TITLES[key], left, re.I) for key in TITLES)


def is_clear(match: re.Match[str]) -> bool:
    """Return whether a match at the start is surely not the start of the title."""
    if match["separator"] or match["before_time"] and not match["time"]:
        return match["piece"].lower() != "sun"  # "Sun, sea and sand"
    is_likely = match["iso"] or match["month_day"] or match["before_word"]
    return bool(is_likely) and not re.fullmatch(DOUBTFUL, match["piece"])


def read_piece(match: re.Match[str], today: date) -> Piece | None:
    kind = next(kind for kind in READERS if match[kind])
    try:
        return *match.span("piece"), kind, READERS[kind](match, today)
    except (LookupError, ValueError, OverflowError):  # such as 31 February
        return None


def read_time(match: re.Match[str], _today: date) -> time:
    hour, minute, *_ = map(int, re.findall("[0-9]+", f"{match['time']} 0 0"))
    is_tonight = re.search(r"tonight[\s,]*\Z", match.string[: match.start()], re.I)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    elif 0 < hour < (12 if is_tonight else 8 if match["bare"] else 0):
        hour += 12
    return time(12) if match["noon"] else time(hour, minute)


def read_date(match: re.Match[str], today: date) -> date:
    tomorrow, monday = today + timedelta(1), today + timedelta(7 - today.weekday())
    if word := match["word"]:
        is_today = word.lower() in ("today", "tonight")
        return today if is_today else tomorrow + timedelta(" " in word)
    if unit := match["units"]:
        count = int(NUMBERS.get(match["count"].lower(), match["count"]))
        return today + relativedelta(None, None, **{f"{unit.lower()}s": count})
    first = {"week": "monday", "month": "1st"}.get((match["next"] or "").lower())
    if target := first or match["weekday"]:
        which = (match["which"] or "").strip().lower()
        start = {"next": monday, "this": today}.get(which, tomorrow)
        return first_date(to_rule(target), start)
    iso, of_week = match["iso"], (match["of_week"] or "")[:3].lower()
    day = date.fromisoformat(iso) if iso else first_date(to_rule(match["date"]), today)
    day = day.replace(year=int(match["year"] or day.year))
    if day < today or of_week not in DAYS[day.weekday()]:
        raise ValueError(f"{match['date']} is past or another weekday")
    return day


def read_repeat(match: re.Match[str], today: date) -> tuple[str, str, bool]:
    """Return the rule with and without its interval; it counts from the first date."""
    unit, count = (match["unit"] or "").lower(), (match["interval"] or "1").lower()
    frequency = f"FREQ={FREQUENCIES[unit]}" if unit else ""
    base = to_rule(f"{unit} {match['target']}") if match["target"] else frequency
    interval = int(NUMBERS.get(count, count))
    if not first_date(base, today) or not base.startswith(frequency) or not interval:
        raise ValueError(f"{match['repeat']} is not a repeat")
    every = f";INTERVAL={interval}" if interval > 1 else ""
    return re.sub(r"(?<=LY)", every, base, count=1), base, bool(match["after"])


def to_rule(text: str) -> str:
    """Return the rule of "mon, wed", "weekend", "1st", "last day" or "12 May"."""
    text = text.lower().replace("weekday", "mon tue wed thu fri")
    number, month = re.search("[0-9]+", text), re.search(rf"\b{MONTH}\b", text)
    if number and month:
        index = [name[:3] for name in MONTHS].index(month[0][:3]) + 1
        day = date(2028, index, int(number[0]))  # in a leap year
        return f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
    if number or re.search(r"\b(?:last|end)\b.*month|month.*\blast\b", text):
        return f"FREQ=MONTHLY;BYMONTHDAY={int(number[0]) if number else -1}"
    text = text.replace("weekend", "sat sun")
    days = [name[:2].upper() for name in DAYS if name[:3] in text]
    return f"FREQ=WEEKLY;BYDAY={','.join(days)}"


READERS = {"repeat": read_repeat, "date": read_date, "time": read_time}
