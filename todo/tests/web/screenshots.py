"""Take the README's screenshots: `make screenshots`."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from todo.models import List

FOLDER = Path(__file__).with_name("screenshots")
WINDOW = {"width": 1120, "height": 780}
PHONE = {"width": 390, "height": 760}
DRAFT = "Call Mia tomorrow 5pm #family !high"


@pytest.fixture
def home(user, make_task):
    """The tasks and lists of somebody with a trip, a home and some work."""
    user.name, user.time_zone = "Ann Example", "Asia/Tokyo"
    user.save()
    colors = {"Home": "teal", "Work": "blue", "Lisbon": "orange", "Reading": "purple"}
    lists = {
        name: List.objects.create(owner=user, name=name, color=color)
        for name, color in colors.items()
    }
    today, days = user.today, timedelta
    make_task(
        title="Pay the electricity bill",
        due_date=today - days(1),
        repeat="FREQ=MONTHLY;BYMONTHDAY=-1",
        list=lists["Home"],
    )
    make_task(
        title="Reply to the tax office",
        due_date=today - days(4),
        labels=["errand"],
    )
    make_task(
        title="Book the flight to Lisbon",
        due_date=today,
        due_time=time(17),
        priority=3,
        description="The fares go up on **Friday**.\n\n- [x] Passport is valid\n"
        "- [x] Compare fares\n- [ ] Seats next to each other",
        labels=["family"],
        list=lists["Lisbon"],
    )
    make_task(
        title="Water the plants",
        due_date=today,
        repeat="FREQ=DAILY;INTERVAL=3",
        list=lists["Home"],
    )
    make_task(
        title="Send the draft of the report to Jo",
        due_date=today,
        priority=2,
        list=lists["Work"],
    )
    make_task(title="Buy milk, bread and eggs", due_date=today, labels=["errand"])
    make_task(title="Call Ben", due_date=today + days(1), due_time=time(9, 30))
    make_task(
        title="Pack the suitcase",
        due_date=today + days(1),
        priority=1,
        description="- [ ] camera\n- [ ] shoes",
        list=lists["Lisbon"],
    )
    make_task(title="Renew the library card", due_date=today + days(3))
    make_task(title="The Left Hand of Darkness", list=lists["Reading"])
    make_task(title="Order ink", list=lists["Work"], completed_at=timezone.now())
    make_task(title="Walk the dog", completed_at=timezone.now())
    return user


def take(page, name):
    FOLDER.mkdir(exist_ok=True)
    page.wait_for_timeout(500)  # milliseconds, for transitions
    page.screenshot(path=FOLDER / f"{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_today(open_page, site, home, scheme):
    page = open_page(f"{site}/today", home, color_scheme=scheme, viewport=WINDOW)

    take(page, f"today-{scheme}")


def test_the_details_of_a_task(open_page, site, home):
    page = open_page(f"{site}/today", home, viewport=WINDOW)

    page.get_by_role("link", name="Details of Book the flight").click()
    page.get_by_label("Title").blur()
    page.evaluate("scrollTo(0, 330)")
    take(page, "details")


def test_adding_a_task(open_page, site, home):
    page = open_page(f"{site}/upcoming", home, viewport=WINDOW)

    page.get_by_label("New task").press_sequentially(DRAFT)
    page.locator("#chips .chip").nth(3).wait_for()
    take(page, "adding")


def test_several_tasks(open_page, site, home):
    page = open_page(site, home, viewport=WINDOW, color_scheme="dark")

    for index in (1, 4, 5):
        titles = page.get_by_test_id("todo-title")
        titles.nth(index).click(modifiers=["Control"])
    page.mouse.move(0, 0)
    take(page, "several")


def test_a_phone(open_page, site, home):
    options = {"has_touch": True, "is_mobile": True, "device_scale_factor": 1.5}
    page = open_page(f"{site}/today", home, viewport=PHONE, **options)

    take(page, "phone")
