"""Check step by step whether aido is set up correctly."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler
from django.test import Client as TestClient

from aido import database, env
from aido.checks import TAG
from aido.database import replica
from aido.database.errors import encoding_error, explain
from aido.neon import provision
from aido.neon.client import Client
from aido.neon.files import URLS, Checkout, is_same
from aido.neon.types import Branch, NeonError, Project

MIN_SECRET = 8  # characters; a shorter one would match ordinary text


class StepFailed(Exception):
    """A step found a problem; the message says what to do."""


class StepSkipped(Exception):
    """A step could not run; the message says why."""


@dataclass
class Result:
    step: str
    status: str  # passed, failed or skipped
    detail: str

    def __str__(self) -> str:
        return f"{self.status:8} {self.step:18} {self.detail}"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args, **options):
        find_project.cache_clear()
        results = [run_step(name, step) for name, step in STEPS.items()]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(result) for result in results]))
        else:
            for result in results:
                self.stdout.write(str(result))
        failed = sum(result.status == "failed" for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} steps failed.")


def run_step(name: str, step: Callable[[], str]) -> Result:
    try:
        return Result(name, "passed", step())
    except StepSkipped as reason:
        return Result(name, "skipped", str(reason))
    except (StepFailed, NeonError, Error, ImproperlyConfigured) as failure:
        return Result(name, "failed", " ".join(explain(failure).split("\n")))


def check_project() -> str:
    project, branch, _ = find_project()
    return f"{project.name}, {project.id}, branch {branch.name}"


def check_connection_string() -> str:
    require_database_url()
    connection.connect_once()
    connection.ensure_connection()
    if error := encoding_error(connection):
        raise StepFailed(error)
    if settings.IS_EMBEDDED:
        return "not set; the embedded PostgreSQL accepts connections"
    url = os.environ["DATABASE_URL"]
    check_same_database(url)
    if not settings.NEON_API_KEY:
        return "the pooled and the direct URL work"
    check_ownership(url)
    return "the pooled and the direct URL work, and are the project's"


def check_same_database(url: str) -> None:
    """Raise StepFailed if the URL leads elsewhere than that of commands."""
    pooled = ConnectionHandler({"default": database.config_from_url(url)})["default"]
    pooled.connect_once()
    with closing(pooled):
        if identity_of(pooled) == identity_of(connection):
            return
    raise StepFailed(
        "DATABASE_URL and DATABASE_URL_UNPOOLED lead to different databases: set both"
        " to the same one, or only DATABASE_URL if there is no pooler."
    )


def identity_of(connection: Any) -> tuple[str, datetime]:
    """Return what differs between all databases, and does not need any privilege."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), pg_postmaster_start_time()")
        return cursor.fetchone()


def check_ownership(url: str) -> None:
    """Raise StepFailed if the URL is not that of the project in Neon."""
    _, branch, urls = find_project()
    if not is_same(url, urls["DATABASE_URL"]):
        raise StepFailed(
            f"DATABASE_URL is not that of branch {branch.name}: run `python manage.py"
            " neon provision --force`, unless another database is intended."
        )


@cache
def find_project() -> tuple[Project, Branch, dict[str, str]]:
    """Return the project in Neon, its current branch, and that branch's URLs."""
    if not settings.NEON_API_KEY:
        raise StepSkipped("no NEON_API_KEY")
    client = Client(settings.NEON_API_KEY, settings.NEON_API_HOST)
    checkout = Checkout(settings.BASE_DIR)
    _, project = provision.look_up(client, checkout)
    if project is None:
        raise StepFailed("No project found: run `python manage.py neon provision`.")
    branch = provision.find_branch(client, project.id, checkout.branch_of(project))
    return project, branch, provision.connection_urls(client, project.id, branch)


def check_environment() -> str:
    if errors := find_errors(tags=[TAG]):
        raise StepFailed(" ".join(f"{error.msg} {error.hint}" for error in errors))
    if settings.IS_DEVELOPMENT:
        return "development defaults, which production servers refuse"
    return "complete"


def check_static_files() -> str:
    """Only servers outside development need them, so this step cannot fail."""
    if found := [each for each in run_checks(tags=[TAG]) if each.id == "aido.W007"]:
        raise StepSkipped(" ".join(f"{each.msg} {each.hint}" for each in found))
    return "collected, or not needed"


def check_system_checks() -> str:
    if errors := find_errors():
        raise StepFailed(" ".join(f"{error.id}: {error.msg}" for error in errors))
    return "manage.py check finds no error"


