"""Requests to the pages, and rows to compare, for the tests of several doors."""

from django.test import Client
from django.urls import reverse

from todo.models import Task, User
from todo.models.task import VERBS

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
    needs_task = name in {"task_edit", "task_rename"}
    return reverse(name, args=[task.pk] if needs_task else [])


def read_row(pk) -> dict | None:
    """Return a task as it is in the database, or None if it was deleted."""
    return Task.objects.filter(pk=pk).values().first()


def version(task: Task) -> int:
    """Return what the pages send as the version of a task."""
    return round(task.updated_at.timestamp() * 1_000_000)
