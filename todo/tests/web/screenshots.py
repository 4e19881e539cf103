"""Take the README's screenshots: `make screenshots`."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from todo.models import List

FOLDER = Path(__file__).with_name("screenshots")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_take_a_screenshot_of_the_list(open_page, site, user, make_task, scheme):
    user.name, user.time_zone = "Ann", "Asia/Tokyo"
    user.save()
    today = user.today
    home = List.objects.create(owner=user, name="Home", color="teal")
    work = List.objects.create(owner=user, name="Work", color="orange")
    trip = List.objects.create(owner=user, name="Lisbon", color="purple")
    make_task(title="Order ink", list=work, completed_at=timezone.now())
    make_task(
        title="Send the invoice",
        due_date=today - timedelta(1),
        priority=3,
        list=work,
        labels=["money"],
    )
    make_task(
        title="Water the plants",
        due_date=today,
        due_time=time(17),
        repeat="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        list=home,
    )
    make_task(
        title="Pack the suitcase",
        due_date=today + timedelta(1),
        description="- [x] passport\n- [x] tickets\n- [ ] camera\n- [ ] shoes",
        list=trip,
    )
    make_task(title="Call the dentist", priority=1, labels=["phone", "health"])
    make_task(title="Read the last chapter")
    viewport = {"width": 800, "height": 700}
    page = open_page(site, user, color_scheme=scheme, viewport=viewport)

    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"list-{scheme}.png")
