"""Pages of a production server, with and without collected static files."""

import re

import pytest

from aido.static_files import StaticFilesMiddleware, StaticFilesStorage
from aido.testing.processes import SECRETS, get, running_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_work_before_static_files_are_collected(proxied_url, checkout):
    log = checkout / "log"
    variables = {"DATABASE_URL": proxied_url, "log": log} | SECRETS
    with running_server("-m", "aido", cwd=checkout, **variables) as url:
        status, page = get(f"{url}/accounts/login/")
        files = re.findall(r'"(/static/[^"]+)"', page)
        statuses = [get(url + file)[0] for file in files if "png" not in file]

    assert status == 200
    assert "/static/todo/app.css" in files
    assert set(statuses) == {200}
    assert "manage.py collectstatic" in log.read_text()


def test_only_files_that_were_collected_have_a_hash_in_their_name(
    manage, checkout, settings
):
    others = ("--ignore=admin", "--ignore=drf_spectacular_sidecar")
    collected = manage("collectstatic", "--no-input", *others)  # needs no secrets
    assert collected.returncode == 0, collected.stderr
    settings.STATIC_ROOT = checkout / "staticfiles"

    storage = StaticFilesStorage()

    assert re.fullmatch(
        r"/static/todo/app\.[0-9a-f]{12}\.css", storage.url("todo/app.css")
    )
    assert storage.url("todo/new.css") == "/static/todo/new.css"


def test_a_file_is_prepared_when_it_is_requested(rf, settings, tmp_path):
    settings.WHITENOISE_AUTOREFRESH, settings.STATIC_ROOT = False, tmp_path
    middleware = StaticFilesMiddleware(lambda request: None)
    url = "/static/todo/app.css"

    assert url in middleware.paths
    assert not middleware.files

    response = middleware(rf.get(url))
    response.close()

    assert response.status_code == 200
    assert [*middleware.files] == [url]


def test_a_file_that_was_deleted_is_not_served(rf, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    middleware = StaticFilesMiddleware(lambda request: "not found")
    middleware.paths["/static/gone.css"] = "/nonexistent/gone.css"

    assert middleware(rf.get("/static/gone.css")) == "not found"


def test_a_file_has_the_security_headers_of_files_only(client):
    response = client.get("/static/todo/app.css")
    response.close()

    assert response["X-Content-Type-Options"] == "nosniff"
    for name in ("Referrer-Policy", "Access-Control-Allow-Origin", "X-Request-ID"):
        assert name not in response


def test_a_file_that_never_changes_is_not_revalidated(rf, settings, tmp_path):
    settings.WHITENOISE_AUTOREFRESH, settings.STATIC_ROOT = False, tmp_path
    (tmp_path / "new.css").touch()
    middleware = StaticFilesMiddleware(lambda request: None)
    middleware.immutable_file_test = lambda path, url: "new" in url

    responses = [
        middleware(rf.get(f"/static/{name}")) for name in ("new.css", "todo/app.css")
    ]
    for response in responses:
        response.close()

    assert "ETag" not in responses[0]
    assert "ETag" in responses[1]
