from datetime import UTC, date, datetime, time

import pytest
from django.utils import timezone

from todo.models import List
from todo.quick import read_text
from todo.tasks import Owner
from todo.tests.conftest import sign_in

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # a Wednesday; Thursday in Tokyo
TOMORROW = date(2026, 11, 26)
UNKNOWN_LISTS = {  # text: title, due date
    "Call Bob @Nowhere": ("Call Bob @Nowhere", None),
    "Call Bob tomorrow @Nowhere": ("Call Bob @Nowhere", TOMORROW),
    "@Nowhere tomorrow: call Bob": ("@Nowhere call Bob", TOMORROW),
    "Ask @Nowhere folks tomorrow": ("Ask @Nowhere folks", TOMORROW),
    'Order ink @"No where" tomorrow': ('Order ink @"No where"', TOMORROW),
    "Read “@Nowhere” by @Nowhere": ("Read “@Nowhere” by @Nowhere", None),
    "Ask @Nowhere @Nobody": ("Ask @Nowhere @Nobody", None),
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner(user):
    return Owner(user.pk, sign_in(user).session_key)


@pytest.fixture
def work(user):
    return List.objects.create(owner=user, name="Work")


def test_a_text_is_understood(owner, work):
    text = "Call Bob tomorrow 5pm #home !high @Work"

    values, understood = read_text(owner, text, "UTC")

    assert values == {
        "title": "Call Bob",
        "due_date": TOMORROW,
        "due_time": time(17),
        "repeat": None,
        "repeat_after_completion": False,
        "priority": 3,
        "labels": ["home"],
        "list": work.pk,
    }
    assert ("list", "@Work") in understood


def test_a_repeat_is_in_normal_form(owner):
    values, _ = read_text(owner, "Stand up every 2 weeks on monday", "UTC")

    assert values["repeat"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
    assert values["due_date"] == date(2026, 11, 30)


def test_the_day_is_that_of_the_time_zone(owner):
    values, _ = read_text(owner, "Call Bob today", "Asia/Tokyo")

    assert values["due_date"] == TOMORROW


@pytest.mark.parametrize("mark", ["@work", '@"WORK"', "@Work!"])
def test_a_list_is_found_in_any_case(owner, work, mark):
    values, _ = read_text(owner, f"Call Bob {mark}", "UTC")

    assert (values["title"], values["list"]) == ("Call Bob", work.pk)


@pytest.mark.parametrize(
    ("text", "title", "due_date"),
    [(text, *expected) for text, expected in UNKNOWN_LISTS.items()],
    ids=UNKNOWN_LISTS,
)
def test_the_name_of_an_unknown_list_stays_in_the_title(owner, text, title, due_date):
    values, understood = read_text(owner, text, "UTC")

    assert (values["title"], values["due_date"]) == (title, due_date)
    assert values["list"] is None
    assert "list" not in dict(understood)
    assert not List.objects.exists()


def test_another_users_list_is_unknown(owner, stranger):
    List.objects.create(owner=stranger, name="Work")

    values, _ = read_text(owner, "Call Bob @Work", "UTC")

    assert (values["title"], values["list"]) == ("Call Bob @Work", None)


def test_a_known_list_counts_after_an_unknown_one(owner, work):
    values, _ = read_text(owner, "Ask @Nowhere @Work", "UTC")

    assert (values["title"], values["list"]) == ("Ask @Nowhere", work.pk)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Buy milk @Home @Work", "Buy milk @Home"),
        ("Buy milk tomorrow @Home @Work", "Buy milk @Home"),
        ("@Home buy milk @Work", "@Home buy milk"),
        ("Buy milk @Work @Home @work", "Buy milk @Home"),
        ("Buy milk @Work @work", "Buy milk"),
    ],
)
def test_the_last_of_several_lists_counts_and_the_others_stay_in_the_title(
    owner, work, make_list, text, title
):
    make_list("Home")

    values, understood = read_text(owner, text, "UTC")

    assert (values["title"], values["list"]) == (title, work.pk)
    assert values["due_date"] == (TOMORROW if "tomorrow" in text else None)
    assert {part.lower() for kind, part in understood if kind == "list"} == {"@work"}


def test_the_name_of_an_unknown_list_may_begin_that_of_a_known_one(owner, work):
    values, _ = read_text(owner, "Ask @Work @Wo", "UTC")

    assert (values["title"], values["list"]) == ("Ask @Wo", work.pk)


@pytest.mark.parametrize(
    "text",
    ["\u200b #home", "x " + " ".join(f"#no{n}" for n in range(51))],
    ids=["invisible title", "too many labels"],
)
def test_what_would_not_be_valid_is_the_title(owner, text):
    assert read_text(owner, text, "UTC") == ({"title": text.strip()}, [])


@pytest.mark.parametrize(("text", "count"), [("Call Bob", 0), ("Call Bob @Work", 1)])
def test_only_a_list_takes_a_round_trip(owner, django_assert_num_queries, text, count):
    with django_assert_num_queries(count):
        read_text(owner, text, "UTC")
