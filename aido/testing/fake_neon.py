"""A stand-in for Neon's API. All that it hears and says is held to Neon's contract."""

import json
import re
import socket
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import (
    WerkzeugOpenAPIRequest,
    WerkzeugOpenAPIResponse,
)
from openapi_core.exceptions import OpenAPIError
from werkzeug import Request, Response
from werkzeug.serving import make_server

CONTRACT = Path(__file__).with_name("neon-openapi.json")
KEY = "napi_" + "k" * 60
PASSWORD = "npg_" + "p" * 12
NOW = "2026-11-22T08:00:00Z"


@dataclass
class Fault:
    """What happens to the next requests of that method to paths that match."""

    method: str
    path: str
    times: int = 1
    status: int | None = None  # an answer in place of the real one
    text: str | None = None  # its body, in place of Neon's error
    headers: tuple = ()
    lost: bool = False  # carried out, then the connection breaks
    message: str = "something is wrong"


class FakeNeon:
    """Served on a port of its own while it is used as a context manager."""

    def __init__(self, url=None):
        self.url_of = url or neon_url
        self.organizations = []
        self.projects, self.branches, self.operations = {}, {}, {}
        self.pending = 0  # how often an operation is "running" before it has finished
        self.page_size = 400
        self.faults, self.requests, self.violations = [], [], []

    def __enter__(self):
        self.server = make_server("localhost", 0, self.application, threaded=True)
        self.host = f"http://localhost:{self.server.server_port}/api/v2"
        contract = json.loads(CONTRACT.read_text()) | {"servers": [{"url": self.host}]}
        self.contract = OpenAPI.from_dict(contract)
        serve = threading.Thread(target=self.server.serve_forever, args=[0.02])
        serve.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    # The tests' side

    def fail(self, method, path, **how):
        self.faults.append(Fault(method, path, **how))

    def sent(self, *methods):
        return [f"{m} {path}" for m, path in self.requests if m in methods]

    def add_project(self, name, org_id=None):
        number = len(self.projects) + 1
        project = {
            "id": f"cool-sky-{number:08}",
            "name": name,
            "region_id": "aws-eu-central-1",
            "pg_version": 18,
            "platform_id": "aws",
            "proxy_host": "eu-central-1.aws.neon.tech",
            "branch_logical_size_limit": 512,
            "branch_logical_size_limit_bytes": 536870912,
            "store_passwords": True,
            "cpu_used_sec": 0,
            "provisioner": "k8s-neonvm",
            "creation_source": "console",
            "created_at": NOW,
            "updated_at": NOW,
            "owner_id": "owner",
            "a_field_of_tomorrow": {"unknown": True},
        }
        if org_id:
            project["org_id"] = org_id
        self.projects[project["id"]] = project
        self.operations[project["id"]] = []
        self.branches[project["id"]] = []
        self.add_branch(project["id"], "main")
        return project

    def add_branch(self, project_id, name):
        branches = self.branches[project_id]
        branch = {
            "id": f"br-{name.replace('/', '-')}-{len(branches) + 1:06}",
            "project_id": project_id,
            "name": name,
            "current_state": "a_state_of_tomorrow",
            "state_changed_at": NOW,
            "creation_source": "console",
            "created_at": NOW,
            "updated_at": NOW,
            "default": not branches,
            "protected": False,
            "cpu_used_sec": 0,
            "active_time_seconds": 0,
            "compute_time_seconds": 0,
            "written_data_bytes": 0,
            "data_transfer_bytes": 0,
        }
        branches.append(branch)
        return branch

    def add_operation(self, project_id, action="start_compute", status="running"):
        operation = {
            "id": str(uuid.uuid4()),
            "project_id": project_id,
            "action": action,
            "status": status if self.pending else "finished",
            "failures_count": 0,
            "created_at": NOW,
            "updated_at": NOW,
            "total_duration_ms": 0,
        }
        self.operations[project_id].append(operation)
        return operation

    # The server's side

    @Request.application
    def application(self, request):
        path = request.path.removeprefix("/api/v2")
        self.requests.append((request.method, path))
        self.check(request)
        fault = self.next_fault(request.method, path)
        if fault and fault.status:
            body = fault.text or error(fault.message)
            return Response(body, fault.status, fault.headers)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self.answer(request, error("Unauthorized"), 401)
        response = self.carry_out(request, path)
        if fault and fault.lost:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response

    def next_fault(self, method, path):
        for fault in self.faults:
            matches = fault.method == method and re.fullmatch(fault.path, path)
            if matches and fault.times:
                fault.times -= 1
                return fault

    def carry_out(self, request, path):
        for method, pattern, action in ROUTES:
            if request.method == method and (match := re.fullmatch(pattern, path)):
                try:
                    status, body = action(self, request, *match.groups())
                except KeyError:
                    status, body = 404, {"code": "", "message": "not found"}
                return self.answer(request, json.dumps(body), status)
        return self.answer(request, error("no such route"), 404)

    def answer(self, request, body, status):
        response = Response(body, status, mimetype="application/json")
        self.check(request, response)
        return response

    def check(self, request, response=None):
        asked = WerkzeugOpenAPIRequest(request)
        try:
            if response is None:
                self.contract.validate_request(asked)
            else:
                answer = WerkzeugOpenAPIResponse(response)
                self.contract.validate_response(asked, answer)
        except OpenAPIError as violation:
            about = f"{request.method} {request.full_path}"
            self.violations.append(f"{about}: {violation!r} {violation.__cause__!r}")

    def list_projects(self, request):
        asked = request.args
        found = [
            project
            for project in self.projects.values()
            if asked.get("search", "") in project["name"]
            and asked.get("org_id") == project.get("org_id")
        ]
        if self.organizations and "org_id" not in asked:
            return 400, {"code": "", "message": "org_id is required"}
        start = int(asked.get("cursor", 0))
        size = min(int(asked.get("limit", 10)), self.page_size)
        page = [one | {"active_time": 0} for one in found[start : start + size]]
        # As Neon does, with a cursor on the last page too.
        cursor = str(start + len(page))
        maps = {"applications": {}, "integrations": {}}
        return 200, {"projects": page, "pagination": {"cursor": cursor}} | maps

    def create_project(self, request):
        wanted = request.get_json()["project"]
        project = self.add_project(wanted["name"], wanted.get("org_id"))
        project |= {k: wanted[k] for k in ("region_id", "pg_version") if k in wanted}
        branch = self.branches[project["id"]][0]
        actions = ("create_timeline", "start_compute")
        return 201, {
            "project": full(project),
            "connection_uris": [],
            "roles": [],
            "databases": [],
            "operations": [self.add_operation(project["id"], a) for a in actions],
            "branch": branch,
            "endpoints": [],
        }

    def get_project(self, request, project_id):
        return 200, {"project": full(self.projects[project_id])}

    def delete_project(self, request, project_id):
        return 200, {"project": full(self.projects.pop(project_id))}

    def list_branches(self, request, project_id):
        start = int(request.args.get("cursor", 0))
        page = self.branches[project_id][start : start + self.page_size]
        following = {"next": str(start + len(page))} if page else {}
        return 200, {"branches": page, "annotations": {}, "pagination": following}

    def create_branch(self, request, project_id):
        branch = self.add_branch(project_id, request.get_json()["branch"]["name"])
        return 201, {
            "branch": branch,
            "endpoints": [],
            "operations": [self.add_operation(project_id, "create_branch")],
            "roles": [],
            "databases": [],
        }

    def delete_branch(self, request, project_id, branch_id):
        branch = next(b for b in self.branches[project_id] if b["id"] == branch_id)
        self.branches[project_id].remove(branch)
        operations = [self.add_operation(project_id, "delete_timeline")]
        return 200, {"branch": branch, "operations": operations}

    def list_databases(self, request, project_id, branch_id):
        database = {
            "id": 1,
            "branch_id": branch_id,
            "name": "neondb",
            "owner_name": "neondb_owner",
            "created_at": NOW,
            "updated_at": NOW,
        }
        return 200, {"databases": [database]}

    def list_endpoints(self, request, project_id):
        return 200, {"endpoints": [endpoint(b) for b in self.branches[project_id]]}

    def get_connection_uri(self, request, project_id):
        branches = self.branches[project_id]
        branch = next(b for b in branches if b["id"] == request.args["branch_id"])
        return 200, {"uri": self.url_of(branch, request.args["pooled"] == "true")}

    def list_operations(self, request, project_id):
        found = self.operations[project_id]
        return 200, {"operations": found, "pagination": {"cursor": NOW}}

    def get_operation(self, request, project_id, operation_id):
        found = self.operations[project_id]
        operation = next(one for one in found if one["id"] == operation_id)
        if operation["status"] == "running":
            self.pending -= 1
            if self.pending <= 0:
                operation["status"] = "finished"
        return 200, {"operation": operation}

    def list_organizations(self, request):
        about = {"handle": "h", "plan": "free", "managed_by": "console"}
        about |= {"created_at": NOW, "updated_at": NOW}
        found = [{"id": i, "name": i.title()} | about for i in self.organizations]
        return 200, {"organizations": found}


