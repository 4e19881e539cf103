"""Score quick add against the public English test cases of two date parsers.

    git clone https://github.com/wanasit/chrono
    git clone https://github.com/microsoft/Recognizers-Text
    python -m bench.words <folder of both clones>

Only cases count that quick add claims: one date or time, not in the past, at the start
or the end of the text. The words around it become a title, "Call Bob", since quick add
reads titles, not sentences: it leaves "The deadline is tomorrow" alone.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from todo.words import Words, parse

CHRONO_TESTS = "chrono/test/en"
RECOGNIZERS_SPEC = "Recognizers-Text/Specs/DateTime/English/DateTimeModel.json"
PLAIN_TITLES = Path(__file__).parent.parent / "todo/tests/words/plain.txt"
PLAIN_NOW = datetime(2026, 11, 25, 10)
TITLE = "Call Bob"
REPETITIONS = 20
TABLE_HEADER = (
    "| corpus | cases | date right | date and time right | misses | wrong "
    "| without a date | false finds | median ms |\n|---|---:|---:|---:|---:|---:|---:"
    "|---:|---:|"
)
DATE = r"new Date\((\d+, [\d, -]+)\)"
STRING = r'"((?:[^"\\]|\\.)*)"'
CHRONO_CASE = re.compile(rf"\(\s*\S+,\s*{STRING},\s*{DATE}")
CHRONO_NEGATIVE = re.compile(
    rf"testUnexpectedResult\(\s*\S+,\s*{STRING}(?:,\s*{DATE})?"
)
CHRONO_TEXT = re.compile(rf"expect\(result\.text\)\.toBe\({STRING}\)")
CHRONO_DATE = re.compile(rf"expect\(result\.start\)\.toBeDate\({DATE}\)")

CLONES = ["chrono", "Recognizers-Text"]


class Case(NamedTuple):
    text: str
    now: datetime
    found: str  # the part that is a date, empty if there is none
    expected: list[str]  # any of these: "2026-11-25" or "2026-11-25 17:00:00"


def print_scores(folder: Path) -> None:
    """Print a table with a row for each corpus, and one for the plain titles."""
    print(TABLE_HEADER)
    plain = [
        Case(title, PLAIN_NOW, "", [])
        for title in PLAIN_TITLES.read_text(encoding="utf-8").splitlines()
    ]
    print_row("plain titles", plain)
    print_row("chrono", list(chrono_cases(folder / CHRONO_TESTS)))
    print_row("Recognizers-Text", list(recognizers_cases(folder / RECOGNIZERS_SPEC)))


def print_row(name: str, cases: list[Case]) -> None:
    claimed = [with_title(case) for case in cases if is_claimed(case)]
    results = [(case, parse(case.text, case.now)) for case in claimed]
    dates = sum(is_right(case, words, 10) for case, words in results)
    moments = sum(is_right(case, words, 16) for case, words in results)
    misses = sum(not words.due_date for _, words in results)
    negatives = [case for case in cases if not case.found]
    false = sum(bool(parse(case.text, case.now).understood) for case in negatives)
    cells = [name, len(claimed), share(dates, claimed), share(moments, claimed), misses]
    cells += [len(results) - misses - dates, len(negatives), false]
    milliseconds = median(duration(case) for case in cases)
    print(f"| {' | '.join(map(str, cells))} | {milliseconds:.3f} |")


def share(part: int, cases: list[Case]) -> str:
    return f"{part / len(cases):.0%}" if cases else "-"


def is_claimed(case: Case) -> bool:
    """Return whether the date is at an end of the text, and not in the past."""
    text = case.text.lower().strip(" .!,")
    found = case.found.lower().strip(" .!,")
    is_at_end = bool(found) and (text.startswith(found) or text.endswith(found))
    return is_at_end and any(day[:10] >= str(case.now.date()) for day in case.expected)


def with_title(case: Case) -> Case:
    return case._replace(text=f"{TITLE} {case.found}")


def is_right(case: Case, words: Words, length: int) -> bool:
    """Compare the first characters: 10 for the date, 16 for hours and minutes too."""
    if not words.due_date:
        return False
    due_time = f" {words.due_time}" if words.due_time else ""
    due = f"{words.due_date}{due_time}"[:length]
    return any(due == expected[:length] for expected in case.expected)


def duration(case: Case) -> float:
    """Return the milliseconds of one parse."""
    started = time.perf_counter()
    for _ in range(REPETITIONS):
        parse(case.text, case.now)
    return (time.perf_counter() - started) * 1000 / REPETITIONS


def chrono_cases(folder: Path) -> Iterator[Case]:
    """Read the calls of testSingleCase and testUnexpectedResult."""
    for path in sorted(folder.glob("*.ts")):
        source = path.read_text(encoding="utf-8")
        for text, date in CHRONO_NEGATIVE.findall(source):
            now = javascript_date(date) if date else PLAIN_NOW
            yield Case(unescape(text), now, "", [])
        for call in source.split("testSingleCase")[1:]:
            if not (match := CHRONO_CASE.match(call)):
                continue
            body = call[match.end() :]
            found, date = CHRONO_TEXT.search(body), CHRONO_DATE.search(body)
            if found and date and "result.end).toBeDate" not in body:
                moment = javascript_date(date[1])
                now = javascript_date(match[2])
                # Chrono sets noon where the text has a date but no time.
                has_time = (moment.hour, moment.minute) != (12, 0)
                expected = str(moment if has_time else moment.date())
                yield Case(unescape(match[1]), now, unescape(found[1]), [expected])


def javascript_date(numbers: str) -> datetime:
    """Read the arguments of new Date(): "2012, 8 - 1, 10" is 10 August."""
    differences = [map(int, number.split("-")) for number in numbers.split(",")]
    year, month, day, *rest = [first - sum(others) for first, *others in differences]
    return datetime(year, month + 1, day, *rest[:2])


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def recognizers_cases(path: Path) -> Iterator[Case]:
    """Read the cases with one date or date and time, and those with nothing."""
    for case in json.loads(path.read_text(encoding="utf-8-sig")):
        results = case["Results"]
        now = datetime.fromisoformat(
            case.get("Context", {}).get("ReferenceDateTime", str(PLAIN_NOW))[:19]
        )
        if not results:
            yield Case(case["Input"], now, "", [])
        elif len(results) == 1 and results[0].get("TypeName") in (
            "datetimeV2.date",
            "datetimeV2.datetime",
        ):
            values = results[0]["Resolution"]["values"]
            expected = [value["value"] for value in values if "value" in value]
            yield Case(case["Input"], now, results[0]["Text"], expected)


def main() -> None:
    folder = Path(*sys.argv[1:2])
    missing = [name for name in CLONES if not (folder / name).is_dir()]
    if missing:
        sys.exit(f"No {' and no '.join(missing)} in {folder}.\n\n{__doc__}")
    print_scores(folder)


if __name__ == "__main__":
    main()
