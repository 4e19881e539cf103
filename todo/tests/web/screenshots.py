"""Take the README's screenshots: `make screenshots`."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

FOLDER = Path(__file__).with_name("screenshots")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_take_a_screenshot_of_the_list(open_page, site, user, make_task, scheme):
    user.name, user.time_zone = "Ann", "Asia/Tokyo"
    user.save()
    today = user.today
    make_task(title="Water the plants", completed_at=timezone.now())
    make_task(title="Send the invoice", due_date=today - timedelta(1), priority=3)
    make_task(title="Book the train to Lisbon", due_date=today, description="Window")
    make_task(title="Call the dentist", due_date=today + timedelta(1), priority=1)
    make_task(title="Read the last chapter")
    viewport = {"width": 800, "height": 560}
    page = open_page(site, user, color_scheme=scheme, viewport=viewport)

    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"list-{scheme}.png")
