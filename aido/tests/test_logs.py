"""The log of a production server, and its handling of TLS."""

import json
import logging

import pytest
import requests
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils.log import log_message

from aido import __version__
from aido.logs import (
    MAX_HOSTS,
    HostFilter,
    RequestIdFilter,
    RequestLogMiddleware,
)
from aido.request_info import client_address
from aido.testing.processes import HTTPS_HEADERS, SECRETS, running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(test_database_url, tmp_path_factory):
    """The URL of a server and the file with its log."""
    file = tmp_path_factory.mktemp("server") / "log"
    options = {"DATABASE_URL": test_database_url, "log": file} | SECRETS
    with running_server("-m", "aido", **options) as url:
        yield url, file


@pytest.fixture
def url(server):
    return server[0]


@pytest.fixture
def log(server):
    """A function that returns what the server has logged since the test began."""
    _, file = server
    start = file.stat().st_size
    return lambda: file.read_bytes()[start:].decode()


def lines(text, logger="aido.requests"):
    parsed = [json.loads(line) for line in text.splitlines()]
    return [line for line in parsed if line["logger"] == logger]


def test_each_request_is_logged_with_its_id(url, log):
    response = requests.get(f"{url}/api/v1/tasks?q=private", headers=HTTPS_HEADERS)

    line = lines(log())[-1]
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["route"] == "/api/v1/tasks"
    assert (line["method"], line["status"]) == ("GET", 401)
    assert line["milliseconds"] > 0
    assert "private" not in log()


def test_the_address_that_the_proxy_saw_is_logged(url, log):
    headers = HTTPS_HEADERS | {"X-Forwarded-For": "192.0.2.66, 192.0.2.1"}

    requests.get(f"{url}/api/v1/tasks", headers=headers)
    requests.get(f"{url}/api/v1/tasks", headers=HTTPS_HEADERS)

    clients = [line["client"] for line in lines(log())[-2:]]
    assert clients == ["192.0.2.1", "127.0.0.1"]


@pytest.mark.parametrize("count, address", [(0, "127.0.0.1"), (2, "192.0.2.2")])
def test_the_client_is_found_behind_several_proxies(rf, settings, count, address):
    settings.TRUSTED_PROXIES = count
    request = rf.get("/", HTTP_X_FORWARDED_FOR="192.0.2.3, 192.0.2.2, 192.0.2.1")

    assert client_address(request) == address


def test_the_user_is_logged_where_it_is_known(client, logged, django_user_model):
    user = django_user_model.objects.create_user("ann@example.com")
    client.get("/livez")
    client.force_login(user)
    client.get("/")

    users = [r.user for r in logged.records if r.name == "aido.requests"]
    assert users == [None, str(user.pk)]


def test_the_request_id_of_the_proxy_is_kept(url, log):
    headers = HTTPS_HEADERS | {"X-Request-ID": "from-the.proxy_1"}

    response = requests.get(f"{url}/livez", headers=headers)

    assert response.headers["X-Request-ID"] == "from-the.proxy_1"
    assert lines(log())[-1]["request_id"] == "from-the.proxy_1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"}', "ä"])
def test_an_unsafe_request_id_is_replaced(url, log, given):
    headers = HTTPS_HEADERS | {"X-Request-ID": given.encode()}

    response = requests.get(f"{url}/livez", headers=headers)

    assert len(response.headers["X-Request-ID"]) == 32
    assert given == "" or given not in log()


@pytest.fixture
def logged(caplog):
    """pytest's caplog with the request's id, which the handler in settings adds."""
    caplog.handler.addFilter(RequestIdFilter())
    caplog.set_level(logging.INFO, "aido.requests")
    return caplog


def test_the_request_id_ends_with_the_request(rf, logged):
    RequestLogMiddleware(lambda request: HttpResponse())(rf.get("/"))

    logging.getLogger("aido.requests").info("afterwards")

    assert [record.request_id is None for record in logged.records] == [False, True]


def test_the_request_id_ends_with_a_request_that_raises(rf, logged):
    def fail(request):
        raise RuntimeError("This went wrong.")

    with pytest.raises(RuntimeError):
        RequestLogMiddleware(fail)(rf.get("/"))

    logging.getLogger("aido.requests").info("afterwards")
    assert [record.request_id for record in logged.records] == [None]


def test_a_password_reset_key_is_not_logged(client, caplog):
    caplog.set_level("INFO", "aido.requests")

    client.get("/accounts/password/reset/key/1-c2VjcmV0/")

    assert "/accounts/password/reset/key/" in caplog.text
    assert "c2VjcmV0" not in caplog.text


def test_a_server_error_is_logged_with_the_request_id_but_without_the_path(
    client, logged, monkeypatch
):
    def fail(*args):
        raise RuntimeError("This went wrong.")

    monkeypatch.setattr("todo.web.list_views.render", fail)
    client.raise_request_exception = False

    response = client.get("/?secret")

    record = next(r for r in logged.records if r.name == "django.request")
    assert record.request_id == response["X-Request-ID"]
    assert record.getMessage() == "Internal Server Error"
    assert not hasattr(record, "request")


