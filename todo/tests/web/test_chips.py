"""What the words of a new task are taken for, as chips."""

import re
from html import unescape

import pytest
from django.urls import reverse

from todo.models import Task
from todo.tests.helpers import HTMX

pytestmark = pytest.mark.django_db


def understand(client, title, **parameters):
    url = reverse("task_understand")
    return client.get(url, {"title": title} | parameters, headers=HTMX)


def chips(response):
    """Return the kind, the text and the label of each chip."""
    pattern = r'data-kind="(.*?)" data-text="(.*?)">.*?<bdi>(.*?)</bdi>'
    found = re.findall(pattern, response.text, re.S)
    return [tuple(map(unescape, chip)) for chip in found]


def test_chips_say_what_the_words_are_taken_for(web, make_list):
    make_list("Work")

    response = understand(web, "Call tomorrow 5pm #home !high @work")

    assert chips(response) == [
        ("date", "tomorrow", "Tomorrow"),
        ("time", "5pm", "17:00"),
        ("label", "#home", "#home"),
        ("priority", "!high", "High"),
        ("list", "@work", "work"),
    ]
    assert not Task.objects.exists()


def test_of_several_priorities_the_one_that_counts_has_a_chip(web):
    response = understand(web, "Call Bob !high #home !low #home")

    assert chips(response) == [("label", "#home", "#home"), ("priority", "!low", "Low")]


def test_a_chip_says_how_a_task_repeats(web):
    [chip] = chips(understand(web, "Water the plants every 2 weeks"))

    assert chip == ("repeat", "every 2 weeks", "Every 2 weeks")


@pytest.mark.parametrize(
    "title", ["", "Call Bob", "x" * 5000, "a\0b tomorrow", "@nowhere"], ids=len
)
def test_plain_words_have_no_chips(web, title):
    response = understand(web, title)

    assert response.status_code == 200
    assert chips(response) == []


def test_a_part_that_was_taken_back_has_no_chip(web):
    assert chips(understand(web, "Call tomorrow", plain="tomorrow")) == []


def test_chips_are_escaped(web):
    assert "<b>" not in understand(web, "Call #<b>x</b>").text


def test_chips_take_at_most_two_round_trips(web, make_list, django_assert_num_queries):
    make_list("Work")

    with django_assert_num_queries(1):
        understand(web, "Call tomorrow")
    with django_assert_num_queries(2):
        understand(web, "Call tomorrow @work")


def test_anonymous_users_get_no_chips(client):
    assert understand(client, "Call tomorrow").status_code == 401
