from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from todo.web.rows import MAX_PARSED, page_context, summary, task_context

TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DUE_DATES = {  # the label and the state of an open task
    "yesterday": (date(2026, 6, 14), "Yesterday", "overdue"),
    "today": (TODAY, "Today", "today"),
    "tomorrow": (date(2026, 6, 16), "Tomorrow", ""),
    "in two days": (date(2026, 6, 17), "Jun 17", ""),
    "two days ago": (date(2026, 6, 13), "Jun 13", "overdue"),
    "next year": (date(2027, 1, 1), "Jan 1, 2027", ""),
    "last century": (date(1999, 12, 24), "Dec 24, 1999", "overdue"),
}


def make_row(**values):
    times = {"completed_at": None, "deleted_at": None, "updated_at": NOW}
    empty = {"title": "x", "description": "", "priority": 0, "list": None, "labels": []}
    dates = {"due_date": None, "due_time": None, "repeat": None}
    dates |= {"repeat_after_completion": False}
    return times | empty | dates | values


@pytest.mark.parametrize(
    ("due_date", "label", "state"), DUE_DATES.values(), ids=DUE_DATES
)
def test_due_dates_have_a_label_and_a_state(due_date, label, state):
    row = task_context(make_row(due_date=due_date), TODAY)

    assert (row["due_label"], row["due_state"]) == (label, state)


def test_a_due_time_follows_the_day():
    row = task_context(make_row(due_date=TODAY, due_time=time(17)), TODAY)

    assert row["due_label"] == "Today 17:00"


def test_a_row_has_its_list_if_it_is_known():
    home = {"id": UUID(int=1), "name": "Home", "color": "teal"}
    work = {"id": UUID(int=2), "name": "Work", "color": ""}

    assert (
        task_context(make_row(list=UUID(int=2)), TODAY, [home, work])["in_list"] == work
    )
    assert task_context(make_row(list=UUID(int=3)), TODAY, [home])["in_list"] is None
    assert task_context(make_row(), TODAY, [home])["in_list"] is None


def test_a_row_says_how_it_repeats():
    values = {"repeat": "FREQ=DAILY", "repeat_after_completion": True}

    row = task_context(make_row(**values), TODAY)

    assert row["repeat_text"] == "Every day, after completion"


def test_a_row_counts_the_items_of_its_checklist():
    row = task_context(make_row(description="- [x] milk\n- [ ] bread"), TODAY)

    assert (row["items_done"], row["item_count"]) == (1, 2)


def test_a_page_counts_the_items_of_its_first_descriptions():
    description = "- [ ] milk".ljust(MAX_PARSED // 2)
    rows = [make_row(description=description) for _ in range(3)]

    counts = [row["item_count"] for row in page_context(rows, TODAY, [])]

    assert counts == [1, 1, 0]


HOME = {"id": UUID(int=1), "name": "Home", "color": ""}
SUMMARIES = {
    "nothing": ({}, ""),
    "today": ({"due_date": TODAY}, "due today"),
    "later": (
        {"due_date": date(2026, 7, 1), "due_time": time(9, 5)},
        "due Jul 1 09:05",
    ),
    "repeat": ({"due_date": TODAY, "repeat": "FREQ=WEEKLY"}, "due today, every week"),
    "labels": ({"labels": ["home", "Every"]}, "#home, #Every"),
    "priority": ({"priority": 3}, "high"),
    "list": ({"list": UUID(int=1)}, "in Home"),
    "all": (
        {
            "due_date": date(2026, 6, 16),
            "due_time": time(17),
            "labels": ["home"],
            "priority": 1,
            "list": UUID(int=1),
        },
        "due tomorrow 17:00, #home, low, in Home",
    ),
}


@pytest.mark.parametrize(("values", "text"), SUMMARIES.values(), ids=SUMMARIES)
def test_a_summary_has_all_but_the_title(values, text):
    assert summary(task_context(make_row(**values), TODAY, [HOME])) == text


@pytest.mark.parametrize("due_date", [date(2026, 6, 14), TODAY], ids=str)
def test_a_completed_task_is_neither_overdue_nor_due_today(due_date):
    row = task_context(make_row(due_date=due_date, completed_at=NOW), TODAY)

    assert row["due_state"] == ""


def test_a_task_without_a_due_date_has_no_label():
    assert "due_label" not in task_context(make_row(), TODAY)


def test_the_version_is_the_time_of_the_last_change_in_microseconds():
    row = task_context(make_row(updated_at=NOW.replace(microsecond=1)), TODAY)

    assert row["version"] == NOW.timestamp() * 1_000_000 + 1
