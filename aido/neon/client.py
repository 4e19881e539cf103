"""The part of Neon's API, version 2, that aido needs: https://api-docs.neon.tech"""

import ipaddress
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from aido.neon.types import (
    Branch,
    ConnectionURI,
    Database,
    Endpoint,
    LostResponse,
    NeonError,
    Operation,
    Organization,
    Project,
)

HOST = "https://console.neon.tech/api/v2"
TIMEOUT = (10, 60)  # seconds: to connect, and between two parts of an answer
PAGE = 400  # projects; the most that the API gives at once
PATIENCE = 300  # seconds for an operation, as in Neon's own SDK
PAUSE = 1  # second between two looks at an operation
BACKOFF = 0.5  # seconds before the second try, then twice as long each time

# Locked, too many requests, unavailable: nothing was changed, says the API's
# description, so that any request may be sent again.
UNCHANGED = [423, 429, 503]
PASSING = [500, 502, 504, 524]  # safe to repeat for a read alone

PENDING = {"scheduling", "running", "cancelling"}
SUCCEEDED = {"finished", "skipped"}
FAILED = {"failed", "error", "cancelled"}

ADVICE = {
    401: "NEON_API_KEY is wrong or was revoked: make one in Neon's console, at"
    " https://console.neon.tech/app/settings/api-keys.",
    402: "The plan's quota is used up: see Billing in Neon's console.",
    403: "NEON_API_KEY lacks the permission, or the plan's limit is reached: use a key"
    " of a member who may. A key for one project can neither make nor delete projects.",
    422: "If it is a limit of the plan, see Billing in Neon's console; else ask for"
    " something else.",
    404: "It may have been deleted; .neon may name what is gone.",
    423: "Another operation holds the project: try again in a minute.",
    429: "Too many requests: try again in a minute.",
}


