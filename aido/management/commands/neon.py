"""Neon from the command line: `manage.py neon provision` does all that is needed."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich import box
from rich.console import Console
from rich.table import Table

from aido.neon import direct_url, provision
from aido.neon.client import Client
from aido.neon.files import Checkout
from aido.neon.types import NeonError

OPTIONS = {
    "org": {"help": "the organization's id, where the key reaches several"},
    "project": {"help": "the project's id; default: that in .neon, or by name"},
    "name": {"help": f"the project's name; default: {provision.NAME}"},
    "region": {"help": "such as aws-eu-central-1; default: Neon's"},
    "pg-version": {"type": int, "help": "PostgreSQL's major version; default: Neon's"},
    "direct": {"action": "store_true", "help": "past the pooler"},
    "force": {"action": "store_true", "help": "replace another DATABASE_URL in .env"},
    "migrate": {"action": "store_true", "help": "then make the tables"},
    "yes": {"action": "store_true", "help": "do not ask"},
    "json": {"action": "store_true", "help": "for scripts"},
}
ACTIONS = {
    "list": ("every project", "org json"),
    "create": ("make a project", "name org region pg-version json"),
    "describe": ("a project and its branches", "name org project json"),
    "connection-string": ("the URL, with its password", "name org project direct"),
    "delete": ("delete a project and all its data", "name org project yes"),
    "provision": (
        "find or make the project, fill .env and .neon",
        "name org project region pg-version force migrate json",
    ),
}
BRANCH_ACTIONS = {
    "list": ("every branch", "name org project json"),
    "create": ("copy the data", "name org project json"),
    "delete": ("delete a copy", "name org project yes"),
    "use": ("point .env at a branch", "name org project force"),
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        for name, (text, options) in ACTIONS.items():
            add_options(actions.add_parser(name, help=text), options)
        branch = actions.add_parser("branch", help="copies of the data to work on")
        branch_actions = branch.add_subparsers(dest="branch_action", required=True)
        for name, (text, options) in BRANCH_ACTIONS.items():
            action = branch_actions.add_parser(name, help=text)
            if name != "list":
                action.add_argument("branch", help="its name")
            add_options(action, options)

    def handle(self, *args, **options):
        self.options = options
        self.checkout = Checkout(settings.BASE_DIR)
        self.console = Console(stderr=True)
        for key in self.checkout.overridden():
            self.stderr.write(f"{key} in the environment wins over .env: unset it.")
        name = "_".join(filter(None, [options["action"], options.get("branch_action")]))
        try:
            self.client = Client(require_key(), settings.NEON_API_HOST)
            getattr(self, name.replace("-", "_"))()
        except NeonError as error:
            raise CommandError(str(error)) from error

    def list(self):
        with self.asking():
            org_id = provision.choose_organization(self.client, self.options["org"])
            projects = self.client.projects(org_id)
        self.show("projects", projects)

    def create(self):
        name = self.options["name"] or provision.NAME
        with self.asking():
            org_id = provision.choose_organization(self.client, self.options["org"])
            if found := provision.find_project(self.client, name, org_id):
                raise NeonError(f"There is a project {name} already: {found.id}")
            project = provision.make_project(
                self.client,
                *(name, org_id, self.options["region"], self.options["pg_version"]),
                self.progress,
            )
        self.show("projects", [project])

    def describe(self):
        with self.asking():
            project = self.find_project()
            branches = self.client.branches(project.id)
        if self.options["json"]:
            self.write_json({"project": project, "branches": branches})
        else:
            self.show("projects", [project])
            self.show("branches", branches)

    def connection_string(self):
        with self.asking():
            _, _, urls = self.current_branch()
        key = "DATABASE_URL_UNPOOLED" if self.options["direct"] else "DATABASE_URL"
        self.stdout.write(urls[key])

    def delete(self):
        with self.asking():
            project = self.find_project()
        self.confirm(project.name, f"project {project.name} ({project.id})")
        with self.asking():
            self.client.delete_project(project.id)
        self.checkout.forget(project)
        self.stdout.write(
            f"Deleted {project.name} ({project.id}). If .env has its DATABASE_URL,"
            " take that out."
        )

    def provision(self):
        chosen = ("name", "region", "pg_version", "force")
        with self.asking():
            steps, urls = provision.provision(
                self.client,
                self.checkout,
                self.progress,
                **{key: self.options[key] for key in chosen},
                project_id=self.options["project"],
                org_id=self.options["org"],
            )
        self.show("steps", steps)
        if self.options["migrate"]:
            migrate(urls)

    def branch_list(self):
        with self.asking():
            branches = self.client.branches(self.find_project().id)
        self.show("branches", branches)

    def branch_create(self):
        name = self.options["branch"]
        with self.asking():
            project = self.find_project()
            branch = provision.make_branch(self.client, project.id, name, self.progress)
        self.show("branches", [branch])

    def branch_delete(self):
        with self.asking():
            project, branch, urls = self.current_branch(self.options["branch"])
            if branch.default:
                raise NeonError(f"{branch.name} is the default branch: it stays.")
            if self.checkout.has(urls):
                raise NeonError(
                    f".env uses {branch.name}: change to another one first, with"
                    " `manage.py neon branch use NAME`."
                )
        self.confirm(branch.name, f"branch {branch.name} of {project.name}")
        with self.asking():
            operations = self.client.delete_branch(project.id, branch.id)
            self.client.wait(project.id, operations, self.progress)
        self.stdout.write(f"Deleted {branch.name}.")

    def branch_use(self):
        with self.asking():
            project, branch, urls = self.current_branch(self.options["branch"])
            force = self.options["force"] or self.is_of(project)
        steps = [
            self.checkout.write_urls(urls, force),
            self.checkout.write_context(project, branch),
        ]
        self.show("steps", steps)

    def find_project(self):
        chosen = (self.options["name"], self.options["project"], self.options["org"])
        _, project = provision.look_up(self.client, self.checkout, *chosen)
        if project is None:
            raise NeonError(
                f"There is no project {self.options['name'] or provision.NAME}:"
                " `manage.py neon provision` makes it."
            )
        return project

    def current_branch(self, name=None):
        project = self.find_project()
        branch = provision.find_branch(
            self.client, project.id, name or self.checkout.branch_of(project)
        )
        urls = provision.connection_urls(self.client, project.id, branch)
        return project, branch, urls

    def is_of(self, project):
        """Whether the URL in .env leads to the project already."""
        url = direct_url(self.checkout.urls().get("DATABASE_URL", ""))
        return any(f"@{host}" in url for host in self.client.endpoint_hosts(project.id))

    def asking(self):
        self.status = self.console.status("Asking Neon ...")
        return self.status

    def progress(self, text):
        """Show what is waited for: in place on a terminal, else as a line."""
        self.status.update(f"{text} ...")
        if not self.console.is_terminal:
            self.stderr.write(f"{text} ...")

    def confirm(self, answer, what):
        if self.options["yes"]:
            return
        self.stdout.write(f"This deletes {what} and all its data.")
        try:
            typed = input(f"Type {answer} to go on: ").strip()
        except EOFError:
            typed = None
        if typed != answer:
            raise CommandError("Nothing was deleted. In a script, add --yes.")

    def show(self, name, rows):
        """Rows of one dataclass, as a table or as JSON."""
        if self.options.get("json"):
            return self.write_json({name: rows})
        table = Table(box=box.SIMPLE_HEAD)
        for column in asdict(rows[0]) if rows else [f"no {name}"]:
            # An id is of no use in parts.
            table.add_column(column, overflow="fold", no_wrap=column == "id")
        for row in rows:
            values = asdict(row).values()
            table.add_row(*("" if value is None else str(value) for value in values))
        Console(file=self.stdout).print(table)

    def write_json(self, found):
        self.stdout.write(json.dumps(found, default=asdict, indent=2))


def add_options(parser, names):
    for name in names.split():
        parser.add_argument(f"--{name}", **OPTIONS[name])


def require_key():
    if settings.NEON_API_KEY:
        return settings.NEON_API_KEY
    raise NeonError(
        "NEON_API_KEY is not set. Make a key in Neon's console, at"
        " https://console.neon.tech/app/settings/api-keys, and set it in the"
        " environment or in .env."
    )


def migrate(urls):
    """In a process of its own, since this one has read the settings before."""
    command = [sys.executable, "manage.py", "migrate"]
    environment = os.environ | urls
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment)
    if done.returncode:
        raise CommandError("The tables were not made: see above.")
