"""A client for Neon's API, version 2. Reference: https://api-docs.neon.tech"""

import ipaddress
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.exceptions import ConnectTimeoutError, HTTPError

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

JSON = dict[str, Any]  # a JSON object

API_URL = "https://console.neon.tech/api/v2"
REQUEST_TIMEOUT = (10, 60)  # seconds: to connect, and to wait for data
OPERATION_TIMEOUT = 300  # seconds; the default of Neon's SDK
POLL_INTERVAL = 1  # seconds
BACKOFF_FACTOR = 0.5  # seconds; retry n > 1 waits this * 2 ** (n - 1)
PAGE_SIZE = 400  # projects; the API's maximum

# 423 Locked, 429 Too Many Requests and 503 Service Unavailable: the API documents
# that such a request changed nothing, so every method can be retried.
RETRY_STATUSES = [423, 429, 503]
# After these a write may have been executed, so only reads are retried.
READ_RETRY_STATUSES = [500, 502, 504, 524]

HINTS = {
    401: "NEON_API_KEY is wrong or was revoked. Create a key at"
    " https://console.neon.tech/app/settings/api-keys.",
    402: "The quota of your plan is used up. See Billing in Neon's console.",
    403: "NEON_API_KEY lacks the permission, or a limit of your plan is reached. Use"
    " the key of a member with the permission. A key for a single project cannot"
    " create or delete projects.",
    404: "It may have been deleted. If .neon refers to it, delete .neon.",
    422: "If a limit of your plan is reached, see Billing in Neon's console."
    " Otherwise change the options of the command.",
    423: "Another operation is running in the project. Try again in a minute.",
    429: "There were too many requests. Try again in a minute.",
    **dict.fromkeys([503, *READ_RETRY_STATUSES], "Neon is failing. Try again later."),
}


