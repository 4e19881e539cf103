"""Which requests skip which middleware, and what middleware refuses."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import Http404, HttpResponse
from django.middleware import security
from django.urls import get_resolver, resolve
from psycopg.errors import DeadlockDetected

from aido.json import JSONResponse, set_header
from aido.middleware import (
    MAX_HOSTS,
    DatabaseOutageMiddleware,
    LengthRequiredMiddleware,
    SecurityMiddleware,
    TokenShortcutMiddleware,
)
from aido.routes import Routes

TASK_ID = "00000000-0000-7000-8000-00000000000a"


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/api/v1/tasks",
        "/api/v1/tasks/bulk",
        f"/api/v1/tasks/{TASK_ID}",
        f"/api/v1/tasks/{TASK_ID.upper()}/complete",
        "/api/v1/tasks/unknown",
    ],
)
def test_a_shortcut_finds_the_view_that_django_would(path):
    view, arguments, match = Routes(get_resolver()).find(path)

    expected = resolve(path)
    assert (view, arguments) == (expected.func, expected.kwargs)
    assert (match.route, match.view_name) == (expected.route, expected.view_name)


def test_a_path_without_a_view_is_not_found():
    with pytest.raises(Http404):
        Routes(get_resolver()).find("/nothing/here")


@pytest.mark.parametrize("is_secure", [True, False], ids=["https", "http"])
def test_the_security_headers_are_those_of_django(rf, settings, is_secure):
    settings.SECURE_HSTS_SECONDS = 3600 if is_secure else 0
    settings.SECURE_SSL_REDIRECT = is_secure
    headers = {"Referrer-Policy": "origin"}
    request = rf.get("/", secure=is_secure)

    responses = [
        middleware(lambda request: HttpResponse(headers=headers))(request)
        for middleware in (SecurityMiddleware, security.SecurityMiddleware)
    ]

    ours, djangos = (dict(response.items()) for response in responses)
    assert ours == djangos
    assert ours["Referrer-Policy"] == "origin"
    assert ("Strict-Transport-Security" in ours) == is_secure


def test_the_headers_of_a_json_response_are_those_of_django():
    response = JSONResponse({}, headers={"Allow": "GET"})
    set_header(response, "ETag", '"1"')

    assert [*response.items()] == [*response.headers.items()]
    assert response["etag"] == '"1"'


@pytest.mark.parametrize("path", ["/livez", "/health", "/api/v1/tasks"])
@pytest.mark.django_db
def test_probes_and_tasks_skip_the_middleware_of_pages(client, path):
    response = client.get(path)

    assert "X-Frame-Options" not in response
    assert "Content-Security-Policy" not in response


@pytest.mark.django_db
def test_a_host_that_is_not_allowed_gets_no_tasks(client):
    statuses = [
        client.get("/api/v1/tasks", headers={"host": host}).status_code
        for host in ("localhost", "evil.example.com", "localhost")
    ]

    assert statuses == [401, 400, 401]


def test_a_shortcut_remembers_only_so_many_hosts(rf, settings):
    settings.ALLOWED_HOSTS = ["*"]
    shortcut = TokenShortcutMiddleware(None)

    for number in range(2 * MAX_HOSTS):
        shortcut.check_host(rf.get("/", headers={"host": f"{number}.example.com"}))

    assert len(shortcut.hosts) == MAX_HOSTS


def test_other_origins_can_read_a_refusal(client, settings):
    headers = {"origin": settings.FRONTEND_URL, "transfer-encoding": "chunked"}

    response = client.post("/api/v1/tasks", headers=headers)

    assert response.status_code == 411
    assert response["Access-Control-Allow-Origin"] == settings.FRONTEND_URL
    assert response["Access-Control-Expose-Headers"] == (
        "ETag, Location, Retry-After, X-Request-ID"
    )


def test_other_origins_cannot_read_pages(client, settings):
    headers = {"origin": settings.FRONTEND_URL}

    response = client.get("/accounts/login/", headers=headers)

    assert "Access-Control-Allow-Origin" not in response


def test_static_files_are_redirected_to_tls_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/static/todo/app.css").status_code == 301


def test_a_redirect_to_the_sign_in_has_a_request_id(client):
    response = client.get("/accounts/password/change/")

    assert response.status_code == 302
    assert "X-Request-ID" in response


@pytest.mark.parametrize("path", ["/livez", "/health"])
@pytest.mark.django_db
def test_probes_are_accepted_for_any_host(client, path):
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/tasks", "/api/v1/account"])
def test_other_requests_need_an_allowed_host(client, path):
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/admin/login/", "/accounts/login/", "/healthy", "/api/v1/tasksx"]
)
@pytest.mark.django_db
def test_pages_do_not_skip_middleware(client, path):
    response = client.get(path)

    assert response["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in response


@pytest.mark.parametrize(
    "length, status",
    [(None, 200), ("", 200), ("0", 200), ("4", 200), ("-1", 411), ("x", 411)],
)
def test_the_length_of_a_body_must_be_a_number(rf, length, status):
    request = rf.get("/")
    if length is not None:
        request.META["CONTENT_LENGTH"] = length

    middleware = LengthRequiredMiddleware(lambda request: HttpResponse())

    assert middleware(request).status_code == status


@pytest.fixture
def outage():
    return DatabaseOutageMiddleware(lambda request: HttpResponse()).process_exception


@pytest.mark.parametrize("error", [OperationalError(), InterfaceError()])
def test_an_outage_is_503_on_pages(rf, outage, error):
    response = outage(rf.get("/?q=milk"), error)

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert '<form method="get" action="/?q=milk">' in response.text


def test_a_deadlock_is_no_outage(rf, outage, caplog):
    deadlock = OperationalError("deadlock detected")
    deadlock.__cause__ = DeadlockDetected("deadlock detected")

    response = outage(rf.post("/tasks/undo", headers={"HX-Request": "true"}), deadlock)

    assert response.status_code == 503
    assert "The service is busy. Try again" in response.text
    assert "Another request was first: deadlock detected" in caplog.text
    assert "unavailable" not in caplog.text


def test_other_errors_are_left_to_django(rf, outage):
    assert outage(rf.get("/"), ProgrammingError()) is None


def test_a_form_can_be_sent_again_after_an_outage(rf, outage):
    form = {"title": "Buy milk", "password": "hunter2", "new_password1": "hunter3"}

    page = outage(rf.post("/tasks", form), OperationalError()).text

    assert '<form method="post" action="/tasks">' in page
    assert 'name="title" value="Buy milk"' in page
    assert "hunter" not in page


def test_htmx_receives_text_in_an_outage(rf, outage):
    request = rf.post("/tasks", headers={"HX-Request": "true"})

    response = outage(request, OperationalError())

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["content-type"] == "text/plain; charset=utf-8"
    assert response.text.endswith("What you typed is still here.")
