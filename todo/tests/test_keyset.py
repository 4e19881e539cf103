from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from todo.keyset import ORDERINGS, Cursor, Page, to_page

ORDERING = "created_at"
INVALID_VALUES = {
    "priority 4": ("priority", 4),
    "title number": ("title", 1),
    "title null": ("title", None),
    "title NUL": ("title", "a\0b"),
    "position number": ("position", 1.5),
    "position exponent": ("position", "1e9"),
    "position NaN": ("position", "NaN"),
    "position of 30 digits": ("position", "1" * 30),
    "naive completion": ("completed_at", "2026-01-01T00:00:00"),
    "no completion": ("completed_at", None),
}


def make_rows(*seconds):
    return [
        {
            "id": UUID(int=second),
            "created_at": datetime.fromtimestamp(second, UTC),
            "updated_at": datetime.fromtimestamp(second, UTC),
            "completed_at": None if second % 2 else datetime(2026, 6, 15, tzinfo=UTC),
            "due_date": None if second % 2 else date(2026, 6, 15),
            "priority": second % 4,
            "position": Decimal(f"1764095285123456.{'1234567890' * 100 * second}"),
            "title": "İ: äöü 🎉" if second % 2 else '\\"\u2028',
        }
        for second in seconds
    ]


def cursor_at(second, backwards=False):
    [row] = make_rows(second)
    return Cursor.at(row, ORDERING, backwards)


@pytest.mark.parametrize("second", [1, 2], ids=["with nulls", "without nulls"])
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_a_decoded_cursor_is_the_one_that_was_encoded(ordering, second, backwards):
    [row] = make_rows(second)
    cursor = Cursor.at(row, ordering, backwards)

    assert Cursor.decode(cursor.encode()) == cursor
    assert Cursor.decode(cursor.mirrored().encode()) == cursor.mirrored()


@pytest.mark.parametrize(
    "text",
    ["", "x", "W10", "\u00e9", "W" * 500],
    ids=["empty", "short", "empty list", "umlaut", "long"],
)
def test_another_text_is_not_a_cursor(text):
    with pytest.raises(ValueError):
        Cursor.decode(text)


@pytest.mark.parametrize(
    ("ordering", "value"), INVALID_VALUES.values(), ids=INVALID_VALUES
)
def test_a_cursor_of_another_kind_of_value_is_invalid(ordering, value):
    text = Cursor(ordering, value, str(UUID(int=1))).encode()

    with pytest.raises(ValueError):
        Cursor.decode(text)


def test_mirroring_twice_changes_nothing():
    cursor = cursor_at(1)

    assert cursor.mirrored().mirrored() == cursor


def test_the_only_page_has_no_links():
    rows = make_rows(1, 2)

    assert to_page(rows, ORDERING, limit=2) == Page(rows, None, None)


def test_the_first_page_has_a_next_page():
    rows = make_rows(1, 2, 3)

    page = to_page(rows, ORDERING, limit=2)

    assert page == Page(rows[:2], cursor_at(2), None)


def test_a_page_in_the_middle_has_both_links():
    rows = make_rows(3, 4, 5)

    page = to_page(rows, ORDERING, limit=2, cursor=cursor_at(2))

    assert page == Page(rows[:2], cursor_at(4), cursor_at(3, backwards=True))


def test_the_last_page_has_a_previous_page():
    rows = make_rows(3)

    page = to_page(rows, ORDERING, limit=2, cursor=cursor_at(2))

    assert page == Page(rows, None, cursor_at(3, backwards=True))


def test_going_back_reverses_the_rows_and_keeps_the_way_forward():
    back = cursor_at(5, backwards=True)

    page = to_page(make_rows(4, 3, 2), ORDERING, limit=2, cursor=back)

    assert page == Page(make_rows(3, 4), cursor_at(4), cursor_at(3, backwards=True))


def test_going_back_to_the_first_page_keeps_the_way_forward():
    back = cursor_at(3, backwards=True)

    page = to_page(make_rows(2, 1), ORDERING, limit=2, cursor=back)

    assert page == Page(make_rows(1, 2), cursor_at(2), None)


def test_an_empty_first_page_has_no_links():
    assert to_page([], ORDERING, limit=2) == Page([], None, None)


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_an_empty_page_leads_back_to_the_row_that_it_came_from(backwards):
    cursor = cursor_at(2, backwards)

    page = to_page([], ORDERING, limit=2, cursor=cursor)

    if backwards:
        assert page == Page([], cursor.mirrored(), None)
    else:
        assert page == Page([], None, cursor.mirrored())
    assert cursor.mirrored().inclusive
