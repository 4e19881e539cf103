"""CSV as spreadsheets read and save it."""

import re
from collections.abc import Sequence

# Spreadsheets trim blanks and quotes, and know the full-width forms too.
FORMULA = re.compile(r"""[\s"]*[=+\-@＝＋－＠]|[\t\r\n]""")
LONG_NUMBER = re.compile(r"\d{12,}(\.\d+)?\Z")  # which spreadsheets round
NEEDS_APOSTROPHE = re.compile(f"'|{FORMULA.pattern}|{LONG_NUMBER.pattern}")
TIME = re.compile(r"(\d{1,2}:\d\d)(:00)?")
LOCAL_DATE = re.compile(r"\d{1,4}([./-]) ?\d{1,2}\1 ?\d{1,4}\.?")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
DELIMITERS = ",;\t"


def escape(text: str) -> str:
    """Mark a text that a spreadsheet would run or round with an apostrophe.

    A text that begins with an apostrophe gets another one, so that `unescape` returns
    every text as it was. See OWASP, "CSV Injection".
    """
    return f"'{text}" if NEEDS_APOSTROPHE.match(text) else text


def unescape(text: str) -> str:
    """Undo `escape`. Other texts with an apostrophe, such as 'tis, stay as they are."""
    is_escaped = text.startswith("'") and NEEDS_APOSTROPHE.match(text, 1)
    return text[1:] if is_escaped else text


def find_delimiter(header: str, columns: Sequence[str]) -> str:
    """Return the delimiter that yields the most of these columns; a comma if none."""

    def count(delimiter: str) -> int:
        cells = [cell.strip().strip('"') for cell in header.split(delimiter)]
        return len(set(columns).intersection(map(normalize, cells)))

    return max(DELIMITERS, key=count)


def normalize(column: str) -> str:
    """Return the name of a column: `due_date` for ` Due Date `."""
    return "_".join(column.lower().split())


def is_local_date(text: str) -> bool:
    """Return whether the text is a date such as 1.12.2026 or 12/1/2026."""
    return bool(LOCAL_DATE.fullmatch(text)) and not ISO_DATE.fullmatch(text)


def to_time(text: str) -> str:
    """Return a time as HH:MM: spreadsheets save 9:00 or 09:00:00 for 09:00."""
    match = TIME.fullmatch(text)
    return match[1].zfill(5) if match else text