class Client:
    """Methods raise NeonError if a request fails."""

    def __init__(self, api_key: str, host: str = API_URL) -> None:
        self._host = validate_host(host)
        self._key = api_key
        reads = Retry(
            total=6,
            connect=2,
            status_forcelist=RETRY_STATUSES + READ_RETRY_STATUSES,
            backoff_factor=BACKOFF_FACTOR,
            backoff_max=10,
            retry_after_max=30,
            raise_on_status=False,
        )
        writes = reads.new(
            read=0, other=0, status_forcelist=RETRY_STATUSES, allowed_methods=None
        )
        self._reads, self._writes = self._session(reads), self._session(writes)

    def list_organizations(self) -> list[Organization]:
        response = self._request("GET", "/users/me/organizations")
        return Organization.read_all(response, "organizations")

    def list_projects(self, org_id: str | None, search: str = "") -> list[Project]:
        """Return the projects whose name or ID contains the search text."""
        query = {"org_id": org_id, "search": search or None, "limit": PAGE_SIZE}
        projects = []
        for page in self._pages("/projects", query, "projects"):
            if page.get("unavailable_project_ids"):
                raise NeonError(
                    "Neon cannot list all projects at the moment. Try again later."
                )
            projects += Project.read_all(page, "projects")
        return projects

    def get_project(self, project_id: str) -> Project:
        response = self._request("GET", f"/projects/{project_id}")
        return Project.read(response, "project")

    def create_project(
        self, name: str, org_id: str | None, region: str | None, pg_version: int | None
    ) -> tuple[Project, list[Operation]]:
        """Create a project, even if one with this name exists.

        Raise LostResponse if the outcome is unknown.
        """
        project = {"name": name, "org_id": org_id, "region_id": region}
        body = {"project": _drop_none(project | {"pg_version": pg_version})}
        response = self._request("POST", "/projects", body)
        operations = Operation.read_all(response, "operations")
        return Project.read(response, "project"), operations

    def delete_project(self, project_id: str) -> None:
        self._request("DELETE", f"/projects/{project_id}")

    def list_branches(self, project_id: str) -> list[Branch]:
        pages = self._pages(f"/projects/{project_id}/branches", {}, "branches")
        return [item for page in pages for item in Branch.read_all(page, "branches")]

    def create_branch(
        self, project_id: str, name: str
    ) -> tuple[Branch, list[Operation]]:
        """Copy the default branch, and give the copy an endpoint.

        Raise LostResponse if the outcome is unknown.
        """
        body = {"branch": {"name": name}, "endpoints": [{"type": "read_write"}]}
        response = self._request("POST", f"/projects/{project_id}/branches", body)
        operations = Operation.read_all(response, "operations")
        return Branch.read(response, "branch"), operations

    def delete_branch(self, project_id: str, branch_id: str) -> list[Operation]:
        path = f"/projects/{project_id}/branches/{branch_id}"
        response = self._request("DELETE", path)
        # 204: the branch was already deleted.
        return Operation.read_all(response, "operations") if response else []

    def list_databases(self, project_id: str, branch_id: str) -> list[Database]:
        path = f"/projects/{project_id}/branches/{branch_id}/databases"
        return Database.read_all(self._request("GET", path), "databases")

    def list_endpoint_hosts(self, project_id: str) -> list[str]:
        response = self._request("GET", f"/projects/{project_id}/endpoints")
        return [item.host for item in Endpoint.read_all(response, "endpoints")]

    def get_connection_uri(
        self, project_id: str, branch_id: str, database: Database, pooled: bool
    ) -> str:
        """Return the URL of a database for its owner, including the password."""
        query = {"branch_id": branch_id, "database_name": database.name}
        query |= {"role_name": database.owner_name, "pooled": str(pooled).lower()}
        path = f"/projects/{project_id}/connection_uri"
        return ConnectionURI.parse(self._request("GET", path, query=query)).uri

    def list_operations(self, project_id: str) -> list[Operation]:
        """Return the latest operations of a project."""
        response = self._request("GET", f"/projects/{project_id}/operations")
        return Operation.read_all(response, "operations")

    def get_operation(self, project_id: str, operation_id: str) -> Operation:
        path = f"/projects/{project_id}/operations/{operation_id}"
        return Operation.read(self._request("GET", path), "operation")

    def wait_for_operations(
        self,
        project_id: str,
        operations: list[Operation],
        show_progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Wait until all operations have succeeded.

        Raise NeonError if one fails, or after OPERATION_TIMEOUT seconds in total.
        """
        deadline = time.monotonic() + OPERATION_TIMEOUT
        for operation in operations:
            while not operation.has_succeeded:
                action = operation.action.replace("_", " ")
                show_progress(f"{action}: {operation.status}")
                _check_operation(operation, deadline)
                time.sleep(POLL_INTERVAL)
                operation = self.get_operation(project_id, operation.id)

    def _session(self, retry: Retry) -> requests.Session:
        session = requests.Session()
        session.mount(self._host, HTTPAdapter(max_retries=retry))
        # Without an auth handler, requests would use credentials from ~/.netrc.
        session.auth = self._authorize
        return session

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def _pages(self, path: str, query: JSON, key: str) -> Iterator[JSON]:
        """Yield pages until one is empty: even the last one may have a cursor."""
        seen = set()
        while True:
            page = self._request("GET", path, query=query)
            yield page
            pagination = page.get("pagination") or {}
            cursor = pagination.get("cursor") or pagination.get("next")
            if not cursor or cursor in seen or not page.get(key):
                return
            seen.add(cursor)
            query = query | {"cursor": cursor}

    def _request(
        self,
        method: str,
        path: str,
        body: JSON | None = None,
        query: JSON | None = None,
    ) -> JSON:
        session = self._reads if method == "GET" else self._writes
        try:
            response = session.request(
                method,
                self._host + path,
                json=body,
                params=_drop_none(query or {}),
                timeout=REQUEST_TIMEOUT,
                allow_redirects=False,
            )
        except (requests.RequestException, HTTPError) as error:
            is_lost = not _is_connection_failure(error)
            raise (LostResponse if is_lost else NeonError)(
                f"Cannot reach {self._host} ({type(error).__name__}). Check the network"
                " and NEON_API_HOST."
            ) from error
        return self._parse(response)

    def _parse(self, response: requests.Response) -> JSON:
        """Return the JSON object of a successful response, {} for 204."""
        status = response.status_code
        if status == 204:
            return {}
        try:
            body = response.json()
        except ValueError:
            body = None
        if response.ok and isinstance(body, dict):
            return body
        # A proxy's error page does not show what the API did.
        is_lost = response.ok or status in READ_RETRY_STATUSES
        raise (LostResponse if is_lost else NeonError)(self._error_text(status, body))

    def _error_text(self, status: int, body: Any) -> str:
        if isinstance(body, dict):
            message = str(body.get("message", "")).replace(self._key, "***")
        else:
            message = "no JSON object. Check NEON_API_HOST and any proxy in between"
        hostname = urlsplit(self._host).hostname
        text = f"{hostname} responded with {status}: {message}".rstrip(". ")
        return f"{text}. {HINTS.get(status, '')}".rstrip()


def validate_host(host: str) -> str:
    """Return NEON_API_HOST without a trailing slash.

    Raise NeonError if the API key would be sent to it unencrypted.
    """
    parts = urlsplit(host)
    is_local = parts.scheme == "http" and _is_loopback(parts.hostname)
    if is_local or (parts.scheme == "https" and parts.hostname):
        return host.rstrip("/")
    raise NeonError(
        f"NEON_API_HOST must be an https:// address such as {API_URL}"
        " (http:// is allowed for this machine only)."
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _check_operation(operation: Operation, deadline: float) -> None:
    """Raise NeonError if the operation failed, or if the deadline has passed."""
    name = f"Neon's operation {operation.id} ({operation.action})"
    if operation.has_failed:
        raise NeonError(
            f"{name} ended with status {operation.status} ({operation.error or '-'})."
            " Check the project in Neon's console, then run this command again."
        )
    if time.monotonic() > deadline:
        raise NeonError(
            f"{name} did not finish within {OPERATION_TIMEOUT} seconds. Run this"
            " command again to keep waiting."
        )


def _is_connection_failure(error: Exception) -> bool:
    """Return whether no connection was made, so that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, ConnectTimeoutError)  # includes NewConnectionError


def _drop_none(values: JSON) -> JSON:
    return {key: value for key, value in values.items() if value is not None}
