"""Repeat rules against a walk through the calendar, in five time zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from todo.models.user import local_date
from todo.repeats import InvalidRule, advance, parse
from todo.tests.repeats.oracle import DAY, WEEKDAYS, Oracle

# A daily task at 02:30, due the day before local clocks change: its next local times.
CLOCK_CHANGES = {
    "Berlin, spring, when 02:30 is skipped": (
        "Europe/Berlin",
        ["2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"],
    ),
    "Berlin, autumn": (
        "Europe/Berlin",
        ["2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
    ),
    "New York, spring, when 02:30 is skipped": (
        "America/New_York",
        ["2026-03-07T02:30-05:00", "2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00"],
    ),
    "New York, autumn": (
        "America/New_York",
        ["2026-10-31T02:30-04:00", "2026-11-01T02:30-05:00", "2026-11-02T02:30-05:00"],
    ),
    "Lord Howe, spring, by half an hour": (
        "Australia/Lord_Howe",
        ["2026-10-03T02:30+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:30+11:00"],
    ),
    "Lord Howe, autumn, by half an hour": (
        "Australia/Lord_Howe",
        ["2026-04-04T02:30+11:00", "2026-04-05T02:30+10:30", "2026-04-06T02:30+10:30"],
    ),
    "Kathmandu in 1986, by a quarter of an hour": (
        "Asia/Kathmandu",
        ["1985-12-31T02:30+05:30", "1986-01-01T02:30+05:45", "1986-01-02T02:30+05:45"],
    ),
    "Samoa, which skipped 30 December 2011": (
        "Pacific/Apia",
        ["2011-12-29T02:30-10:00", "2011-12-31T02:30+14:00", "2012-01-01T02:30+14:00"],
    ),
}
TIME_ZONES = sorted({zone for zone, _ in CLOCK_CHANGES.values()})


@pytest.mark.parametrize(
    ("zone", "local_times"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES.keys()
)
def test_a_task_keeps_its_wall_clock_time(zone, local_times):
    due, rule, found = date.fromisoformat(local_times[0][:10]), "FREQ=DAILY", []

    for _ in local_times:
        wall_clock = datetime.combine(due, time(2, 30), ZoneInfo(zone))
        completed_at = wall_clock.astimezone(UTC)
        found.append(completed_at.astimezone(ZoneInfo(zone)))
        due, rule = advance(rule, due, local_date(zone, completed_at))

    assert [moment.isoformat(timespec="minutes") for moment in found] == local_times


@pytest.mark.parametrize(
    ("zone", "local_times"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES.keys()
)
def test_a_daily_task_is_due_once_on_each_local_day(zone, local_times):
    start = datetime.fromisoformat(local_times[0]) - DAY
    moments = [start + number * timedelta(minutes=15) for number in range(5 * 96)]
    due, completed_on = local_date(zone, start), []

    for moment in moments:
        today = local_date(zone, moment)
        if due <= today:
            completed_on.append(today)
            due, _ = advance("FREQ=DAILY", due, today)
            assert due == today + DAY

    assert completed_on == sorted({local_date(zone, moment) for moment in moments})


@st.composite
def rules(draw):
    """Return rules with all combinations of parts that parse() accepts."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    month_days = st.sampled_from([28, 29, 30, 31, -1, -29, -31]) | st.integers(1, 31)
    numbers = st.just("")
    if freq in ("MONTHLY", "YEARLY"):
        numbers |= st.sampled_from([1, 2, 4, 5, 53, -1, -2, -5, -53])
    days = st.builds("{}{}".format, numbers, st.sampled_from(WEEKDAYS))
    lists = {"BYMONTH": st.integers(1, 12), "BYDAY": days}
    if freq != "WEEKLY":
        lists["BYMONTHDAY"] = month_days
    names = draw(st.sets(st.sampled_from(sorted(lists))))
    parts = {
        name: draw(st.lists(lists[name], min_size=1, max_size=4)) for name in names
    }
    if parts and draw(st.booleans()):
        positions = st.sampled_from([1, 2, 3, -1, -2, 52, 366, -366])
        parts["BYSETPOS"] = draw(st.lists(positions, min_size=1, max_size=2))
    parts["INTERVAL"] = [draw(st.just(1) | st.integers(1, 14) | st.integers(1, 999))]
    end = draw(st.sampled_from(["COUNT", "UNTIL", None, None]))
    if end == "COUNT":
        parts["COUNT"] = [draw(st.integers(1, 20) | st.integers(1, 9999))]
    if end == "UNTIL":
        parts["UNTIL"] = [draw(due_dates).strftime("%Y%m%d")]
    values = [f"{name}={','.join(map(str, parts[name]))}" for name in parts]
    return ";".join([f"FREQ={freq}", *values])


due_dates = st.dates(date(1895, 1, 1), date(2110, 1, 1)) | st.sampled_from(
    [date(2024, 2, 29), date(2026, 1, 31), date(2026, 2, 28), date(2026, 12, 31)]
)
# Days from the due date to the completion, and the hour (UTC).
completions = st.lists(
    st.tuples(st.integers(-40, 40) | st.integers(0, 3000), st.integers(0, 23)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rules(), due_dates, completions, st.sampled_from(TIME_ZONES))
@example(
    "FREQ=MONTHLY;BYMONTHDAY=30,31", date(2026, 1, 31), [(0, 12)] * 6, "Europe/Berlin"
)
@example("FREQ=MONTHLY", date(2023, 10, 31), [(0, 12)] * 6, "Asia/Kathmandu")
@example("FREQ=YEARLY", date(2024, 2, 29), [(0, 12)] * 6, "America/New_York")
@example("FREQ=DAILY;COUNT=9", date(2011, 12, 27), [(0, 23)] * 6, "Pacific/Apia")
def test_the_next_date_is_the_next_in_the_calendar(rule, due, completions, zone):
    try:
        stored = parse(rule)
    except InvalidRule:
        endless = f"{rule};INTERVAL=1;COUNT=2;UNTIL=99991231"  # these replace others
        assert Oracle(endless, due).dates() == [due]
        return
    oracle = Oracle(rule, due)
    dates = oracle.dates()

    for days, hour in completions:
        moment = datetime.combine(due, time(hour), UTC) + days * DAY
        today = local_date(zone, moment)
        found = advance(stored, due, today)
        expected = next((day for day in dates if day > max(due, today)), None)
        if expected is None:
            has_ended = len(dates) == oracle.count or oracle.until <= oracle.horizon
            assert found is None or (found[0] > oracle.horizon and not has_ended)
            return
        assert found[0] == expected
        due, stored = found
