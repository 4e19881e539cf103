from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.views.debug import ExceptionReporter

PASSWORD = "".join(["hunter", "2"])  # so that no line of this file shows it


def test_an_outage_is_503_and_says_when_to_come_back(client, monkeypatch, caplog):
    def refuse(connection):
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    client.cookies["sessionid"] = "some-session"

    response = client.get("/admin/")

    assert response.status_code == 503
    assert response["retry-after"] == "5"
    assert "connection refused" not in response.text
    assert "Database unavailable: connection refused" in caplog.text


def connect(password):
    conn_params = {"user": "visible", "password": password}
    raise ConnectionError(f"{len(conn_params)} parameters")


def test_the_debug_page_keeps_passwords_to_itself(rf):
    request = rf.get("/", DATABASE_URL=f"postgresql://u:{PASSWORD}@h/d")
    try:
        connect(PASSWORD)
    except ConnectionError as error:
        about = (type(error), error, error.__traceback__)
        reporter = ExceptionReporter(request, *about)

    page = reporter.get_traceback_html()

    assert "visible" in page
    assert PASSWORD not in page
    assert PASSWORD not in reporter.get_traceback_text()