ID = "([a-z0-9-]+)"
ROUTES = [
    ("GET", "/users/me/organizations", FakeNeon.list_organizations),
    ("GET", "/projects", FakeNeon.list_projects),
    ("POST", "/projects", FakeNeon.create_project),
    ("GET", f"/projects/{ID}", FakeNeon.get_project),
    ("DELETE", f"/projects/{ID}", FakeNeon.delete_project),
    ("GET", f"/projects/{ID}/branches", FakeNeon.list_branches),
    ("POST", f"/projects/{ID}/branches", FakeNeon.create_branch),
    ("DELETE", f"/projects/{ID}/branches/{ID}", FakeNeon.delete_branch),
    ("GET", f"/projects/{ID}/branches/{ID}/databases", FakeNeon.list_databases),
    ("GET", f"/projects/{ID}/endpoints", FakeNeon.list_endpoints),
    ("GET", f"/projects/{ID}/connection_uri", FakeNeon.get_connection_uri),
    ("GET", f"/projects/{ID}/operations", FakeNeon.list_operations),
    ("GET", f"/projects/{ID}/operations/{ID}", FakeNeon.get_operation),
]


def neon_url(branch, pooled):
    host = endpoint(branch)["host"]
    if pooled:
        host = host.replace(".", "-pooler.", 1)
    return f"postgresql://neondb_owner:{PASSWORD}@{host}/neondb?sslmode=require"


