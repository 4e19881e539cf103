"""Ambiguous requests: repeated parameters, and bodies with a Content-Encoding."""

import gzip
import json

import pytest
from django.core.management import call_command

from todo.models import Task

TASKS, EXPORT = "/api/v1/tasks", "/api/v1/tasks/export"
TASK_ID = "01a202a8-526f-7022-82f9-8a7867c49a93"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (f"{TASKS}?status=all&status=trash", ["status"]),
        (f"{TASKS}?status=all&status=all", ["status"]),
        (f"{TASKS}?q=a&q=b&due=today", ["q"]),
        (f"{TASKS}?limit=1&limit=2", ["limit"]),
        (f"{TASKS}?cursor=a&cursor=b", ["cursor"]),
        (f"{TASKS}?ordering=priority&ordering=due_date", ["ordering"]),
        (f"{TASKS}?limit=1&limit=2&priority=1&priority=2", ["limit", "priority"]),
        (f"{EXPORT}?as=json&as=csv", ["as"]),
    ],
)
def test_a_repeated_parameter_is_an_error(api, url, names):
    response = api.get(url)

    assert response.status_code == 400
    error = {"code": "repeated", "detail": "Send this parameter once."}
    assert response.json()["errors"] == {name: [error] for name in names}


def test_an_unknown_parameter_is_reported_as_unknown_even_if_repeated(api):
    response = api.get(f"{TASKS}?stauts=all&stauts=trash")

    assert response.json()["errors"]["stauts"][0]["code"] == "unknown_field"


def body_operations(folder):
    """Yield the method, URL and media types of every operation with a body."""
    call_command("spectacular", "--format", "openapi-json", "--file", folder / "schema")
    schema = json.loads((folder / "schema").read_text())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if body := operation.get("requestBody"):
                yield method, path.replace("{id}", TASK_ID), list(body["content"])


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "gzip, identity"])
def test_a_body_with_a_content_encoding_is_an_error_on_every_route(
    api, tmp_path, encoding
):
    operations = list(body_operations(tmp_path))
    assert len(operations) >= 12

    for method, url, media_types in operations:
        for media_type in media_types:
            response = api.generic(
                method.upper(),
                url,
                gzip.compress(b'[{"title": "Buy milk"}]'),
                media_type,
                headers={"Content-Encoding": encoding},
            )
            assert response.status_code == 415, url
            assert response.json()["code"] == "unsupported_encoding"
    assert not Task.objects.exists()


def test_the_identity_encoding_is_none(api):
    response = api.post(
        TASKS, {"title": "Buy milk"}, headers={"Content-Encoding": "identity"}
    )

    assert response.status_code == 201
