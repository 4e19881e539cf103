"""The OpenAPI document is valid and complete, and the API conforms to it."""

import json
import os
import re
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest
from django.core.cache import cache
from django.core.management import call_command

from aido.testing.processes import ROOT, SECRETS, running, running_server
from todo.tests.api.conftest import production_token
from todo.tests.api.helpers import OPERATIONS

CONFIG = Path(__file__).with_name("schemathesis.toml")
# The number of random cases of each operation; `make fuzz` runs more.
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "3")


@pytest.fixture
def schema(client):
    response = client.get("/api/schema")
    assert response.status_code == 200
    return json.loads(response.content)


def test_the_schema_is_valid_and_complete(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema"
    )


def test_the_schema_covers_every_route(schema):
    routes = {
        (route.replace("<task_id:pk>", "{id}"), method) for route, method in OPERATIONS
    }
    described = {
        (path, method) for path, item in schema["paths"].items() for method in item
    }

    assert schema["openapi"].startswith("3.1")
    assert described == routes


def media_types(schema):
    """Yield (place, media type object) of all request bodies and 2xx responses."""
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            bodies = {"request": operation.get("requestBody", {})}
            bodies |= {
                status: response
                for status, response in operation["responses"].items()
                if status.startswith("2")
            }
            for part, body in bodies.items():
                for media_type, content in body.get("content", {}).items():
                    yield f"{method} {path} {part} {media_type}", content


def test_every_body_has_a_valid_example(schema):
    components = {"components": schema["components"]}

    for place, content in media_types(schema):
        examples = [
            example["value"] for example in content.get("examples", {}).values()
        ]
        examples += [content["example"]] if "example" in content else []
        assert examples, f"{place} has no example"
        for example in examples:
            jsonschema_rs.validate(components | content["schema"], example)


def test_every_operation_with_a_body_may_require_its_length(schema):
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            is_required = "411" in operation["responses"]
            assert is_required == ("requestBody" in operation), (method, path)


def test_the_docs_page_loads_nothing_from_other_hosts(client):
    page = client.get("/api/docs")
    script = client.get("/api/docs?script=")

    assert page.status_code == script.status_code == 200
    for content in (page.content, script.content):
        assert not re.search(rb"(src|href)=.(https?:)?//", content)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_api_conforms_to_its_schema(user, stranger, proxied_url, tmp_path):
    # An example with the right password would delete the user.
    for person in (user, stranger):
        person.password = "!"
        person.save()
    with running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url:
        command = [
            *(Path(sys.executable).with_name("st"), "--config-file", CONFIG),
            *("run", f"{url}/api/schema", "--checks", "all"),
            *("--auth-wfc", write_tokens(tmp_path, user, stranger)),
            *("--max-examples", EXAMPLES, "--no-color", "--workers", "2"),
        ]
        # Hypothesis keeps tables of Unicode there, which take a second to make.
        env = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
        with (
            open(tmp_path / "log", "w") as log,
            running(*command, cwd=tmp_path, env=env, stdout=log) as schemathesis,
        ):
            while schemathesis.poll() is None:
                cache.clear()  # no request shall exceed a rate limit
                time.sleep(0.1)

    output = (tmp_path / "log").read_text()
    print(output)
    assert schemathesis.returncode == 0, output


def write_tokens(folder, *users):
    """Write the users' tokens to a file in the Web Fuzzing Commons format."""
    users = [
        {
            "name": user.email,
            "fixedHeaders": [
                {
                    "name": "Authorization",
                    "value": f"Bearer {production_token(user)}",
                }
            ],
        }
        for user in users
    ]
    file = folder / "users.json"
    file.write_text(json.dumps({"auth": users}))
    return file