@pytest.fixture
def strict_client():
    return Client(enforce_csrf_checks=True)


LINKS_IN_MAILS = ["/profile/email/c2VjcmV0", "/accounts/password/reset/key/1-c2VjcmV0/"]


@pytest.mark.parametrize("path", LINKS_IN_MAILS)
def test_a_form_that_fails_the_csrf_check_is_logged_without_the_path(
    strict_client, logged, path
):
    strict_client.post(path)

    [record] = [r for r in logged.records if r.name == "django.security.csrf"]
    assert record.getMessage() == "Forbidden (CSRF cookie not set.)"
    assert "c2VjcmV0" not in str(vars(record))


def test_a_wrong_referer_is_logged_without_its_path(strict_client, logged):
    referer = "https://old.example.com/profile/email/c2VjcmV0"
    headers = {"referer": referer, "cookie": f"csrftoken={'x' * 32}"}

    strict_client.post("/accounts/login/", headers=headers, secure=True)

    [record] = [r for r in logged.records if r.name == "django.security.csrf"]
    assert "https://old.example.com does not match" in record.getMessage()
    assert "c2VjcmV0" not in str(vars(record))


@pytest.mark.parametrize(
    "name", ["django.request", "django.security.TooManyFieldsSent", "django.tasks"]
)
@pytest.mark.parametrize("path", ["/profile/email/c2VjcmV0", "/profile/email/ü"])
def test_a_request_in_any_field_of_djangos_records_is_removed(rf, logged, name, path):
    request = rf.get(path)

    log_message(
        *(logging.getLogger(name), "Method Not Allowed (%s): %s", "GET", request.path),
        level="error",
        request=request,
        wsgi_request=request,
    )

    [record] = logged.records
    assert record.getMessage() == "Method Not Allowed (GET)"
    assert not {"request", "wsgi_request"} & vars(record).keys()


@pytest.mark.parametrize("path", ["/health", "/nowhere"])
def test_django_logs_no_response_again(client, logged, monkeypatch, path):
    def fail(seconds):
        raise OperationalError("Connection refused")

    monkeypatch.setattr("aido.health.time_limit", fail)
    logged.set_level(logging.INFO, "django.request")

    assert client.get(path).status_code in {404, 503}

    assert [r.request_id for r in logged.records if r.name == "aido.requests"]
    assert not [r for r in logged.records if r.name == "django.request"]


def test_every_line_is_json(url, log):
    requests.get(f"{url}/nowhere", headers=HTTPS_HEADERS)

    for line in log().splitlines():
        assert json.loads(line).keys() >= {"time", "level", "logger", "message"}


def test_a_wrong_host_is_not_logged_as_an_error(url, log):
    headers = HTTPS_HEADERS | {"Host": "scanner.example.com"}

    assert requests.get(f"{url}/api/v1/tasks", headers=headers).status_code == 400
    assert lines(log(), "django.security.DisallowedHost") == []


def test_a_wrong_host_is_logged_once_as_a_warning_with_the_remedy(url, log):
    headers = HTTPS_HEADERS | {"Host": "todo.example.com"}
    for path in ("/", "/api/v1/tasks", "/"):
        response = requests.get(f"{url}{path}", headers=headers)
        assert response.status_code == 400

    [line] = [each for each in lines(log(), "aido.hosts")]
    assert line["level"] == "WARNING"
    assert line["request_id"]
    assert "You may need to add 'todo.example.com' to ALLOWED_HOSTS." in line["message"]


def test_only_so_many_wrong_hosts_are_logged(caplog):
    hosts = HostFilter()
    for number in range(2 * MAX_HOSTS):
        record = logging.makeLogRecord({"msg": f"Invalid HTTP_HOST header: {number}"})
        assert not hosts.filter(record)

    assert len(caplog.messages) == MAX_HOSTS


def test_the_start_is_logged_with_version_address_and_workers(server):
    url, log = server
    (line,) = lines(log.read_text(), "aido")

    assert line["version"] == __version__
    assert line["address"] == url
    assert line["workers"] == 1
    assert line["message"] == f"aido {__version__} at {url}, workers: 1"


def test_a_request_without_tls_is_redirected(url):
    response = requests.get(f"{url}/accounts/login/?x=1", allow_redirects=False)

    assert response.status_code == 301
    assert response.headers["Location"].startswith("https://localhost")
    assert len(response.headers["X-Request-ID"]) == 32


def test_browsers_must_use_tls_from_then_on(url):
    response = requests.get(f"{url}/api/v1/tasks", headers=HTTPS_HEADERS)

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["livez", "health"])
def test_probes_are_accepted_without_tls(url, path):
    response = requests.get(f"{url}/{path}", allow_redirects=False)

    assert response.status_code == 200