def find_errors(**options: Any) -> list[CheckMessage]:
    return [message for message in run_checks(**options) if is_error(message)]


def is_error(message: CheckMessage) -> bool:
    return message.level >= ERROR and not message.is_silenced()


def check_health() -> str:
    require_database_url()
    response = TestClient().get("/health")
    if response.status_code != 200:
        raise StepFailed(f"/health answers {response.status_code} {response.text}")
    if response.json()["database"] == "read-only":
        raise StepFailed(
            "The database is read-only: DATABASE_URL leads to a replica or a server"
            " after a failover, or default_transaction_read_only is on."
        )
    return response.text


def check_replica() -> str:
    require_database_url()
    if replica.ALIAS not in settings.DATABASES:
        raise StepSkipped("no DATABASE_URL_READ")
    connections[replica.ALIAS].connect_once()
    is_replica, name = replica.identity(replica.ALIAS)
    if not is_replica:
        raise StepFailed("DATABASE_URL_READ leads to a server that is not a replica.")
    if name != replica.identity(DEFAULT_DB_ALIAS)[1]:
        raise StepFailed("DATABASE_URL_READ leads to a replica of another database.")
    return f"it has all changes until {replica.replay_time() or 'it started'}"


def check_tables() -> str:
    require_database_url()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    tables = table_names()
    if missing or tables - set(connection.introspection.table_names()):
        raise StepFailed("Tables are missing: run `python manage.py migrate`.")
    return f"{', '.join(sorted(tables))}; all migrations are applied"


def table_names() -> set[str]:
    models = apps.get_app_config("todo").get_models()
    return {model._meta.db_table for model in models}


def require_database_url() -> None:
    if settings.DATABASE_ERROR:
        raise StepFailed(settings.DATABASE_ERROR)


def check_secrets_outside_git() -> str:
    if not shutil.which("git"):
        raise StepSkipped("git is not installed")
    if (process := git("rev-parse", "--git-dir")).returncode:
        raise StepSkipped(process.stderr.partition("\n")[0])
    if git("check-ignore", "--quiet", ".env").returncode:
        raise StepFailed(".env is not ignored: add it to .gitignore.")
    if commits := git("log", "--all", "--format=%h", "--", ".env").stdout.split():
        raise StepFailed(
            f".env is in the commits {', '.join(commits)}: change each secret in it."
        )
    search_secrets()
    return "none in the files that git tracks, and .env is ignored"


def search_secrets() -> None:
    """Raise StepFailed if a tracked file contains a secret."""
    for name, secret in secrets():
        # On standard input, because other users can see the arguments of a process.
        search = git("grep", "-l", "-F", "-f", "-", stdin=secret)
        if files := search.stdout.splitlines():
            raise StepFailed(
                f"The secret in {name} is in {', '.join(files)}: remove and change it."
            )
        if search.returncode > 1:
            raise StepFailed(f"git could not search: {search.stderr.strip()}")


def secrets() -> list[tuple[str, str]]:
    """Return the secrets of this configuration and the names of their variables.

    Passwords in URLs are included. Short and single words are not: they also occur in
    ordinary text, as `postgres` does.
    """
    names = ("SECRET_KEY", "JWT_SECRET", "NEON_API_KEY")
    values = [(name, os.environ.get(name, "")) for name in names]
    for name in ("SECRET_KEY_FALLBACKS", "JWT_SECRET_FALLBACKS"):
        values += [(name, secret) for secret in env.words(name)]
    for name in (*URLS, "DATABASE_URL_READ", "EMAIL_URL"):
        values += [(name, value) for value in passwords_in(os.environ.get(name, ""))]
    return [(name, value) for name, value in values if not is_word(value)]


def passwords_in(url: str) -> set[str]:
    """Return the password of a URL, as it is written and as it is meant."""
    quoted = "".join(re.findall(r"://[^:/@]*:(.*)@", url))
    return {quoted, unquote(quoted)}


def is_word(value: str) -> bool:
    return len(value) < MIN_SECRET or bool(re.fullmatch(r"[A-Za-z]{1,12}", value))


def git(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=settings.BASE_DIR,
        input=stdin,
        capture_output=True,
        text=True,
    )


STEPS: dict[str, Callable[[], str]] = {
    "project": check_project,
    "connection string": check_connection_string,
    "environment": check_environment,
    "static files": check_static_files,
    "start-up checks": check_system_checks,
    "health": check_health,
    "replica": check_replica,
    "tables": check_tables,
    "secrets not in git": check_secrets_outside_git,
}
