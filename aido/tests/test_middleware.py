"""What goes past the middleware of pages, and what does not."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from aido.middleware import ProbeShortcutMiddleware, innermost


def test_the_shortcuts_lead_to_the_view(monkeypatch):
    made = []
    monkeypatch.setattr(
        "aido.middleware.innermost", lambda h: made.append(innermost(h)) or made[-1]
    )

    handler = WSGIHandler()

    assert [beyond.__wrapped__ for beyond in made] == [handler._get_response] * 2


@pytest.mark.parametrize("path", ["/livez", "/health", "/api/v1/tasks"])
@pytest.mark.django_db
def test_the_api_and_probes_go_past_the_pages_middleware(client, path):
    assert "X-Frame-Options" not in client.get(path)


@pytest.mark.parametrize("path", ["/livez", "/health"])
@pytest.mark.django_db
def test_probes_may_come_by_any_name(client, path):
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/tasks", "/api/v1/account"])
def test_others_come_by_a_name_that_is_allowed(client, path):
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/accounts/login/", "/healthy"])
@pytest.mark.django_db
def test_pages_do_not(client, path):
    response = client.get(path)

    assert response["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in response


def test_a_stateless_request_sees_no_middleware_in_between(rf):
    def view(request):
        return "view"

    def between(request):
        return "page"

    between.__wrapped__ = type("Middleware", (), {"get_response": staticmethod(view)})
    shortcut = ProbeShortcutMiddleware(between)

    assert shortcut(rf.get("/health")) == "view"
    assert shortcut(rf.get("/")) == "page"
