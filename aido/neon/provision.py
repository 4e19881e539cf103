"""Find or create a project and its branch. Functions may raise NeonError."""

import time
from collections.abc import Callable, Sequence

from aido.neon.client import Client
from aido.neon.files import Checkout, Step
from aido.neon.types import Branch, Database, LostResponse, NeonError, Project

DEFAULT_NAME = "aido-todo"
LOOKUP_ATTEMPTS = 5  # after a lost response
LOOKUP_INTERVAL = 2  # seconds

ShowProgress = Callable[[str], None]


def provision(
    client: Client,
    checkout: Checkout,
    show_progress: ShowProgress,
    *,
    name: str | None = None,
    project_id: str | None = None,
    org_id: str | None = None,
    region: str | None = None,
    pg_version: int | None = None,
    force: bool = False,
) -> tuple[list[Step], dict[str, str]]:
    """Find or create the project, and write `.env` and `.neon`.

    Return the steps for the report, and the connection strings by variable name.
    """
    show_progress("Looking for the project")
    org_id, project = look_up(client, checkout, name, project_id, org_id)
    state = "found" if project else "created"
    if project is None:
        show_progress("Creating the project")
        project = create_project(
            client, name or DEFAULT_NAME, org_id, region, pg_version, show_progress
        )
    wait_for_pending_operations(client, project.id, show_progress)
    branch = find_branch(client, project.id, checkout.branch_of(project))
    urls = connection_urls(client, project.id, branch)
    return [
        Step("project", state, describe(project)),
        Step("branch", "found", branch.name),
        checkout.write_urls(urls, force),
        checkout.write_secrets(),
        checkout.write_context(project, branch),
    ], urls


def describe(project: Project) -> str:
    details = [project.name, project.id, project.region_id]
    return ", ".join(filter(None, details))


def look_up(
    client: Client,
    checkout: Checkout,
    name: str | None = None,
    project_id: str | None = None,
    org_id: str | None = None,
) -> tuple[str | None, Project | None]:
    """Return the organization's ID and the project, if they exist.

    The project is looked up by `project_id`, else by `name`, else by the ID in
    `.neon`, else by DEFAULT_NAME.
    """
    context = checkout.read_context()
    if not name:
        project_id = project_id or context.get("projectId")
    if project_id:
        project = client.get_project(project_id)
        return project.org_id, project
    org_id = choose_organization(client, org_id or context.get("orgId"))
    return org_id, find_project(client, name or DEFAULT_NAME, org_id)


def choose_organization(client: Client, org_id: str | None) -> str | None:
    """Return the given ID, else that of the only organization.

    Return None for a personal account.
    """
    if org_id:
        return org_id
    organizations = client.list_organizations()
    if len(organizations) > 1:
        choices = ", ".join(f"{org.id} ({org.name})" for org in organizations)
        raise NeonError(
            "NEON_API_KEY can access several organizations. Choose one with --org:"
            f" {choices}."
        )
    return organizations[0].id if organizations else None


def find_project(client: Client, name: str, org_id: str | None) -> Project | None:
    matches = client.list_projects(org_id, name)
    matches = [project for project in matches if project.name == name]
    if len(matches) > 1:
        ids = ", ".join(project.id for project in matches)
        raise NeonError(
            f"There are {len(matches)} projects named {name}. Choose one with"
            f" --project: {ids}."
        )
    return matches[0] if matches else None


def create_project(
    client: Client,
    name: str,
    org_id: str | None,
    region: str | None,
    pg_version: int | None,
    show_progress: ShowProgress,
) -> Project:
    """Create a project and wait until it is ready.

    Creating a project is not idempotent. If the response is lost, look the project
    up rather than retry.
    """
    try:
        project, operations = client.create_project(name, org_id, region, pg_version)
    except LostResponse as lost:
        show_progress("The response was lost. Checking whether the project was created")
        return look_up_created(lambda: find_project(client, name, org_id), lost)
    client.wait_for_operations(project.id, operations, show_progress)
    return project


def get_or_create_branch(
    client: Client, project_id: str, name: str, show_progress: ShowProgress
) -> Branch:
    """Return the branch of this name, created from the default branch if missing."""

    def find() -> Branch | None:
        branches = client.list_branches(project_id)
        return next((branch for branch in branches if branch.name == name), None)

    if branch := find():
        return branch
    try:
        branch, operations = client.create_branch(project_id, name)
    except LostResponse as lost:
        show_progress("The response was lost. Checking whether the branch was created")
        return look_up_created(find, lost)
    client.wait_for_operations(project_id, operations, show_progress)
    return branch


def look_up_created[T](find: Callable[[], T | None], lost: LostResponse) -> T:
    """Call `find` until it returns something; raise NeonError after the last try."""
    for _ in range(LOOKUP_ATTEMPTS):
        if found := find():
            return found
        time.sleep(LOOKUP_INTERVAL)
    raise NeonError(
        f"{lost} Nothing has been created so far. Run this command again in a minute."
    )


def wait_for_pending_operations(
    client: Client, project_id: str, show_progress: ShowProgress
) -> None:
    """Wait for operations that were started elsewhere, such as by an earlier run."""
    operations = client.list_operations(project_id)
    pending = [operation for operation in operations if operation.is_pending]
    client.wait_for_operations(project_id, pending, show_progress)


def find_branch(client: Client, project_id: str, name: str | None) -> Branch:
    """Return the branch of this name or ID; without a name, the default branch."""
    branches = client.list_branches(project_id)
    for branch in branches:
        if name in {branch.name, branch.id} or (not name and branch.default):
            return branch
    names = names_of(branches)
    raise NeonError(
        f"The project has no branch {name or '(default)'}. Choose one of: {names}."
    )


def choose_database(client: Client, project_id: str, branch: Branch) -> Database:
    """Return the database neondb, which Neon creates, or else the only database."""
    databases = client.list_databases(project_id, branch.id)
    for database in databases:
        if database.name == "neondb" or len(databases) == 1:
            return database
    names = names_of(databases) or "none"
    raise NeonError(
        f"Branch {branch.name} needs a database named neondb, or exactly one database."
        f" It has: {names}. Set DATABASE_URL in .env yourself."
    )


def connection_urls(client: Client, project_id: str, branch: Branch) -> dict[str, str]:
    """Return the pooled and the direct URL by variable name, including the password."""
    database = choose_database(client, project_id, branch)
    arguments = (project_id, branch.id, database)
    return {
        "DATABASE_URL": client.get_connection_uri(*arguments, pooled=True),
        "DATABASE_URL_UNPOOLED": client.get_connection_uri(*arguments, pooled=False),
    }


def names_of(items: Sequence[Branch | Database]) -> str:
    return ", ".join(item.name for item in items)
