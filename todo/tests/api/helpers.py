"""The operations of the API, as the tests call them."""

from collections.abc import Callable, Iterator

from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from todo.models import Task

TASKS = "/api/v1/tasks"
MISSING_ID = "01a202a8-526f-7022-82f9-8a7867c49a93"
METHODS = ["get", "post", "put", "patch", "delete"]


def task_url(task: Task) -> str:
    return f"{TASKS}/{task.pk}"


def titles(response) -> list[str]:
    """Return the titles of the tasks of a successful response, in order."""
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["results"]]


def api_routes(patterns=None, prefix: str = "/") -> Iterator[tuple[str, Callable]]:
    """Yield the routes under /api/v1/, such as `/api/v1/tasks/<task_id:pk>`."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from api_routes(pattern.url_patterns, route)
        elif route.startswith("/api/v1/"):
            yield route, pattern.callback


def allowed_methods(view) -> list[str]:
    if actions := getattr(view, "actions", None):
        return [method for method in METHODS if method in actions]
    return [method for method in METHODS if hasattr(view.view_class, method)]


OPERATIONS = [
    (route, method) for route, view in api_routes() for method in allowed_methods(view)
]
