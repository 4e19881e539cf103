"""Clients generated from the schema compile, and work against a server."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from aido.testing.processes import ROOT, SECRETS, running_server
from todo.models import User
from todo.tests.conftest import PASSWORD

PROGRAMS = Path(__file__).with_name("clients")
PACKAGES = ROOT / ".clients"  # installed by .ci/run
NODE_MODULES, PYTHON = PACKAGES / "node_modules", PACKAGES / "python/bin"


@pytest.fixture
def schema(tmp_path):
    call_command("spectacular", "--format", "openapi-json", "--file", tmp_path / "api")
    return tmp_path / "api"


@pytest.fixture
def arguments(user, proxied_url):
    """The URL of a server, and the address and password of a user."""
    User.objects.update(name="Ann")
    with running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url:
        yield url, user.email, PASSWORD


def run(*command, cwd):
    """Return the output of a program that succeeds."""
    result = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={"PATH": f"{PYTHON}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_no_object_has_defaults(schema):
    """Generators require a property with a default, or send the default in a PATCH."""
    components = json.loads(schema.read_text())["components"]["schemas"]

    for name, component in components.items():
        for field in component.get("properties", {}).values():
            assert "default" not in field, name
    description = components["Task"]["properties"]["priority"]["description"]
    assert description == "Default: `0`."


@pytest.mark.clients
@pytest.mark.django_db(transaction=True)
def test_a_typescript_client_compiles_and_works(schema, arguments, tmp_path):
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "client.ts").write_text((PROGRAMS / "client.ts").read_text())
    (tmp_path / "main.js").write_text(
        'import { run } from "./client.js"; await run(...process.argv.slice(2));'
    )
    programs = NODE_MODULES / ".bin"

    run(programs / "openapi-typescript", schema, "-o", "schema.ts", cwd=tmp_path)
    run(
        *(programs / "tsc", "--strict", "--skipLibCheck", "--target", "es2022"),
        *("--module", "nodenext", "--lib", "es2022,dom,dom.iterable", "client.ts"),
        cwd=tmp_path,
    )
    run("node", "main.js", *arguments, cwd=tmp_path)


@pytest.mark.clients
@pytest.mark.django_db(transaction=True)
def test_a_python_client_compiles_and_works(schema, arguments, tmp_path):
    output = run(
        *(PYTHON / "openapi-python-client", "generate", "--meta", "none"),
        *("--path", schema, "--output-path", tmp_path / "aido_client"),
        cwd=tmp_path,
    )

    # It writes bodies of JSON only. Everything else in the schema is understood.
    assert output.count("WARNING") == output.count("Unsupported content type text/csv")
    run(PYTHON / "python", "-m", "compileall", "-q", "aido_client", cwd=tmp_path)
    (tmp_path / "main.py").write_text((PROGRAMS / "client.py").read_text())
    run(PYTHON / "python", "main.py", *arguments, cwd=tmp_path)
