"""Acts that a page sends for tasks, and the responses that offer to undo them."""

import re
from datetime import timedelta
from html import unescape

from django.urls import reverse

from todo.tests.helpers import read_row

DAY = timedelta(days=1)
VALUES = {
    "due_date": "2026-12-24",
    "priority": "2",
    "labels": "#home garden",
}


def headers(url="/"):
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}


def url_of(route, *tasks):
    return reverse(route, args=[task.pk for task in tasks])


def send(web, route, form, *tasks, url="/"):
    return web.post(url_of(route, *tasks), form, headers=headers(url))


def undo_token(response):
    found = re.search(r'name="undo" value="([^"]*)"', response.text)
    return unescape(found[1]) if found else None


def undo(web, response, url="/"):
    return send(web, "undo_all", {"undo": undo_token(response)}, url=url)


def values_of(task, *names):
    row = read_row(task.pk)
    return [row[name] for name in names]
