"""Manage Neon projects, branches and connection strings.

To set up this checkout, run `manage.py neon provision`.
"""

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
    "org": {"help": "Organization ID (required if the API key can access several)"},
    "project": {"help": "Project ID (default: from .neon; else looked up by name)"},
    "name": {"help": f"Project name (default: {provision.DEFAULT_NAME})"},
    "region": {"help": "Region ID, such as aws-eu-central-1 (default: Neon's choice)"},
    "pg-version": {
        "type": int,
        "help": "PostgreSQL major version (default: Neon's choice)",
    },
    "direct": {
        "action": "store_true",
        "help": "Print the direct connection string instead of the pooled one",
    },
    "force": {
        "action": "store_true",
        "help": "Replace a different DATABASE_URL in .env",
    },
    "migrate": {"action": "store_true", "help": "Apply migrations afterwards"},
    "yes": {"action": "store_true", "help": "Skip the confirmation prompt"},
    "json": {"action": "store_true", "help": "Output JSON"},
}
ACTIONS = {
    "list": ("List projects", "org json"),
    "create": ("Create a project", "name org region pg-version json"),
    "describe": ("Show a project and its branches", "name org project json"),
    "connection-string": (
        "Print the connection string, including the password",
        "name org project direct",
    ),
    "delete": ("Delete a project and all its data", "name org project yes"),
    "provision": (
        "Find or create a project, then write .env and .neon",
        "name org project region pg-version force migrate json",
    ),
}
BRANCH_ACTIONS = {
    "list": ("List branches", "name org project json"),
    "create": ("Create a branch from the default branch", "name org project json"),
    "delete": ("Delete a branch and all its data", "name org project yes"),
    "use": ("Write a branch's connection strings to .env", "name org project force"),
}
NO_API_KEY = (
    "NEON_API_KEY is not set. Create a key at https://console.neon.tech/app/settings/"
    "api-keys, and set it in the environment or in .env."
)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        for name, (help_text, options) in ACTIONS.items():
            add_options(actions.add_parser(name, help=help_text), options)
        branch = actions.add_parser("branch", help="Manage branches (copies of data)")
        branch_actions = branch.add_subparsers(dest="branch_action", required=True)
        for name, (help_text, options) in BRANCH_ACTIONS.items():
            action = branch_actions.add_parser(name, help=help_text)
            if name != "list":
                action.add_argument("branch", help="Branch name")
            add_options(action, options)

    def handle(self, *args, **options):
        self.options = options
        self.checkout = Checkout(settings.BASE_DIR)
        self.console = Console(stderr=True)
        self.warn_of_environment()
        name = "_".join(filter(None, [options["action"], options.get("branch_action")]))
        try:
            self.client = Client(require_api_key(), settings.NEON_API_HOST)
            getattr(self, name.replace("-", "_"))()
        except NeonError as error:
            raise CommandError(str(error)) from error

    def warn_of_environment(self):
        for key in self.checkout.overridden_variables():
            message = f"{key} in the environment overrides .env. Unset it to use .env."
            self.stderr.write(message)

    def list(self):
        with self.spinner():
            org_id = provision.choose_organization(self.client, self.options["org"])
            projects = self.client.list_projects(org_id)
        self.show("projects", projects)

    def create(self):
        name = self.options["name"] or provision.DEFAULT_NAME
        with self.spinner():
            org_id = provision.choose_organization(self.client, self.options["org"])
            if project := provision.find_project(self.client, name, org_id):
                raise NeonError(
                    f"A project named {name} already exists ({project.id}). Choose"
                    " another name with --name."
                )
            project = provision.create_project(
                self.client,
                *(name, org_id, self.options["region"], self.options["pg_version"]),
                self.show_progress,
            )
        self.show("projects", [project])

    def describe(self):
        with self.spinner():
            project = self.find_project()
            branches = self.client.list_branches(project.id)
        if self.options["json"]:
            self.write_json({"project": project, "branches": branches})
        else:
            self.show("projects", [project])
            self.show("branches", branches)

    def connection_string(self):
        with self.spinner():
            _, _, urls = self.find_branch()
        key = "DATABASE_URL_UNPOOLED" if self.options["direct"] else "DATABASE_URL"
        self.stdout.write(urls[key])

    def delete(self):
        with self.spinner():
            project = self.find_project()
        self.confirm_deletion(project.name, f"project {project.name} ({project.id})")
        with self.spinner():
            self.client.delete_project(project.id)
        self.checkout.delete_context(project)
        self.stdout.write(
            f"Deleted project {project.name} ({project.id}). If .env sets its"
            " DATABASE_URL, remove that line."
        )

    def provision(self):
        names = ("name", "region", "pg_version", "force")
        with self.spinner():
            steps, urls = provision.provision(
                self.client,
                self.checkout,
                self.show_progress,
                **{name: self.options[name] for name in names},
                project_id=self.options["project"],
                org_id=self.options["org"],
            )
        self.show("steps", steps)
        if self.options["migrate"]:
            migrate(urls)

    def branch_list(self):
        with self.spinner():
            branches = self.client.list_branches(self.find_project().id)
        self.show("branches", branches)

    def branch_create(self):
        name = self.options["branch"]
        with self.spinner():
            project = self.find_project()
            branch = provision.get_or_create_branch(
                self.client, project.id, name, self.show_progress
            )
        self.show("branches", [branch])

    def branch_delete(self):
        with self.spinner():
            project, branch, urls = self.find_branch(self.options["branch"])
            if branch.default:
                raise NeonError(
                    f"{branch.name} is the default branch and cannot be deleted."
                    " Delete the project instead."
                )
            if self.checkout.uses_any(urls):
                raise NeonError(
                    f".env uses branch {branch.name}. Use another branch first:"
                    " `manage.py neon branch use NAME`."
                )
        self.confirm_deletion(branch.name, f"branch {branch.name} of {project.name}")
        with self.spinner():
            operations = self.client.delete_branch(project.id, branch.id)
            self.client.wait_for_operations(project.id, operations, self.show_progress)
        self.stdout.write(f"Deleted branch {branch.name}.")

    def branch_use(self):
        with self.spinner():
            project, branch, urls = self.find_branch(self.options["branch"])
            force = self.options["force"] or self.is_connected_to(project)
        steps = [
            self.checkout.write_urls(urls, force),
            self.checkout.write_context(project, branch),
        ]
        self.show("steps", steps)

    def find_project(self):
        names = ("name", "project", "org")
        selection = (self.options[name] for name in names)
        _, project = provision.look_up(self.client, self.checkout, *selection)
        if project is None:
            name = self.options["name"] or provision.DEFAULT_NAME
            raise NeonError(
                f"There is no project named {name}. To create it, run `manage.py neon"
                " provision`."
            )
        return project

    def find_branch(self, name=None):
        """Return project, branch and URLs. Default: those of the branch in use."""
        project = self.find_project()
        branch = provision.find_branch(
            self.client, project.id, name or self.checkout.branch_of(project)
        )
        urls = provision.connection_urls(self.client, project.id, branch)
        return project, branch, urls

    def is_connected_to(self, project):
        """Return whether DATABASE_URL in .env belongs to any branch of the project."""
        url = direct_url(self.checkout.read_urls().get("DATABASE_URL", ""))
        hosts = self.client.list_endpoint_hosts(project.id)
        return any(f"@{host}" in url for host in hosts)

    def spinner(self):
        self.status = self.console.status("Waiting for Neon ...")
        return self.status

    def show_progress(self, text):
        """Show the text next to the spinner, or as a line without a terminal."""
        self.status.update(f"{text} ...")
        if not self.console.is_terminal:
            self.stderr.write(f"{text} ...")

    def confirm_deletion(self, name, description):
        if self.options["yes"]:
            return
        self.stdout.write(f"This deletes {description} and all its data.")
        try:
            answer = input(f"Type {name} to confirm: ")
        except EOFError:
            answer = None
        if answer != name:
            raise CommandError(
                "Nothing was deleted, because the name was not confirmed. In scripts,"
                " add --yes."
            )

    def show(self, name, rows):
        """Print instances of one dataclass as a table or as JSON."""
        if self.options.get("json"):
            return self.write_json({name: rows})
        table = Table(box=box.SIMPLE_HEAD)
        for column in asdict(rows[0]) if rows else [f"no {name}"]:
            # IDs are copied, so they must not be wrapped.
            table.add_column(column, overflow="fold", no_wrap=column == "id")
        for row in rows:
            table.add_row(*as_texts(row))
        Console(file=self.stdout).print(table)

    def write_json(self, value):
        self.stdout.write(json.dumps(value, default=asdict, indent=2))


def as_texts(row):
    return ["" if value is None else str(value) for value in asdict(row).values()]


def add_options(parser, names):
    for name in names.split():
        parser.add_argument(f"--{name}", **OPTIONS[name])


def require_api_key():
    if settings.NEON_API_KEY:
        return settings.NEON_API_KEY
    raise NeonError(NO_API_KEY)


def migrate(urls):
    """Run migrations in a new process, because settings are read only once."""
    command = [sys.executable, "manage.py", "migrate"]
    process = subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | urls)
    if process.returncode:
        raise CommandError(
            "The migrations failed. Fix the error above, then run `manage.py migrate`."
        )
