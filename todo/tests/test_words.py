"""Quick add reads what it surely understands, and leaves the rest in the title."""

import csv
import time as clock
from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from todo.words import Words, parse

FOLDER = Path(__file__).parent / "words"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=BERLIN)  # a Wednesday
PLAIN = (FOLDER / "plain.txt").read_text(encoding="utf-8").splitlines()
CASES = list(
    csv.DictReader(
        (FOLDER / "cases.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)
SPEECH = """tomorrow today friday fri sun may 12 May 2027 2026-12-01 9:30 5pm at on by
in every every! 2 3 days week month last day of the month 1st #home #1 !high !2 @Work "
“ ” - , : . call Bob next"""
FRAGMENTS = [*SPEECH.split(), '@"two words"', "  ", "\n"]
SENTENCES = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join)
TEXTS = st.text(max_size=200) | SENTENCES


def as_row(text: str, words: Words) -> dict[str, str]:
    is_after_completion = "!" if words.repeat_after_completion else ""
    return {
        "text": text,
        "title": words.title,
        "due_date": str(words.due_date or ""),
        "due_time": words.due_time.strftime("%H:%M") if words.due_time else "",
        "repeat": is_after_completion + (words.repeat or ""),
        "priority": str(words.priority or ""),
        "labels": ",".join(words.labels),
        "list": words.list or "",
    }


def letters(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isalnum())


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["text"])
def test_text_means_what_the_table_says(row):
    assert as_row(row["text"], parse(row["text"], NOW)) == row


@pytest.mark.parametrize("title", PLAIN)
def test_plain_title_is_left_alone(title):
    assert parse(title, NOW) == Words(title, None, None, None, False, 0, [], None, [])


@pytest.mark.parametrize(
    ("now", "text", "due_date"),
    [
        (datetime(2027, 1, 31, 10), "Pay in 1 month", date(2027, 2, 28)),
        (datetime(2028, 1, 31, 10), "Pay in 1 month", date(2028, 2, 29)),
        (datetime(2028, 2, 29, 10), "Pay in 1 year", date(2029, 2, 28)),
        (datetime(2026, 12, 31, 10), "Pay tomorrow", date(2027, 1, 1)),
        (datetime(2026, 12, 31, 23, 59), "Pay 9am", date(2027, 1, 1)),
        (datetime(2026, 12, 15, 10), "Pay next month", date(2027, 1, 1)),
        (datetime(2026, 11, 30, 10), "Pay next week", date(2026, 12, 7)),
        (datetime(2026, 11, 29, 10), "Pay next week", date(2026, 11, 30)),
        (datetime(2027, 2, 1, 10), "Pay on the 30th", date(2027, 3, 30)),
        (datetime(2027, 2, 1, 10), "Pay last day of the month", date(2027, 2, 28)),
        (datetime(2096, 3, 1, 10), "Pay 29 Feb", date(2104, 2, 29)),
        (datetime(2027, 3, 27, 10, tzinfo=BERLIN), "Pay 2:30am", date(2027, 3, 28)),
    ],
)
def test_date_depends_on_today(now, text, due_date):
    words = parse(text, now)

    assert (words.title, words.due_date) == ("Pay", due_date)


def test_time_in_the_gap_of_summer_time_is_kept():
    eve = datetime(2027, 3, 27, 10, tzinfo=BERLIN)

    assert parse("Pay 2:30am", eve).due_time == time(2, 30)


def test_seconds_do_not_make_this_minute_past():
    assert parse("Pay 10am", NOW.replace(second=30)).due_date == NOW.date()


def test_understood_pieces_are_in_the_order_of_the_text():
    words = parse('tomorrow: buy #food milk @"Corner shop", !high at 9am.', NOW)

    assert words.title == "buy milk"
    assert words.understood == [
        ("date", "tomorrow"),
        ("label", "#food"),
        ("list", '@"Corner shop"'),
        ("priority", "!high"),
        ("time", "at 9am"),
    ]


def test_label_of_more_than_50_characters_is_left_in_the_title():
    assert parse(f"Buy #{'x' * 50}", NOW).labels == ["x" * 50]
    assert parse(f"Buy #{'x' * 51}", NOW).labels == []


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "tomorrow ",
        "every mon, ",
        "#a ",
        "@",
        '@"',
        "“",
        '"',
        "12 ",
        " ",
        "#.",
        "!1 ",
    ],
)
def test_the_time_grows_no_faster_than_the_text(part):
    def seconds(length):
        text = part * (length // len(part))
        times = []
        for _ in range(5):
            started = clock.thread_time()
            parse(text, NOW)
            times.append(clock.thread_time() - started)
        return min(times)

    assert seconds(10_000) < 40 * seconds(1000)  # 100 if it were quadratic


@given(TEXTS)
@settings(max_examples=300)
@example("\x00 tomorrow")
def test_no_letter_is_lost(text):
    words = parse(text, NOW)

    understood = "".join(piece for _, piece in words.understood)
    assert letters(words.title) + letters(understood) == letters(text)


@given(TEXTS)
@settings(max_examples=300)
def test_title_is_empty_only_if_the_text_is(text):
    assert bool(parse(text, NOW).title) == bool(text.strip())


@given(TEXTS)
@settings(max_examples=300)
def test_text_without_a_piece_is_its_title(text):
    words = parse(text, NOW)

    assert words.understood or words.title == text.strip()


@given(TEXTS)
def test_quotes_switch_everything_off(text):
    quoted = '"' + text.replace('"', "") + '"'

    assert parse(quoted, NOW).title == quoted
    assert not parse(quoted, NOW).understood


@given(st.sampled_from(PLAIN))
def test_understood_part_does_not_change_the_title(title):
    assert parse(f"{title} #home !high tomorrow", NOW).title in (
        title,
        f"{title} #home !high tomorrow",
        f"{title} tomorrow",
    )


@given(SENTENCES, st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1)))
def test_due_date_is_never_past(text, now):
    due_date = parse(text, now).due_date

    assert due_date is None or due_date >= now.date()
