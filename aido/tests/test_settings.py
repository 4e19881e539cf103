"""The settings of each kind of process, and .env.example as their documentation."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from aido.env import mailer
from aido.testing.processes import ROOT, SECRETS

NEON = "postgresql://u:p@ep-a-b-pooler.c-2.us-east-2.aws.neon.tech/d?sslmode=require"
READ = """
    import json, sys, aido
    aido.command = sys.argv[1] or None
    from aido import settings
    database = settings.DATABASES.get("default", {})
    print(json.dumps({
        "debug": settings.DEBUG,
        "embedded": settings.IS_EMBEDDED,
        "error": settings.DATABASE_ERROR,
        "host": database.get("HOST"),
        "pool": "pool" in database.get("OPTIONS", {}),
        "cursors": not database.get("DISABLE_SERVER_SIDE_CURSORS"),
        "secrets": [settings.SECRET_KEY, settings.JWT_SECRET],
        "hosts": settings.ALLOWED_HOSTS,
        "port": settings.API_PORT,
        "proxies": settings.ALLAUTH_TRUSTED_PROXY_COUNT,
        "secure": settings.SESSION_COOKIE_SECURE
        and settings.CSRF_COOKIE_SECURE,
        "redirect": getattr(settings, "SECURE_SSL_REDIRECT", False),
        "request_log": settings.LOGGING["loggers"]["aido.requests"]["level"],
    }))
