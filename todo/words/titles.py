"""Dates and times that are more likely a part of the title."""

import re

from todo.words.patterns import AT_END, DAY, LONGEST_PIECE, NTH, WEEKDAY

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
    "weekday": rf"\b(?:{NTH}|{WEEKDAY},?)\Z",  # "15th Friday", "every 2nd Mon, Wed"
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
