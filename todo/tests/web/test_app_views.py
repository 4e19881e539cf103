"""What belongs to the pages as an app: icons, the worker and the page for offline."""

import pytest
from django.contrib.staticfiles import finders

from todo.tests.helpers import web_client

pytestmark = pytest.mark.django_db


def test_the_worker_is_at_the_root_and_controls_all_pages(client):
    response = client.get("/sw.js")

    assert response["Content-Type"].startswith("text/javascript")
    assert response["Service-Worker-Allowed"] == "/"
    assert "no-cache" in response["Cache-Control"]
    with open(finders.find("todo/sw.js"), "rb") as file:
        assert response.content == file.read()


def test_the_page_for_offline_has_no_data_of_the_user(user, client, make_task):
    make_task(title="Secret")

    page = web_client(user).get("/offline")

    assert page.status_code == 200
    for text in ("Secret", user.email, str(user.pk), "csrfmiddlewaretoken"):
        assert text not in page.text
    assert page.content == client.get("/offline").content
    assert "sessionid" not in page.cookies


def test_browsers_that_look_for_an_icon_find_one(client):
    response = client.get("/favicon.ico")

    assert response.status_code == 302
    assert finders.find(response["Location"].removeprefix("/static/"))


@pytest.mark.parametrize("path", ["/sw.js", "/offline", "/favicon.ico"])
def test_these_take_no_forms(client, path):
    assert client.post(path).status_code == 405
