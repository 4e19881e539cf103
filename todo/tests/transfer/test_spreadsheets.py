"""CSV files that spreadsheets open and save."""

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo.transfer.readers import MalformedFile, read_csv
from todo.transfer.serializers import FILE_FIELDS
from todo.transfer.writers import write_csv

TIME = datetime(2026, 11, 22, 9, 0, 0, 123456, UTC)
ROW = {name: None for name in FILE_FIELDS} | {
    "id": UUID("01a202a8-526f-7022-82f9-8a7867c49a93"),
    "priority": 2,
    "due_date": date(2026, 12, 1),
    "created_at": TIME,
    "updated_at": TIME,
}
FORMULA_SIGNS = tuple("=+-@＝＋－＠")

# Whatever PostgreSQL stores: no NUL, and no surrogates.
storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
awkward = st.sampled_from(
    ["'", '"', "=", "+", "-", "@", "\t", "\r", "\n", " ", ",", ";"]
)
texts = st.text(st.one_of(awkward, storable), max_size=20)


def export(*texts):
    rows = [
        ROW | {"title": text, "description": text, "list": text, "labels": text.split()}
        for text in texts
    ]
    return b"".join(write_csv(rows))


def cells(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read(content):
    content = content if isinstance(content, bytes) else content.encode()
    return [row for _, row in read_csv(io.BytesIO(content))]


def save_as_excel_does(content):
    """Save a file again, as an Excel whose list separator is a semicolon."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows(cells(content))
    return ("\ufeff" + file.getvalue()).encode()


def is_formula(cell):
    trimmed = cell.lstrip().lstrip('"').lstrip()
    return trimmed.startswith(FORMULA_SIGNS) or cell.startswith(("\t", "\r"))


@settings(deadline=None)
@given(st.lists(texts, max_size=3))
def test_every_text_returns_as_it_was(titles):
    content = export(*titles)

    for file in (content, save_as_excel_does(content)):
        rows = read(file)
        assert [row.get("title", "") for row in rows] == titles
        assert [row.get("description", "") for row in rows] == titles
        assert [row.get("list", "") for row in rows] == titles


@settings(deadline=None)
@given(texts)
def test_no_cell_is_a_formula(title):
    assert not any(is_formula(cell) for row in cells(export(title)) for cell in row)


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@home", "'@home"),
        ("-5 kg", "'-5 kg"),
        ("+49 30 1234", "'+49 30 1234"),
        (" =1+1", "' =1+1"),
        ('"=1+1', "'\"=1+1"),
        ("＝1＋1", "'＝1＋1"),
        ("'tis", "''tis"),
        ("1764095285123456", "'1764095285123456"),
        ("1764095285123456.5", "'1764095285123456.5"),
        ("Buy milk", "Buy milk"),
        ("5-a-day", "5-a-day"),
        ("12345678901", "12345678901"),
        ("123456789012 pieces", "123456789012 pieces"),
    ],
)
def test_what_a_spreadsheet_would_change_is_written_with_an_apostrophe(title, cell):
    assert cells(export(title))[1][1] == cell


def test_labels_are_separated_by_blanks():
    content = b"".join(write_csv([ROW | {"labels": ["@home", "5pm"]}]))

    assert cells(content)[1][FILE_FIELDS.index("labels")] == "'@home 5pm"
    assert read(content)[0]["labels"] == ["@home", "5pm"]


@pytest.mark.parametrize("cell", ["home 5pm", "home,5pm", "home, 5pm", " home  5pm "])
def test_labels_may_be_separated_by_commas_or_blanks(cell):
    assert read(f'title,labels\nx,"{cell}"\n')[0]["labels"] == ["home", "5pm"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("17:00", "17:00"),
        ("9:00", "09:00"),
        ("17:00:00", "17:00"),
        ("9:05:00", "09:05"),
        ("17:00:30", "17:00:30"),
        ("5pm", "5pm"),
    ],
)
def test_times_are_read_as_spreadsheets_save_them(cell, expected):
    assert read(f"title,due_time\nx,{cell}\n")[0]["due_time"] == expected


def test_booleans_are_written_as_in_json():
    content = b"".join(write_csv([ROW | {"repeat_after_completion": False}]))

    assert b",false," in content
    assert read(content)[0]["repeat_after_completion"] is False


def test_an_export_begins_with_a_byte_order_mark():
    assert export().startswith(b"\xef\xbb\xbfid,title,")


@pytest.mark.parametrize("title", ["'tis the season", "'", "' x", "'5"])
def test_an_apostrophe_that_no_export_wrote_is_kept(title):
    assert read(f"title\n{title}\n") == [{"title": title}]


MILK = {"title": "Buy milk", "due_date": "2026-12-01"}


@pytest.mark.parametrize(
    "content",
    [
        "title,due_date\nBuy milk,2026-12-01\n",
        "title;due_date\r\nBuy milk;2026-12-01\r\n",
        "title\tdue_date\nBuy milk\t2026-12-01\n",
        "\ufeffTitle;Due_Date\nBuy milk;2026-12-01\n",
        " TITLE , due date \nBuy milk,2026-12-01\n",
        '"title";"due_date"\n"Buy milk";"2026-12-01"\n',
        "title;due_date;;\nBuy milk;2026-12-01;;\n;;;\n",
        "title,due_date\nBuy milk,2026-12-01,,\n,\n\n",
    ],
    ids=[
        "commas",
        "semicolons",
        "tabs",
        "byte order mark",
        "blanks in the header",
        "quotes",
        "empty columns and rows",
        "empty cells past the header",
    ],
)
def test_what_spreadsheets_save_is_read(content):
    assert read(content) == [MILK]


def test_only_the_header_decides_what_separates_cells():
    assert read("title\nBread; milk; eggs\n") == [{"title": "Bread; milk; eggs"}]
    assert read("title;priority\nBread, milk;2\n") == [
        {"title": "Bread, milk", "priority": 2}
    ]


@pytest.mark.parametrize(
    "day", ["1.12.2026", "01.12.2026", "12/1/2026", "1/12/26", "2026/12/01", "1-12-26"]
)
def test_a_local_date_is_rejected_with_the_way_to_write_it(day):
    with pytest.raises(MalformedFile) as error:
        read(f"title;due_date\nBread;\nBuy milk;{day}\nEggs;{day}\n")

    assert (error.value.line, error.value.column) == (3, "due_date")
    assert error.value.message == "Write dates as YYYY-MM-DD, such as 2026-12-01."


def test_a_file_in_another_encoding_is_rejected_with_the_way_to_save_it():
    with pytest.raises(MalformedFile, match="save the file as CSV UTF-8"):
        read("title\nKäse\n".encode("cp1252"))
