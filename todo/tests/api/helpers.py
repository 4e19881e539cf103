"""The operations of the API, as the tests call them."""

from collections.abc import Callable, Iterator

from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from rest_framework.test import APIClient

from todo.models import List, Task
from todo.tests.conftest import PASSWORD

TASKS = "/api/v1/tasks"
LISTS = "/api/v1/lists"
ACCOUNT = "/api/v1/account"
SESSION = "/api/v1/auth/session"
LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/tokens/refresh"
MISSING_ID = "01a202a8-526f-7022-82f9-8a7867c49a93"
METHODS = ["get", "post", "put", "patch", "delete"]


def task_url(task: Task) -> str:
    return f"{TASKS}/{task.pk}"


def list_url(row: List) -> str:
    return f"{LISTS}/{row.pk}"


def list_names(api: APIClient) -> list[str]:
    """Return the names of the user's lists, in their order."""
    return [row["name"] for row in api.get(LISTS).json()["results"]]


def titles(response) -> list[str]:
    """Return the titles of the tasks of a successful response, in order."""
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["results"]]


def bearer_client(token: str) -> APIClient:
    """Return a client that sends this access token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def read_tokens(response) -> tuple[str, str]:
    """Return the access token and the refresh token of a successful response."""
    assert response.status_code == 200, response.json()
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    tokens = body["meta"] if "meta" in body else body["data"]
    return tokens["access_token"], tokens["refresh_token"]


def error_codes(response, field: str) -> list[str]:
    """Return the codes of a field's errors."""
    assert response.status_code == 400, response.json()
    return [error["code"] for error in response.json()["errors"][field]]


def login(client: APIClient, **changes):
    """Send the credentials of the user of the tests, with these changes."""
    return client.post(
        LOGIN, {"email": "ann@example.com", "password": PASSWORD} | changes
    )


def refresh(client: APIClient, token: str):
    return client.post(REFRESH, {"refresh_token": token})


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