class Client:
    """Requests to the API; each method may raise NeonError."""

    def __init__(self, api_key: str, host: str = HOST):
        self._host = checked_host(host)
        self._key = api_key
        bounds = {"total": 6, "connect": 2}
        bounds |= {"backoff_factor": BACKOFF, "backoff_jitter": BACKOFF}
        bounds |= {"backoff_max": 10, "retry_after_max": 30, "raise_on_status": False}
        reads = Retry(**bounds, status_forcelist=UNCHANGED + PASSING)
        # A write is sent again only if nothing was sent, or nothing was changed.
        writes = Retry(
            **bounds, read=0, other=0, status_forcelist=UNCHANGED, allowed_methods=None
        )
        self._reads, self._writes = self._session(reads), self._session(writes)

    def organizations(self) -> list[Organization]:
        found = self._ask("GET", "/users/me/organizations")
        return Organization.read_all(found, "organizations")

    def projects(self, org_id: str | None, search: str = "") -> list[Project]:
        """All projects over all pages; `search` is a part of their name or id."""
        query = {"org_id": org_id, "search": search or None, "limit": PAGE}
        found = []
        for page in self._pages("/projects", query, "projects"):
            if page.get("unavailable_project_ids"):
                raise NeonError("Neon could not list every project now: try again.")
            found += Project.read_all(page, "projects")
        return found

    def project(self, project_id: str) -> Project:
        return Project.read(self._ask("GET", f"/projects/{project_id}"), "project")

    def create_project(
        self, name: str, org_id: str | None, region: str | None, pg_version: int | None
    ) -> tuple[Project, list[Operation]]:
        """Also raises LostResponse, since a second project of that name is possible."""
        wanted = {"name": name, "org_id": org_id, "region_id": region}
        wanted = _without_none(wanted | {"pg_version": pg_version})
        made = self._ask("POST", "/projects", {"project": wanted})
        return Project.read(made, "project"), Operation.read_all(made, "operations")

    def delete_project(self, project_id: str) -> None:
        self._ask("DELETE", f"/projects/{project_id}")

    def branches(self, project_id: str) -> list[Branch]:
        pages = self._pages(f"/projects/{project_id}/branches", {}, "branches")
        return [one for page in pages for one in Branch.read_all(page, "branches")]

    def create_branch(
        self, project_id: str, name: str
    ) -> tuple[Branch, list[Operation]]:
        """Copy the default branch. Also raises LostResponse."""
        wanted = {"branch": {"name": name}, "endpoints": [{"type": "read_write"}]}
        made = self._ask("POST", f"/projects/{project_id}/branches", wanted)
        return Branch.read(made, "branch"), Operation.read_all(made, "operations")

    def delete_branch(self, project_id: str, branch_id: str) -> list[Operation]:
        path = f"/projects/{project_id}/branches/{branch_id}"
        done = self._ask("DELETE", path) or {"operations": []}
        return Operation.read_all(done, "operations")

    def databases(self, project_id: str, branch_id: str) -> list[Database]:
        path = f"/projects/{project_id}/branches/{branch_id}/databases"
        return Database.read_all(self._ask("GET", path), "databases")

    def endpoint_hosts(self, project_id: str) -> list[str]:
        found = self._ask("GET", f"/projects/{project_id}/endpoints")
        return [item.host for item in Endpoint.read_all(found, "endpoints")]

    def connection_uri(
        self, project_id: str, branch_id: str, database: Database, pooled: bool
    ) -> str:
        """The URL of a database for its owner, with the password."""
        query = {"branch_id": branch_id, "database_name": database.name}
        query |= {"role_name": database.owner_name, "pooled": str(pooled).lower()}
        path = f"/projects/{project_id}/connection_uri"
        return ConnectionURI.parse(self._ask("GET", path, query=query)).uri

    def operations(self, project_id: str) -> list[Operation]:
        """The latest operations of a project."""
        found = self._ask("GET", f"/projects/{project_id}/operations")
        return Operation.read_all(found, "operations")

    def wait(
        self,
        project_id: str,
        operations: list[Operation],
        progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Return when all operations have succeeded, within PATIENCE seconds."""
        give_up_at = time.monotonic() + PATIENCE
        for operation in operations:
            while operation.status not in SUCCEEDED:
                progress(f"{operation.action.replace('_', ' ')}: {operation.status}")
                if operation.status in FAILED:
                    raise NeonError(
                        f"Neon's operation {operation.id} ({operation.action}) has"
                        f" {operation.status}. {operation.error or ''}".rstrip()
                    )
                if time.monotonic() > give_up_at:
                    raise NeonError(
                        f"Neon's operation {operation.id} ({operation.action}) did not"
                        f" end within {PATIENCE} seconds: run this again to go on."
                    )
                time.sleep(PAUSE)
                path = f"/projects/{project_id}/operations/{operation.id}"
                operation = Operation.read(self._ask("GET", path), "operation")

    def _session(self, retry: Retry) -> requests.Session:
        session = requests.Session()
        session.mount(self._host, HTTPAdapter(max_retries=retry))
        session.auth = self._authorize  # a .netrc does not count then
        return session

    def _authorize(self, request):
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def _pages(self, path: str, query: dict, key: str) -> Iterator[dict]:
        """Pages until one has nothing new: a cursor comes with the last one too."""
        seen = set()
        while True:
            page = self._ask("GET", path, query=query)
            yield page
            pagination = page.get("pagination") or {}
            cursor = pagination.get("cursor") or pagination.get("next")
            if not cursor or cursor in seen or not page.get(key):
                return
            seen.add(cursor)
            query = query | {"cursor": cursor}

    def _ask(self, method: str, path: str, body=None, query=None) -> dict:
        session = self._reads if method == "GET" else self._writes
        try:
            response = session.request(
                method,
                self._host + path,
                json=body,
                params=_without_none(query or {}),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise NeonError(self._unreachable(error)) from error
        except (requests.RequestException, HTTPError) as error:
            lost = method != "GET" and not _was_never_sent(error)
            kind = LostResponse if lost else NeonError
            raise kind(self._unreachable(error)) from error
        return self._answer(response, is_read=method == "GET")

    def _unreachable(self, error: Exception) -> str:
        return (
            f"Cannot reach {self._host} ({type(error).__name__}): check the network"
            " and NEON_API_HOST."
        )

    def _answer(self, response: requests.Response, is_read: bool) -> dict:
        status = response.status_code
        if status == 204:
            return {}
        try:
            answer = response.json()
        except ValueError:
            answer = None
        answer = answer if isinstance(answer, dict) else None
        if response.ok and answer is not None:
            return answer
        # What a proxy says in place of the API does not tell what the API has done.
        lost = not is_read and (status in PASSING or response.ok)
        raise (LostResponse if lost else NeonError)(self._refusal(status, answer))

    def _refusal(self, status: int, answer: dict | None) -> str:
        if answer is None:
            said = "no JSON: is NEON_API_HOST right, and is a proxy in between?"
        else:
            said = str(answer.get("message", "")).replace(self._key, "***")
        text = f"{urlsplit(self._host).hostname} answers {status}: {said}".rstrip(". ")
        return f"{text}. {ADVICE.get(status, '')}".rstrip()


def checked_host(host: str) -> str:
    """NEON_API_HOST without a slash at its end; NeonError if a key could leak there."""
    parts = urlsplit(host)
    if parts.scheme == "https" and parts.hostname:
        return host.rstrip("/")
    if parts.scheme == "http" and _is_loopback(parts.hostname):
        return host.rstrip("/")
    raise NeonError(
        f"NEON_API_HOST must be an https:// address such as {HOST}"
        " (http:// only on this machine)."
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _was_never_sent(error: Exception) -> bool:
    """Whether the connection itself failed."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}


def _without_none(values: dict) -> dict:
    return {key: value for key, value in values.items() if value is not None}
