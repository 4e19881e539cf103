"""Tells step by step, from what is really there, whether aido is set up."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler
from django.test import Client as Browser

from aido import database
from aido.checks import TAG
from aido.database.errors import explain
from aido.neon import provision
from aido.neon.client import Client
from aido.neon.files import URLS, Checkout, is_same
from aido.neon.types import NeonError

MIN_SECRET = 8  # characters; a shorter one would be found in many an innocent word


class Failed(Exception):
    """The step found something wrong; the text says what, and what to do."""


class Skipped(Exception):
    """The step could not be taken; the text says why."""


@dataclass
class Result:
    step: str
    status: str  # passed, failed or skipped
    detail: str


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args, **options):
        ask_neon.cache_clear()
        results = [take(name, step) for name, step in STEPS.items()]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(result) for result in results]))
        else:
            for result in results:
                line = f"{result.status:8} {result.step:18} {result.detail}"
                self.stdout.write(line)
        failed = sum(result.status == "failed" for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} steps failed.")


def take(name, step):
    try:
        return Result(name, "passed", step())
    except Skipped as reason:
        return Result(name, "skipped", str(reason))
    except (Failed, NeonError, Error, ImproperlyConfigured) as failure:
        return Result(name, "failed", " ".join(explain(failure).split("\n")))


def project():
    found, branch, _ = ask_neon()
    return f"{found.name}, {found.id}, branch {branch.name}"


def connection_string():
    need_database_url()
    connection.connect_once()
    if settings.IS_EMBEDDED:
        return "none is set; the embedded PostgreSQL answers"
    pooled = database.entry(os.environ["DATABASE_URL"])
    ConnectionHandler({"default": pooled})["default"].connect_once()
    return f"pooled and direct answer{whose(os.environ['DATABASE_URL'])}"


def whose(url):
    """Whether the URL is that of the project in Neon; nothing without a key."""
    if not settings.NEON_API_KEY:
        return ""
    _, branch, urls = ask_neon()
    if not is_same(url, urls["DATABASE_URL"]):
        raise Failed(
            f"DATABASE_URL is not that of branch {branch.name}: run `python manage.py"
            " neon provision --force`, unless it is meant to be another."
        )
    return ", and are the project's own"


@cache
def ask_neon():
    """The project, its branch in use, and that branch's URLs."""
    if not settings.NEON_API_KEY:
        raise Skipped("no NEON_API_KEY")
    client = Client(settings.NEON_API_KEY, settings.NEON_API_HOST)
    checkout = Checkout(settings.BASE_DIR)
    _, found = provision.look_up(client, checkout)
    if found is None:
        raise Failed("There is none: run `python manage.py neon provision`.")
    branch = provision.find_branch(client, found.id, checkout.branch_of(found))
    return found, branch, provision.connection_urls(client, found.id, branch)


def environment():
    if errors := run_checks(tags=[TAG]):
        raise Failed(" ".join(f"{error.msg} {error.hint}" for error in errors))
    if settings.IS_DEVELOPMENT:
        return "development values, which no web server takes"
    return "complete"


def start_up_checks():
    found = [message for message in run_checks() if message.level >= ERROR]
    if found:
        raise Failed(" ".join(f"{error.id}: {error.msg}" for error in found))
    return "manage.py check finds no error"


def health():
    need_database_url()
    host = (settings.ALLOWED_HOSTS or ["localhost"])[0].strip("*.") or "localhost"
    response = Browser().get("/health", secure=True, headers={"host": host})
    if response.status_code != 200:
        raise Failed(f"/health answers {response.status_code} {response.text}")
    return response.text


def tables():
    need_database_url()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    models = apps.get_app_config("todo").get_models()
    wanted = {model._meta.db_table for model in models}
    if missing or wanted - set(connection.introspection.table_names()):
        raise Failed("Tables are missing: run `python manage.py migrate`.")
    return f"{', '.join(sorted(wanted))}, with every migration applied"


def need_database_url():
    if settings.DATABASE_ERROR:
        raise Failed(settings.DATABASE_ERROR)


def secrets_outside_git():
    if not shutil.which("git"):
        raise Skipped("git is not installed")
    if (asked := git("rev-parse", "--git-dir")).returncode:
        raise Skipped(asked.stderr.partition("\n")[0])
    if git("check-ignore", "--quiet", ".env").returncode:
        raise Failed(".env is not ignored: add it to .gitignore.")
    if commits := git("log", "--all", "--format=%h", "--", ".env").stdout.split():
        raise Failed(
            f".env is in the commits {', '.join(commits)}: change each secret in it."
        )
    # They go by standard input: other users see the arguments of a process.
    search = git("grep", "-l", "-F", "-f", "-", stdin="\n".join(secrets()))
    if found := search.stdout.splitlines():
        raise Failed(f"A secret stands in {', '.join(found)}: remove and change it.")
    if search.returncode > 1 and secrets():
        raise Failed(f"git could not search: {search.stderr.strip()}")
    return "none in the files that git tracks, and .env is ignored"


def secrets():
    """The values in use that nobody else may know."""
    names = ("SECRET_KEY", "JWT_SECRET", "NEON_API_KEY")
    values = [os.environ.get(name, "") for name in names]
    for url in (os.environ.get(name, "") for name in (*URLS, "EMAIL_URL")):
        quoted = "".join(re.findall(r"://[^:/@]*:(.*)@", url))
        values += [quoted, unquote(quoted)]
    return [value for value in values if len(value) >= MIN_SECRET]


def git(*arguments, stdin=""):
    return subprocess.run(
        ["git", *arguments],
        cwd=settings.BASE_DIR,
        input=stdin,
        capture_output=True,
        text=True,
    )


STEPS = {
    "project": project,
    "connection string": connection_string,
    "environment": environment,
    "start-up checks": start_up_checks,
    "health": health,
    "tables": tables,
    "secrets not in git": secrets_outside_git,
}