def endpoint(branch):
    identifier = f"ep-{branch['id'].removeprefix('br-')}"
    return {
        "id": identifier,
        "host": f"{identifier}.c-2.eu-central-1.aws.neon.tech",
        "project_id": branch["project_id"],
        "branch_id": branch["id"],
        "type": "read_write",
        "current_state": "idle",
        "autoscaling_limit_min_cu": 0.25,
        "autoscaling_limit_max_cu": 2,
        "region_id": "aws-eu-central-1",
        "settings": {},
        "pooler_enabled": False,
        "pooler_mode": "transaction",
        "disabled": False,
        "passwordless_access": True,
        "creation_source": "console",
        "created_at": NOW,
        "updated_at": NOW,
        "proxy_host": "eu-central-1.aws.neon.tech",
        "suspend_timeout_seconds": 0,
        "provisioner": "k8s-neonvm",
    }


def full(project):
    """What a single project has more than one in a list."""
    usage = ("active_time_seconds", "compute_time_seconds", "written_data_bytes")
    usage += ("data_transfer_bytes", "data_storage_bytes_hour")
    return (
        project
        | dict.fromkeys(usage, 0)
        | {
            "consumption_period_start": NOW,
            "consumption_period_end": NOW,
            "history_retention_seconds": 21600,
        }
    )


def error(message):
    return json.dumps({"request_id": "r", "code": "", "message": message})
