"""The container image, and compose.yaml."""

import json
import re
from contextlib import suppress

import pytest
import requests
import yaml

from aido.testing import image as images
from aido.testing.processes import HTTPS_HEADERS, ROOT, free_port, get, wait_until

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PRINT_CONTENTS = """
import glob, json, os, shutil
contents = {
    "user": os.getuid(),
    "is_writable": os.access(".", os.W_OK),
    "tests": [*glob.glob("*/**/tests", recursive=True), *glob.glob("aido/testing")],
    "compiler": shutil.which("cc") or shutil.which("gcc"),
}
print(json.dumps(contents))
"""


@pytest.mark.image
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_image_serves(create_database, tmp_path, subtests):
    """One test, because building the image takes long."""
    url, port = create_database(), free_port()
    variables = {"DATABASE_URL": url, "ALLOWED_HOSTS": "todo.example.com"}
    headers = HTTPS_HEADERS | {"Host": "todo.example.com"}
    with images.built_image(tmp_path) as image, images.created_volume() as volume:
        with subtests.test("the command of compose.yaml creates secrets and tables"):
            for expected in ("Applying todo.0001", "No migrations to apply"):
                command = SERVICES["migrate"]["command"]
                output = images.run_container(image, volume, *command, **variables)
                assert expected in output
        variables |= {"API_HOST": "127.0.0.1", "PORT": str(port)}
        with images.running_container(image, volume, **variables) as container:
            site = f"http://127.0.0.1:{port}"
            wait_until(lambda: is_alive(site), interval=0.2)
            with subtests.test("it is healthy"):
                images.podman("healthcheck", "run", container)
            with subtests.test("a page has its static files"):
                page = requests.get(f"{site}/accounts/login/", headers=headers)
                [style] = re.findall(r"/static/todo/app\.\w+\.css", page.text)
                style = requests.get(site + style, headers=headers)
                assert "immutable" in style.headers["Cache-Control"]
            run = ("exec", container, "python", "-c", PRINT_CONTENTS)
            contents = json.loads(images.podman(*run))
    with subtests.test("its user is not root, and cannot write"):
        assert contents["user"] == 10001
        assert not contents["is_writable"]
    with subtests.test("it has no tests and no compiler"):
        assert contents["tests"] == []
        assert contents["compiler"] is None


def is_alive(site):
    with suppress(OSError):
        return get(f"{site}/livez")[0] == 200


def test_aido_waits_for_migrations_and_they_for_the_database():
    assert SERVICES["aido"]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"}
    }
    assert SERVICES["migrate"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"}
    }


@pytest.mark.parametrize("name", ["aido", "migrate"])
def test_services_have_no_privileges(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_this_machine_reaches_aido_and_none_the_database():
    assert SERVICES["aido"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in SERVICES["postgres"]


def test_named_volumes_exist():
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service["volumes"]
    }

    assert used == COMPOSE["volumes"].keys()


def test_variables_of_the_image_and_of_compose_exist():
    documented = re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(), re.M)
    own = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    image = set(re.findall(r"\b([A-Z_]+)=", DOCKERFILE)) - {"BASE"}

    assert SERVICES["aido"]["environment"].keys() <= set(documented)
    assert image <= {*documented, *own}


def test_the_image_has_the_python_of_this_checkout():
    version = (ROOT / ".python-version").read_text().strip()

    assert f"python:{version}-slim" in DOCKERFILE
