"""The order of the middleware, and which requests skip it."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from aido.middleware import ProbeShortcutMiddleware, innermost_handler


def test_the_shortcuts_lead_to_the_view(monkeypatch):
    handlers = []

    def record(handler):
        handlers.append(innermost_handler(handler))
        return handlers[-1]

    monkeypatch.setattr("aido.middleware.innermost_handler", record)

    handler = WSGIHandler()

    views = [shortcut.__wrapped__ for shortcut in handlers]
    assert views == [handler._get_response] * 2


@pytest.mark.parametrize("path", ["/livez", "/health", "/api/v1/tasks"])
@pytest.mark.django_db
def test_probes_and_tasks_skip_the_middleware_of_pages(client, path):
    response = client.get(path)

    assert "X-Frame-Options" not in response
    assert "Content-Security-Policy" not in response


def test_other_origins_can_read_a_refusal(client, settings):
    headers = {"origin": settings.FRONTEND_URL, "transfer-encoding": "chunked"}

    response = client.post("/api/v1/tasks", headers=headers)

    assert response.status_code == 411
    assert response["Access-Control-Allow-Origin"] == settings.FRONTEND_URL


def test_static_files_are_redirected_to_tls_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/static/todo/app.css").status_code == 301


def test_a_redirect_by_allauth_has_a_request_id(client):
    response = client.get("/accounts/")

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


def test_a_shortcut_skips_the_handlers_in_between(rf):
    def view(request):
        return "view"

    def between(request):
        return "page"

    between.__wrapped__ = type("Middleware", (), {"get_response": staticmethod(view)})
    shortcut = ProbeShortcutMiddleware(between)

    assert shortcut(rf.get("/health")) == "view"
    assert shortcut(rf.get("/")) == "page"
