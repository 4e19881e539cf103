"""One rule says what "today" is, for pages and API, in every time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from todo.models import User
from todo.models.user import local_date, time_zones, today_by_time_zone

# An hour at which CET without summer time would be a day behind, and other moments.
MOMENTS = {
    "summer": datetime(2027, 7, 1, 22, 30, tzinfo=UTC),
    "winter": datetime(2027, 1, 1, 23, 30, tzinfo=UTC),
    "noon": datetime(2027, 3, 28, 12, 0, 59, tzinfo=UTC),
    "clock change": datetime(2027, 11, 7, 7, 59, 59, tzinfo=UTC),
}


@pytest.mark.django_db
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
def test_the_database_and_python_agree_in_every_time_zone(now):
    User.objects.bulk_create(
        User(email=f"{number}@example.com", time_zone=name)
        for number, name in enumerate(sorted(time_zones()))
    )

    rows = User.objects.values_list("time_zone", today_by_time_zone(now))

    assert dict(rows) == {
        name: now.astimezone(ZoneInfo(name)).date() for name in time_zones()
    }


def test_an_abbreviation_has_summer_time():
    assert local_date("CET", MOMENTS["summer"]).isoformat() == "2027-07-02"
