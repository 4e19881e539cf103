"""The grammar of quick add, as regular expressions."""

import re

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
NTH = f"{DAY}(?:st|nd|rd|th)(?!\\s+{WEEKDAY}\\b)"  # "the 2nd", not "the 2nd Tuesday"
NTH_WEEKDAY = f"(?:[1-5](?:st|nd|rd|th)|last) {WEEKDAY}(?!,? {WEEKDAY})"
MONTH_DAY = f"(?:(?:the )?(?:{NTH}|{DAY})(?: of)? {MONTH}|{MONTH}\\.? (?:{NTH}|{DAY}))"
REPEAT = f"""every(?P<after>!)?(?: (?P<interval>{NUMBER}|other|second(?! last)))?
(?: (?P<unit>day|week|month|year)s?(?: on(?= ))?)?
(?: (?P<target>weekday|weekend|{WEEKDAYS}|(?:the )?last day(?: of the month)?
|{MONTH_DAY}|(?:the )?(?:{NTH_WEEKDAY}|{NTH})(?: of the month)?))?"""
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
