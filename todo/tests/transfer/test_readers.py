import json
from io import BytesIO

import pytest

from todo.tests.transfer.helpers import peak_memory
from todo.transfer import readers
from todo.transfer.readers import MalformedFile, read_csv, read_json

MALFORMED_JSON = {  # the content, the line of the error
    "object": ("{}", 1),
    "unfinished array": ("[", 1),
    "array of numbers": ("[5]", 1),
    "no closing bracket": ('[\n{"title": "x"}', 2),
    "no comma": ('[\n{"title": "x"}\n{"title": "x"}]', 3),
    "comma at the end": ('[\n{"title": "x"},]', 2),
    "text after the array": ('[\n{"title": "x"}]\n\n[]', 4),
    "unfinished string": ('[\n{"title": "x', 2),
    "nested too deeply": ('[{"a":' + "[" * 100_000, 1),
    "invalid UTF-8": (b'[\n{"title": "\xff"}]', 2),
    "invalid UTF-8 in the second chunk": (
        b'[\n{"title": "x"},' + b"\n" * 99_999 + b"\xff",
        100_001,
    ),
}
MALFORMED_CSV = {
    "more values than columns": ("title\nx,y\n", 2),
    "unfinished quotes": ('title\n"x', 2),
    "huge cell": ("title\n" + "x" * 200_000, 2),
    "huge cell after carriage returns": ("title\ra\r" + "x" * 200_000, 3),
    "invalid UTF-8": (b"title\n\xff\n", 2),
    "invalid UTF-8 on line 5,002": (b"title\n" + b"x\n" * 5_000 + b"\xff\n", 5_002),
    "cells of several lines": ('title\n"a\nb"\n"c\nd",e\n', 4),
    "value in a column without a name": ("title,,priority\nx,y,1\n", 2),
    "value in a last column without a name": ("title,\nx,y\n", 2),
    "repeated column": ("title,title\nx,y\n", 1),
}


def to_file(content):
    return BytesIO(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    ("read", "content", "line"),
    [
        *((read_json, *case) for case in MALFORMED_JSON.values()),
        *((read_csv, *case) for case in MALFORMED_CSV.values()),
    ],
    ids=[
        *(f"JSON, {name}" for name in MALFORMED_JSON),
        *(f"CSV, {name}" for name in MALFORMED_CSV),
    ],
)
def test_a_malformed_file_is_rejected_at_its_line(read, content, line):
    with pytest.raises(MalformedFile) as info:
        list(read(to_file(content)))

    assert info.value.line == line


@pytest.mark.parametrize("indent", [None, 0, 4], ids="indent {}".format)
def test_json_may_have_any_layout(indent):
    rows = [{"title": f"{number}"} for number in range(3)]
    content = "\ufeff\n" + json.dumps(rows, indent=indent) + "\n"

    assert [row for _, row in read_json(to_file(content))] == rows


def test_json_rows_have_the_line_that_they_start_on():
    content = '[\n{"title":\n"a"}, {"title": "b"},\n\n{"title": "c"}]'

    assert list(read_json(to_file(content))) == [
        (2, {"title": "a"}),
        (3, {"title": "b"}),
        (5, {"title": "c"}),
    ]


def test_csv_rows_have_the_line_that_they_start_on():
    content = 'title\n"a\nb"\n\nc\n'

    assert list(read_csv(to_file(content))) == [
        (2, {"title": "a\nb"}),
        (5, {"title": "c"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CR LF"])
def test_csv_lines_may_end_in_any_way(monkeypatch, end):
    content = end.join(["title,description", 'a,"b\r\rc\nd\r\n"', "e,f", ""])
    for size in range(1, len(content)):
        monkeypatch.setattr(readers, "CHUNK_SIZE", size)

        assert [row for _, row in read_csv(to_file(content))] == [
            {"title": "a", "description": "b\r\rc\nd\r\n"},
            {"title": "e", "description": "f"},
        ]


def test_a_byte_order_mark_is_removed_only_at_the_start():
    content = '\ufefftitle\n"a\n\ufeffb"\n'

    assert list(read_csv(to_file(content))) == [(2, {"title": "a\n\ufeffb"})]


def test_empty_cells_are_left_out_and_numbers_and_booleans_converted():
    content = "\ufefftitle,priority,completed\nBuy milk,2,TRUE\nx,,\ny,9,no\n"

    assert [row for _, row in read_csv(to_file(content))] == [
        {"title": "Buy milk", "priority": 2, "completed": True},
        {"title": "x"},
        {"title": "y", "priority": "9", "completed": "no"},
    ]


@pytest.mark.parametrize(
    "content",
    [",title,priority\n,a,1\n", "title,,priority\na,,1\n", "title,priority,,\na,1\n"],
    ids=["first", "between", "last"],
)
def test_empty_columns_are_ignored(content):
    assert list(read_csv(to_file(content))) == [(2, {"title": "a", "priority": 1})]


@pytest.mark.parametrize(
    ("read", "content"),
    [(read_json, "[]"), (read_json, " [\n] "), (read_csv, "title\n"), (read_csv, "")],
    ids=["JSON", "JSON with blanks", "CSV with header", "empty CSV"],
)
def test_a_file_may_have_no_rows(read, content):
    assert list(read(to_file(content))) == []


def test_a_csv_file_has_a_limit_of_lines(monkeypatch):
    monkeypatch.setattr(readers, "MAX_LINES", 10)

    assert len(list(read_csv(to_file("title\n" + "x\n" * 9)))) == 9
    with pytest.raises(MalformedFile, match="More than 10 lines"):
        list(read_csv(to_file("title\n" + "\n" * 10)))


def test_a_huge_json_value_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(readers, "CHUNK_SIZE", 100)
    monkeypatch.setattr(readers, "MAX_VALUE", 1_000)
    file = to_file('[{"title": "' + "x" * 100_000)

    with pytest.raises(MalformedFile):
        list(read_json(file))

    assert file.tell() <= 1_200


def test_a_json_value_may_be_longer_than_a_chunk(monkeypatch):
    monkeypatch.setattr(readers, "CHUNK_SIZE", 10)
    row = {"title": "ü" * 100}
    content = json.dumps([row, row], ensure_ascii=False)

    assert [row for _, row in read_json(to_file(content))] == [row, row]


def json_file(count):
    row = {"title": "x" * 50, "description": "y" * 200}
    return to_file(json.dumps([row] * count))


def csv_file(count):
    return to_file("title,description\n" + f"{'x' * 50},{'y' * 200}\n" * count)


@pytest.mark.parametrize(
    ("read", "make_file"),
    [(read_json, json_file), (read_csv, csv_file)],
    ids=["JSON", "CSV"],
)
def test_ten_times_the_rows_need_no_more_memory(read, make_file):
    def read_all(file):
        assert sum(1 for _ in read(file))

    small, large = make_file(1_000), make_file(10_000)

    limit = peak_memory(lambda: read_all(small)) + 100_000  # of 2.7 million bytes
    assert peak_memory(lambda: read_all(large)) < limit
