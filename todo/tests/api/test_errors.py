"""Every operation of the API reports errors in the same format (RFC 9457)."""

import pytest
from django.utils import timezone

from todo.models import Task
from todo.tests.api.conftest import access_token
from todo.tests.api.helpers import LISTS, METHODS, MISSING_ID, OPERATIONS, TASKS

OPEN_ROUTES = {"signup", "login", "refresh", "request", "reset"}
TASK_OPERATIONS = [
    (route, method)
    for route, method in OPERATIONS
    if route.startswith(f"{TASKS}/<task_id:pk>")
]
OPERATIONS_WITH_BODY = [
    *((route, method) for route, method in OPERATIONS if method in {"put", "patch"}),
    *((TASKS, "post"), (LISTS, "post"), ("/api/v1/auth/login", "post")),
    *((f"{TASKS}/bulk", "post"), ("/api/v1/account", "delete")),
]
INVALID_JSON = {
    "unfinished": b"{",
    "no UTF-8": b"\xff",
    "half a surrogate pair": b'{"title": "\\ud800"}',
    "NaN": b'{"title": NaN}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "nested too deeply": b"[" * 100_000,
}
FOREIGN_ORIGIN = "https://app.example.com"


def url_of(route):
    return route.replace("<task_id:pk>", MISSING_ID)


def read_problem(response, status):
    """Return the body of an error response with this status."""
    body = response.json()
    assert response.status_code == status, body
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= body.keys()
    return body


def send(api, route, method, body, content_type="application/json"):
    return api.generic(method.upper(), url_of(route), body, content_type)


def test_the_operations_are_those_of_the_url_configuration():
    assert len(OPERATIONS) >= 19
    assert (f"{TASKS}/<task_id:pk>", "patch") in OPERATIONS
    assert all(operation in OPERATIONS for operation in OPERATIONS_WITH_BODY)


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "method"), OPERATIONS)
def test_an_operation_needs_a_token_unless_it_is_open(anonymous, route, method):
    response = getattr(anonymous, method)(url_of(route))

    is_open = route.rsplit("/", 1)[1] in OPEN_ROUTES
    read_problem(response, 400 if is_open else 401)


@pytest.mark.parametrize(("route", "method"), TASK_OPERATIONS)
@pytest.mark.parametrize("is_trashed", [False, True], ids=["kept", "trashed"])
def test_another_users_task_is_not_found(
    strangers_api, make_task, route, method, is_trashed
):
    task = make_task(deleted_at=timezone.now() if is_trashed else None)
    url = route.replace("<task_id:pk>", str(task.pk))
    before = Task.objects.values().get()
    body = {} if route.endswith("/move") else {"title": "stolen"}

    response = getattr(strangers_api, method)(url, body)

    read_problem(response, 404)
    assert Task.objects.values().get() == before


@pytest.mark.parametrize("route", sorted({route for route, _ in OPERATIONS}))
def test_the_error_about_a_method_lists_the_allowed_ones(api, route):
    allowed = {method.upper() for path, method in OPERATIONS if path == route}

    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed:
        response = api.generic(method, url_of(route))

        read_problem(response, 405)
        assert allowed <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize(("route", "method"), OPERATIONS_WITH_BODY)
@pytest.mark.parametrize("body", INVALID_JSON.values(), ids=INVALID_JSON)
def test_a_body_that_is_not_json_is_rejected(api, route, method, body):
    read_problem(send(api, route, method, body), 400)


@pytest.mark.parametrize(("route", "method"), OPERATIONS_WITH_BODY)
@pytest.mark.parametrize(
    "body", [b"null", b"[]", b'"x"', b"1"], ids=["null", "list", "string", "number"]
)
def test_a_body_that_is_not_an_object_is_rejected(api, route, method, body):
    problem = read_problem(send(api, route, method, body), 400)

    assert problem["errors"].keys() == {"non_field_errors"}


@pytest.mark.parametrize(("route", "method"), OPERATIONS_WITH_BODY)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/x-www-form-urlencoded", b"a=b"), ("application/xml", b"<x/>")],
    ids=["form", "XML"],
)
def test_a_body_of_another_type_is_rejected(api, route, method, content_type, body):
    read_problem(send(api, route, method, body, content_type), 415)


@pytest.mark.parametrize(("route", "method"), OPERATIONS_WITH_BODY)
def test_a_body_over_one_mebibyte_is_rejected(api, route, method):
    body = b'{"title": "' + b"x" * 2**20 + b'"}'

    assert read_problem(send(api, route, method, body), 413)["code"] == "too_large"


def test_a_client_that_accepts_no_json_is_rejected(api):
    read_problem(api.get(TASKS, headers={"Accept": "text/html"}), 406)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/tasks", f"{TASKS}/"])
def test_an_unknown_path_is_not_found(anonymous, path, method):
    read_problem(getattr(anonymous, method)(path), 404)


def test_an_unknown_host_is_rejected(client):
    read_problem(client.get(TASKS, headers={"Host": "evil.example"}), 400)


def test_an_internal_error_hides_its_cause(client, user, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret")

    client.raise_request_exception = False
    monkeypatch.setattr("todo.api.task_views.KeysetPagination.paginate_queryset", fail)
    headers = {"Authorization": f"Bearer {access_token(user)}"}

    response = client.get(TASKS, headers=headers)

    assert read_problem(response, 500)["code"] == "error"
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    "headers",
    [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"CONTENT_LENGTH": "abc"}],
    ids=["chunked", "no number"],
)
def test_a_body_needs_a_content_length(api, headers):
    response = api.generic("PATCH", "/api/v1/account", b"", **headers)

    assert read_problem(response, 411)["code"] == "length_required"


def test_a_response_about_many_errors_is_short(api):
    body = {f"key{number}" * 100: 0 for number in range(1_000)}

    response = api.post(TASKS, body)

    assert len(read_problem(response, 400)["errors"]) == 10
    assert len(response.content) < 20_000


def test_too_many_parameters_are_rejected(api):
    query = "&".join(f"k{number}=1" for number in range(1_001))

    assert "parameters" in read_problem(api.get(f"{TASKS}?{query}"), 400)["detail"]


def test_options_lists_the_allowed_methods(api):
    response = api.options(TASKS)

    assert response.status_code == 200
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("is_allowed", [True, False], ids=["ours", "another"])
def test_one_foreign_origin_may_call_the_api(client, settings, is_allowed):
    settings.CORS_ALLOWED_ORIGINS = [FOREIGN_ORIGIN]
    headers = {
        "Origin": FOREIGN_ORIGIN if is_allowed else "https://evil.example.com",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
    }

    response = client.options(TASKS, headers=headers)

    origin = response.headers.get("Access-Control-Allow-Origin")
    assert origin == (FOREIGN_ORIGIN if is_allowed else None)
    if is_allowed:
        assert "if-match" in response.headers["Access-Control-Allow-Headers"]
