"""From an API key to a checkout that knows its database. May raise NeonError."""

import time
from collections.abc import Callable

from aido.neon.client import PENDING, Client
from aido.neon.files import Checkout, Step
from aido.neon.types import Branch, Database, LostResponse, NeonError, Project

NAME = "aido-todo"
LOOKS = 5  # at the list, for what a lost answer may have made
PAUSE = 2  # seconds between two looks

Progress = Callable[[str], None]


def provision(
    client: Client,
    checkout: Checkout,
    progress: Progress,
    *,
    name: str | None = None,
    project_id: str | None = None,
    org_id: str | None = None,
    region: str | None = None,
    pg_version: int | None = None,
    force: bool = False,
) -> tuple[list[Step], dict[str, str]]:
    """Find or make the project, and write `.env` and `.neon`: the report, the URLs."""
    progress("Looking for the project")
    org_id, project = look_up(client, checkout, name, project_id, org_id)
    state = "found" if project else "made"
    if project is None:
        progress("Making the project")
        made = (name or NAME, org_id, region, pg_version)
        project = make_project(client, *made, progress)
    wait_for_all(client, project.id, progress)
    branch = find_branch(client, project.id, checkout.branch_of(project))
    urls = connection_urls(client, project.id, branch)
    about = [project.name, project.id, project.region_id]
    return [
        Step("project", state, ", ".join(filter(None, about))),
        Step("branch", "found", branch.name),
        checkout.write_urls(urls, force),
        checkout.write_secrets(),
        checkout.write_context(project, branch),
    ], urls


def look_up(
    client: Client,
    checkout: Checkout,
    name: str | None = None,
    project_id: str | None = None,
    org_id: str | None = None,
) -> tuple[str | None, Project | None]:
    """The organization, and the project: that of the id, the name, `.neon`, or NAME."""
    context = checkout.context()
    if not name:
        project_id = project_id or context.get("projectId")
    if project_id:
        project = client.project(project_id)
        return project.org_id, project
    org_id = choose_organization(client, org_id or context.get("orgId"))
    return org_id, find_project(client, name or NAME, org_id)


def choose_organization(client: Client, asked: str | None) -> str | None:
    """The id that was asked for, or the only one; None for a personal account."""
    if asked:
        return asked
    found = client.organizations()
    if len(found) > 1:
        names = ", ".join(f"{one.id} ({one.name})" for one in found)
        raise NeonError(f"The key reaches several organizations: add --org. {names}")
    return found[0].id if found else None


def find_project(client: Client, name: str, org_id: str | None) -> Project | None:
    found = [one for one in client.projects(org_id, name) if one.name == name]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise NeonError(f"{len(found)} projects are named {name}: add --project. {ids}")
    return found[0] if found else None


def make_project(
    client: Client,
    name: str,
    org_id: str | None,
    region: str | None,
    pg_version: int | None,
    progress: Progress,
) -> Project:
    """Make it and wait until it is ready. If the answer is lost, look, never repeat."""
    try:
        project, operations = client.create_project(name, org_id, region, pg_version)
    except LostResponse as lost:
        progress("The answer was lost: looking whether the project was made")
        return look_for(lambda: find_project(client, name, org_id), lost)
    client.wait(project.id, operations, progress)
    return project


def make_branch(
    client: Client, project_id: str, name: str, progress: Progress
) -> Branch:
    """A copy of the default branch, found or made. It costs what it differs."""

    def find():
        return next((b for b in client.branches(project_id) if b.name == name), None)

    if found := find():
        return found
    try:
        branch, operations = client.create_branch(project_id, name)
    except LostResponse as lost:
        progress("The answer was lost: looking whether the branch was made")
        return look_for(find, lost)
    client.wait(project_id, operations, progress)
    return branch


def look_for(find: Callable, lost: LostResponse):
    for _ in range(LOOKS):
        if found := find():
            return found
        time.sleep(PAUSE)
    raise NeonError(f"{lost} Nothing was made so far: run this again in a minute.")


def wait_for_all(client: Client, project_id: str, progress: Progress) -> None:
    """Wait for what an earlier run, or somebody else, has begun."""
    operations = client.operations(project_id)
    running = [one for one in operations if one.status in PENDING]
    client.wait(project_id, running, progress)


def find_branch(client: Client, project_id: str, name: str | None) -> Branch:
    """The branch of that name or id; without a name, the default one."""
    branches = client.branches(project_id)
    for branch in branches:
        if name in {branch.name, branch.id} or (not name and branch.default):
            return branch
    names = ", ".join(branch.name for branch in branches)
    raise NeonError(f"The project has no branch {name or '(default)'}; it has: {names}")


def choose_database(client: Client, project_id: str, branch: Branch) -> Database:
    """Neon's own `neondb`, or the only one."""
    found = client.databases(project_id, branch.id)
    for database in found:
        if database.name == "neondb" or len(found) == 1:
            return database
    names = ", ".join(database.name for database in found) or "none"
    raise NeonError(
        f"Branch {branch.name} should have a database neondb, or just one; it has:"
        f" {names}. Set DATABASE_URL in .env by hand."
    )


def connection_urls(client: Client, project_id: str, branch: Branch) -> dict[str, str]:
    """The pooled and the direct URL, with password, by their variables' names."""
    database = choose_database(client, project_id, branch)
    where = (project_id, branch.id, database)
    return {
        "DATABASE_URL": client.connection_uri(*where, pooled=True),
        "DATABASE_URL_UNPOOLED": client.connection_uri(*where, pooled=False),
    }