"""
SERVER = ""


@pytest.fixture
def read(checkout):
    """A function that returns the settings of a subcommand, or of a SERVER.

    It returns stderr if they cannot be read.
    """

    def read(command, dotenv=None, **variables):
        if dotenv:
            (checkout / ".env").write_text(dotenv)
        process = subprocess.run(
            [sys.executable, "-c", READ.replace("\n    ", "\n"), command],
            cwd=checkout,
            env={"PATH": os.environ["PATH"]} | variables,
            capture_output=True,
            text=True,
        )
        if process.returncode:
            return process.stderr
        return json.loads(process.stdout)

    return read


def test_without_configuration_a_command_runs_in_development_mode(read):
    found = read("migrate")

    assert found["debug"] and found["embedded"] and all(found["secrets"])
    assert not found["pool"]


def test_without_configuration_a_server_has_no_defaults(read):
    found = read(SERVER)

    assert not found["debug"] and not found["embedded"]
    assert found["secrets"] == ["", ""]
    assert found["error"] == "DATABASE_URL is not set."


def test_debug_gives_a_server_no_development_defaults(read):
    found = read(SERVER, DEBUG="on")

    assert found["debug"] and not found["embedded"]
    assert found["secrets"] == ["", ""]


def test_a_secret_key_ends_development_mode(read):
    found = read("migrate", SECRET_KEY=SECRETS["SECRET_KEY"])

    assert not found["debug"] and not found["embedded"]
    assert found["secrets"][1] == ""


def test_servers_use_the_pooler_and_a_connection_pool(read):
    for command in (SERVER, "runserver"):
        found = read(command, DATABASE_URL=NEON)

        assert found["host"].startswith("ep-a-b-pooler.")
        assert found["pool"] and not found["cursors"]


def test_commands_bypass_the_pooler(read):
    found = read("migrate", DATABASE_URL=NEON)

    assert found["host"] == "ep-a-b.c-2.us-east-2.aws.neon.tech"
    assert not found["pool"] and found["cursors"]


def test_commands_use_an_explicit_direct_url(read):
    urls = {
        "DATABASE_URL": "postgresql://u:p@pooler.example.com/d",
        "DATABASE_URL_UNPOOLED": "postgresql://u:p@direct.example.com/d",
    }

    assert read("migrate", **urls)["host"] == "direct.example.com"
    assert read(SERVER, **urls)["host"] == "pooler.example.com"
    assert not read(SERVER, **urls)["cursors"]


def test_two_equal_urls_are_no_pooler(read):
    url = "postgresql://u:p@h/d"

    assert read(SERVER, DATABASE_URL=url, DATABASE_URL_UNPOOLED=url)["cursors"]


def test_a_production_server_is_behind_a_proxy_with_tls(read):
    found = read(SERVER)

    assert found["secure"] and found["proxies"] == 1


def test_runserver_is_not_behind_a_proxy(read):
    found = read("runserver")

    assert not found["secure"] and found["proxies"] == 0


def test_only_a_production_server_logs_requests(read):
    assert read(SERVER)["request_log"] == "INFO"
    assert read(SERVER, LOG_LEVEL="ERROR")["request_log"] == "ERROR"
    assert read("runserver")["request_log"] == "WARNING"


def test_the_environment_overrides_dotenv(read):
    found = read("check", dotenv="ALLOWED_HOSTS=a, b\n", ALLOWED_HOSTS="c")
    assert found["hosts"] == ["c"]

    found = read("check", dotenv="# a comment\nALLOWED_HOSTS=a, b\nAPI_PORT=\n")
    assert found["hosts"] == ["a", "b"]


def test_of_several_lines_with_a_key_the_last_one_counts(read):
    dotenv = "ALLOWED_HOSTS=first\nALLOWED_HOSTS=last\n"

    assert read("check", dotenv)["hosts"] == ["last"]
    assert read("check", dotenv, ALLOWED_HOSTS="own")["hosts"] == ["own"]


def test_a_value_may_begin_with_a_dollar_sign(read):
    secret = "$" + SECRETS["SECRET_KEY"]

    assert read("check", dotenv=f"SECRET_KEY={secret}\n")["secrets"][0] == secret


def test_an_invalid_line_is_reported_without_its_content(manage, checkout):
    (checkout / ".env").write_text("# mine\nSECRET_KEY: hunter2\n")

    process = manage("check")

    assert process.stderr == "Error: Line 2 of .env is not KEY=VALUE.\n"
    assert process.returncode == 1


def test_a_byte_order_mark_is_ignored(read):
    assert read("check", dotenv="\ufeffALLOWED_HOSTS=a\n")["hosts"] == ["a"]


def test_a_binary_file_is_reported(manage, checkout):
    (checkout / ".env").write_bytes(b"A=\xff\xfe")

    assert ".env cannot be read" in manage("check").stderr


def test_the_proxy_header_for_tls_is_trusted_in_production(checkout):
    process = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from aido import settings; print(settings.SECURE_PROXY_SSL_HEADER)",
        ],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )

    assert process.stdout == "('HTTP_X_FORWARDED_PROTO', 'https')\n"


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("API_PORT", "eighty", "API_PORT must be a whole number, not 'eighty'."),
        ("API_PORT", "1" * 10, "API_PORT must be a whole number"),
        ("DATABASE_POOL_MAX", "-1", "DATABASE_POOL_MAX must be a whole number"),
        ("METRICS", "yess", "METRICS must be on or off, not 'yess'."),
        ("DEBUG", "flase", "DEBUG must be on or off, not 'flase'."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG, INFO"),
    ],
)
def test_an_invalid_value_is_reported_with_its_name(read, name, value, message):
    assert message in read("check", **{name: value})


@pytest.mark.parametrize(
    "variables, port",
    [({}, 8000), ({"PORT": "80"}, 80), ({"PORT": "80", "API_PORT": "81"}, 81)],
    ids=["neither", "PORT", "both"],
)
def test_port_is_used_without_api_port(read, variables, port):
    assert read(SERVER, **variables)["port"] == port


@pytest.mark.parametrize(
    "command, variables, proxies",
    [
        (SERVER, {}, 1),
        (SERVER, {"TRUSTED_PROXIES": "2"}, 2),
        (SERVER, {"PLAIN_HTTP": "on"}, 0),
        ("runserver", {}, 0),
    ],
)
def test_a_production_server_trusts_one_proxy(read, command, variables, proxies):
    assert read(command, **variables)["proxies"] == proxies


@pytest.mark.parametrize(
    ("value", "is_debug"), [("True", True), ("YES", True), ("0", False), ("No", False)]
)
def test_a_switch_may_be_spelled_in_several_ways(read, value, is_debug):
    assert read(SERVER, DEBUG=value)["debug"] == is_debug


def test_an_example_in_a_message_is_whole(manage):
    process = manage("check", EMAIL_URL="localhost:25")

    example = "smtp+tls://USER:PASSWORD@HOST:587"
    assert process.stderr == f"Error: EMAIL_URL must be like {example}.\n"


def test_plain_http_needs_no_tls(read):
    assert read(SERVER)["secure"] and read(SERVER)["redirect"]

    found = read(SERVER, PLAIN_HTTP="on")

    assert not found["secure"] and not found["redirect"]


@pytest.mark.parametrize(
    "line, secret",
    [
        ("SECRET_KEY=abc # x", "abc"),
        ("SECRET_KEY=abc#x", "abc#x"),
        ("SECRET_KEY='abc # x'  # y", "abc # x"),
        ('export SECRET_KEY="abc"', "abc"),
        ("SECRET_KEY=a$b${c}", "a$b${c}"),
    ],
)
def test_dotenv_is_read_as_python_dotenv_reads_it(read, line, secret):
    assert read(SERVER, f"{line}\n")["secrets"][0] == secret


def test_env_example_documents_every_variable():
    files = ("aido/settings.py", "aido/server_settings.py")
    source = "".join((ROOT / file).read_text() for file in files)
    names = set(
        re.findall(r'(?:text|words|one_of|whole_number|is_on)\("(\w+)"', source)
    )
    example = (ROOT / ".env.example").read_text()
    documented = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert len(names) > 10
    assert names == documented


@pytest.mark.parametrize(
    ("url", "backend", "options"),
    [
        ("consolemail://", "console", {}),
        ("dummymail://", "dummy", {}),
        (
            "smtp+tls://ann:p%40ss@mail.example.com:587",
            "smtp",
            {"host": "mail.example.com", "port": 587, "username": "ann"}
            | {"password": "p@ss", "use_tls": True, "use_ssl": False, "timeout": 10},
        ),
    ],
)
def test_email_url_configures_the_mailer(url, backend, options):
    assert mailer(url) == {
        "BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
        "OPTIONS": options,
    }


@pytest.mark.parametrize("url", ["smpt://ann:secret@mail", "mail:port", "smtp://a:b"])
def test_an_invalid_mail_url_is_reported_without_its_password(url):
    with pytest.raises(ImproperlyConfigured) as error:
        mailer(url)

    assert str(error.value) == (
        "EMAIL_URL must be like smtp+tls://USER:PASSWORD@HOST:587."
    )
