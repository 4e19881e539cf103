"""Journeys in Firefox."""

import pytest

from aido.testing.firefox import CONTROL, ENTER, RELEASE, running_firefox
from aido.testing.processes import running_server
from todo.models import Task
from todo.tests.conftest import PASSWORD

pytestmark = [pytest.mark.firefox, pytest.mark.django_db(transaction=True)]
TITLES = """[...document.querySelectorAll("[data-testid=todo-title]")]
    .map((title) => title.textContent.trim()).join()"""
IS_SAVED = """!document.querySelector(".pending") && !Object.keys(localStorage)
    .some((name) => name.includes(":outbox:"))"""


@pytest.fixture
def firefox():
    with running_firefox() as firefox:
        yield firefox


def sign_in(firefox, site, user):
    firefox.goto(f"{site}/accounts/login/")
    firefox.type("[name=login]", user.email)
    firefox.type("[name=password]", PASSWORD)
    firefox.click("main form [type=submit]")
    firefox.wait_for("document.querySelector('#title')")


def add_tasks(firefox, *titles):
    for title in titles:
        firefox.type("#title", title + ENTER)


def test_tasks_are_added_ticked_deleted_and_restored(firefox, site, user):
    sign_in(firefox, site, user)
    add_tasks(firefox, "Buy milk", "Call Ann")
    firefox.wait_for(f"{TITLES} === 'Buy milk,Call Ann'")
    firefox.evaluate("document.querySelector('.toggle').click()")
    firefox.wait_for("document.querySelector('#tasks > .completed')")

    firefox.evaluate("document.querySelector('.destroy').click()")
    firefox.wait_for(f"{TITLES} === 'Call Ann'")
    firefox.type("body", f"{CONTROL}z{RELEASE}")

    firefox.wait_for(f"{TITLES} === 'Buy milk,Call Ann'")
    firefox.wait_for(IS_SAVED)
    assert Task.objects.in_status("open").get().title == "Call Ann"
    assert Task.objects.in_status("completed").get().title == "Buy milk"


def test_what_is_typed_during_an_outage_is_kept_and_sent(
    firefox, user, proxied_url, proxy
):
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url) as site:
        sign_in(firefox, site, user)
        proxy.stop()
        add_tasks(firefox, "Buy milk", "Call Ann")
        firefox.type("#title", "half a")
        firefox.wait_for("document.querySelectorAll('.waiting').length === 2")
        proxy.start()

        firefox.wait_for(IS_SAVED)
        firefox.reload()
        firefox.wait_for(f"{TITLES} === 'Buy milk,Call Ann'")
        assert firefox.evaluate("document.querySelector('#title').value") == "half a"
    assert Task.objects.count() == 2
