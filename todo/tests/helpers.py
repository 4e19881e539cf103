"""Requests to the pages, rows and SQL to compare."""

import re
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from todo.models import Task, User
from todo.models.verbs import VERBS

HTMX = {"HX-Request": "true"}


def web_client(user: User) -> Client:
    """Return a browser without script, with a session of the user."""
    client = Client()
    client.force_login(user)
    return client


def page_url(name: str, task: Task) -> str:
    """Return the URL of a view of the pages, or of a verb, for this task."""
    if name in VERBS:
        return reverse("task_apply", args=[task.pk, name])
    about_one = ("edit", "rename", "tick", "set", "move")
    needs_task = name in {f"task_{verb}" for verb in about_one}
    return reverse(name, args=[task.pk] if needs_task else [])


def read_row(pk) -> dict | None:
    """Return a task as it is in the database, or None if it was deleted."""
    return Task.objects.filter(pk=pk).values().first()


def capture_sql(function: Callable, *arguments) -> str:
    """Return the SQL of the one query that the function runs, with its values.

    The ORM puts the ids that are expressions into parentheses, which are removed.
    """
    with CaptureQueriesContext(connection) as queries:
        function(*arguments)
    [query] = queries
    return re.sub(r"\(('[^']*'::uuid)\)", r"\1", query["sql"])


def version(task: Task) -> int:
    """Return the version of a task, as the pages send it."""
    return round(task.updated_at.timestamp() * 1_000_000)
