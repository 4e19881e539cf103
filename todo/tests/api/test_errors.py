"""What is wrong with a request is told in one shape, by every route."""

import pytest
from django.utils import timezone

from todo.models import Task
from todo.tests.api.conftest import METHODS, OPERATIONS, access_token

OPEN = {"signup", "login", "refresh", "request", "reset"}


def problem(response, status):
    """The body, once it is what RFC 9457 and our schema say."""
    body = response.json()
    assert response.status_code == status, body
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= body.keys()
    return body


def test_the_walk_finds_the_routes():
    assert len(OPERATIONS) >= 19
    assert ("/api/v1/tasks/<task_id:pk>", "patch") in OPERATIONS


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "method"), OPERATIONS)
def test_a_route_is_open_only_where_that_is_meant(anonymous, route, method):
    url = route.replace("<task_id:pk>", "01a202a8-526f-7022-82f9-8a7867c49a93")

    response = getattr(anonymous, method)(url)

    is_open = route.rsplit("/", 1)[1] in OPEN
    problem(response, 400 if is_open else 401)


@pytest.mark.parametrize(
    ("route", "method"), [each for each in OPERATIONS if "<task_id:pk>" in each[0]]
)
@pytest.mark.parametrize("state", [{}, {"deleted_at": timezone.now()}])
def test_a_strangers_token_finds_no_task(
    strangers_api, make_task, route, method, state
):
    task = make_task(**state)
    url = route.replace("<task_id:pk>", str(task.pk))
    before = Task.objects.values().get()

    response = getattr(strangers_api, method)(url, {"title": "stolen"})

    problem(response, 404)
    assert Task.objects.values().get() == before


@pytest.mark.parametrize(("route", "method"), OPERATIONS)
def test_a_wrong_method_is_told_with_those_that_are_right(api, route, method):
    url = route.replace("<task_id:pk>", "01a202a8-526f-7022-82f9-8a7867c49a93")
    right = {each.upper() for path, each in OPERATIONS if path == route}

    for wrong in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - right:
        response = api.generic(wrong, url)

        problem(response, 405)
        assert right <= set(response.headers["Allow"].split(", "))


BODIES = [(route, method) for route, method in OPERATIONS if method in {"put", "patch"}]
BODIES += [("/api/v1/tasks", "post"), ("/api/v1/auth/login", "post")]
BODIES += [("/api/v1/tasks/bulk", "post"), ("/api/v1/account", "delete")]


def send(api, route, method, body, content_type="application/json"):
    url = route.replace("<task_id:pk>", "01a202a8-526f-7022-82f9-8a7867c49a93")
    return api.generic(method.upper(), url, body, content_type)


@pytest.mark.parametrize(("route", "method"), BODIES)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"title": "\\ud800"}',
        b'{"title": NaN}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_is_told(api, route, method, body):
    problem(send(api, route, method, body), 400)


@pytest.mark.parametrize(("route", "method"), BODIES)
def test_a_body_of_another_type_is_told(api, route, method):
    problem(send(api, route, method, b"a=b", "application/x-www-form-urlencoded"), 415)
    problem(send(api, route, method, b"<x/>", "application/xml"), 415)


@pytest.mark.parametrize(("route", "method"), BODIES)
def test_a_body_over_one_mebibyte_is_told(api, route, method):
    body = b'{"title": "' + b"x" * 2**20 + b'"}'

    assert problem(send(api, route, method, body), 413)["code"] == "too_large"


def test_an_answer_of_another_type_cannot_be_had(api, make_task):
    problem(api.get("/api/v1/tasks", headers={"Accept": "text/html"}), 406)


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v2/tasks", "/api/v1/tasks/"]
)
def test_an_unknown_address_is_told(anonymous, path):
    for method in METHODS:
        problem(getattr(anonymous, method)(path), 404)


def test_a_wrong_host_is_told(client):
    problem(client.get("/api/v1/tasks", headers={"Host": "evil.example"}), 400)


def test_a_failure_is_told_without_its_cause(client, user, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret")

    client.raise_request_exception = False
    monkeypatch.setattr("todo.api.task_views.KeysetPagination.paginate_queryset", fail)
    headers = {"Authorization": f"Bearer {access_token(user)}"}

    response = client.get("/api/v1/tasks", headers=headers)

    assert problem(response, 500)["code"] == "error"
    assert b"secret" not in response.content


def test_a_body_without_a_length_is_told(api):
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    for headers in (chunked, {"CONTENT_LENGTH": "abc"}):
        response = api.generic("PATCH", "/api/v1/account", b"", **headers)

        assert problem(response, 411)["code"] == "length_required"


def test_many_mistakes_are_told_in_few_words(api):
    body = {f"key{number}" * 100: 0 for number in range(1_000)}

    response = api.post("/api/v1/tasks", body)

    assert len(problem(response, 400)["errors"]) == 10
    assert len(response.content) < 20_000


def test_too_many_parameters_are_told(api):
    query = "&".join(f"k{number}=1" for number in range(1_001))

    assert "parameters" in problem(api.get(f"/api/v1/tasks?{query}"), 400)["detail"]


def test_options_tell_what_is_allowed(api):
    response = api.options("/api/v1/tasks")

    assert response.status_code == 200
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_one_foreign_origin_may_call(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    asked = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
    }

    ours = client.options(
        "/api/v1/tasks", headers={"Origin": "https://app.example.com"} | asked
    )
    other = client.options(
        "/api/v1/tasks", headers={"Origin": "https://evil.example.com"} | asked
    )

    assert ours.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "if-match" in ours.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in other.headers
