"""What a server in production writes, and over what it answers."""

import json

import pytest
import requests

from aido.logs import RequestIdFilter
from aido.testing.processes import HTTPS_HEADERS, SECRETS, running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def url(proxied_url, log):
    with running_server(
        "-m", "aido", DATABASE_URL=proxied_url, log=log, **SECRETS
    ) as url:
        yield url


def lines(log, logger="aido.requests"):
    parsed = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in parsed if line["logger"] == logger]


def test_each_request_has_a_line_with_its_id(url, log):
    response = requests.get(f"{url}/api/v1/tasks?q=private", headers=HTTPS_HEADERS)

    line = lines(log)[-1]
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["route"] == "/api/v1/tasks"
    assert (line["method"], line["status"]) == ("GET", 401)
    assert line["milliseconds"] > 0
    assert "private" not in log.read_text()


def test_the_proxys_request_id_is_kept(url, log):
    headers = HTTPS_HEADERS | {"X-Request-ID": "from-the.proxy_1"}

    response = requests.get(f"{url}/livez", headers=headers)

    assert response.headers["X-Request-ID"] == "from-the.proxy_1"
    assert lines(log)[-1]["request_id"] == "from-the.proxy_1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"}', "ä"])
def test_a_request_id_that_could_break_a_line_is_replaced(url, log, given):
    headers = HTTPS_HEADERS | {"X-Request-ID": given.encode()}

    response = requests.get(f"{url}/livez", headers=headers)

    assert len(response.headers["X-Request-ID"]) == 32
    assert given == "" or given not in log.read_text()


def test_what_resets_a_password_is_not_logged(client, caplog):
    caplog.set_level("INFO", "aido.requests")

    client.get("/accounts/password/reset/key/1-c2VjcmV0/")

    assert "/accounts/password/reset/key/" in caplog.text
    assert "c2VjcmV0" not in caplog.text


def test_a_failure_has_the_id_of_its_request_and_no_path(client, caplog, monkeypatch):
    def fail(*args):
        raise RuntimeError("This went wrong.")

    monkeypatch.setattr("todo.web.task_views.render", fail)
    caplog.handler.addFilter(RequestIdFilter())
    client.raise_request_exception = False

    response = client.get("/?secret")

    record = next(r for r in caplog.records if r.name == "django.request")
    assert record.request_id == response["X-Request-ID"]
    assert record.getMessage() == "Internal Server Error"
    assert not hasattr(record, "request")


def test_all_lines_are_json(url, log):
    requests.get(f"{url}/nowhere", headers=HTTPS_HEADERS)

    for line in log.read_text().splitlines():
        assert json.loads(line).keys() >= {"time", "level", "logger", "message"}


def test_who_comes_without_tls_is_sent_to_it(url):
    response = requests.get(f"{url}/accounts/login/?x=1", allow_redirects=False)

    assert response.status_code == 301
    assert response.headers["Location"].startswith("https://localhost")


def test_browsers_are_told_to_come_by_tls(url):
    response = requests.get(f"{url}/api/v1/tasks", headers=HTTPS_HEADERS)

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_probes_may_come_without_tls(url):
    for path in ("livez", "health"):
        assert requests.get(f"{url}/{path}", allow_redirects=False).status_code == 200
