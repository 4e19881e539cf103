"""The schema, and whether the API does what it says."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest
from django.core.cache import cache
from django.core.management import call_command

from aido.testing.servers import SECRETS, running_server
from todo.models import User
from todo.tests.api.conftest import production_token

CONFIG = Path(__file__).with_name("schemathesis.toml")
# As many cases of each operation and each phase; `make fuzz` asks for more.
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
    from todo.tests.api.test_errors import OPERATIONS

    routes = {
        (route.replace("<task_id:pk>", "{id}"), method) for route, method in OPERATIONS
    }
    described = {
        (path, method) for path, item in schema["paths"].items() for method in item
    }

    assert schema["openapi"].startswith("3.1")
    assert described == routes


def contents(schema):
    """Pairs of a place and a media type object, of all bodies and 2xx answers."""
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


def test_every_body_has_an_example_that_is_valid(schema):
    components = {"components": schema["components"]}

    for place, content in contents(schema):
        examples = [
            example["value"] for example in content.get("examples", {}).values()
        ]
        examples += [content["example"]] if "example" in content else []
        assert examples, f"{place} has no example"
        for example in examples:
            jsonschema_rs.validate(components | content["schema"], example)


def test_the_docs_page_needs_no_other_host(client):
    page = client.get("/api/docs")
    script = client.get("/api/docs?script=")

    assert page.status_code == script.status_code == 200
    for content in (page.content, script.content):
        assert not re.search(rb"(src|href)=.(https?:)?//", content)


@pytest.mark.django_db(transaction=True)
def test_the_api_does_what_its_schema_says(user, stranger, proxied_url, tmp_path):
    User.objects.update(password="!")  # no example's password, which would delete them
    with running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url:
        command = [
            *(Path(sys.executable).with_name("st"), "--config-file", CONFIG),
            *("run", f"{url}/api/schema", "--checks", "all"),
            *("--auth-wfc", wfc(tmp_path, user, stranger)),
            *("--max-examples", EXAMPLES, "--no-color", "--workers", "2"),
        ]
        with open(tmp_path / "log", "w") as log:
            run = subprocess.Popen(command, cwd=tmp_path, stdout=log)
            while run.poll() is None:
                cache.clear()  # so that the limits of rate let it through
                time.sleep(0.1)

    told = (tmp_path / "log").read_text()
    print(told)
    assert run.returncode == 0, told


def wfc(folder, *users):
    """A file with the tokens of the users, in the Web Fuzzing Commons format."""
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
