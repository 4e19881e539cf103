"""What belongs to the pages as an app: icons, the worker and the page for offline."""

import struct

import pytest
from django.contrib.staticfiles import finders

from todo.tests.helpers import web_client

pytestmark = pytest.mark.django_db
# The colors of what masks may cut off: all outside of a circle of 80 % of the width.
OUTER_COLORS = """async (url) => {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const { naturalWidth: size } = image;
  const canvas = new OffscreenCanvas(size, size).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, size, size);
  const colors = new Set();
  for (let i = 0; i < size * size; i += 1) {
    const distance = Math.hypot(i % size - size / 2, Math.floor(i / size) - size / 2);
    if (distance > 0.4 * size) colors.add(data.slice(4 * i, 4 * i + 4).join());
  }
  return [...colors];
}"""


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


def test_each_icon_of_the_manifest_exists(client):
    icons = client.get("/manifest.webmanifest").json()["icons"]

    assert [icon["purpose"] for icon in icons] == ["any", "any", "maskable"]
    for icon in icons:
        with open(finders.find(icon["src"].removeprefix("/static/")), "rb") as file:
            width, height = struct.unpack(">16x2I", file.read(24))  # of a PNG
        assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.browser
def test_masks_cut_nothing_off_the_maskable_icon(open_page, site, client):
    *_, icon = client.get("/manifest.webmanifest").json()["icons"]

    colors = open_page(site).evaluate(OUTER_COLORS, icon["src"])

    assert colors == ["47,93,80,255"]  # #2f5d50


@pytest.mark.parametrize("path", ["/sw.js", "/offline", "/favicon.ico"])
def test_these_take_no_forms(client, path):
    assert client.post(path).status_code == 405
