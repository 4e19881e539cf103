"""A fake of Neon's API that validates all requests and responses by Neon's contract."""

import json
import re
import socket
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

from openapi_core import OpenAPI
from openapi_core.contrib import werkzeug as adapters
from openapi_core.exceptions import OpenAPIError
from werkzeug import Request, Response
from werkzeug.serving import make_server

CONTRACT = json.loads(Path(__file__).with_name("neon-openapi.json").read_text())
VALIDATOR = OpenAPI.from_dict(CONTRACT | {"servers": [{"url": "/api/v2"}]})
KEY = "napi_" + "k" * 60
PASSWORD = "npg_" + "p" * 12
NOW = "2026-11-22T08:00:00Z"


@dataclass
class Fault:
    """How the next requests with this method and a matching path fail."""

    method: str
    path: str  # a regular expression
    times: int = 1
    status: int | None = None  # respond with this status, and do nothing else
    text: str = '{"code": "", "message": "something is wrong"}'  # of that response
    headers: tuple = ()
    lost: bool = False  # execute the request, then close the connection


class FakeNeon:
    """A context manager that serves the fake on a free port."""

    def __init__(self, url=None):
        self.make_url = url or neon_url
        self.organizations, self.database_names = [], ["neondb"]
        self.projects, self.branches, self.operations = {}, {}, {}
        self.pending = 0  # the number of times that operations are seen as running
        self.page_size = 400
        self.faults, self.requests = [], []
        self.violations = []  # requests and responses that break the contract

    def __enter__(self):
        self.server = make_server("localhost", 0, self.application, threaded=True)
        self.host = f"http://localhost:{self.server.server_port}/api/v2"
        threading.Thread(target=self.server.serve_forever, args=[0.02]).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    # For tests

    def add_fault(self, method, path, **fields):
        self.faults.append(Fault(method, path, **fields))

    def sent(self, *methods):
        """Return the requests with these methods, such as "GET /projects"."""
        return [f"{m} {path}" for m, path in self.requests if m in methods]

    def add_project(self, name, org_id=None):
        project_id = f"cool-sky-{len(self.projects) + 1:08}"
        project = required_fields(
            "Project",
            id=project_id,
            name=name,
            region_id="aws-eu-central-1",
            pg_version=18,
            unknown_field={"unknown": True},
        )
        if org_id:
            project["org_id"] = org_id
        self.projects[project_id] = project
        self.operations[project_id], self.branches[project_id] = [], []
        self.add_branch(project_id, "main")
        return project

    def add_branch(self, project_id, name, has_endpoint=True):
        branches = self.branches[project_id]
        branch = required_fields(
            "Branch",
            id=f"br-{name.replace('/', '-')}-{len(branches) + 1:06}",
            project_id=project_id,
            name=name,
            default=not branches,
            has_endpoint=has_endpoint,  # not a field of Neon's
        )
        branches.append(branch)
        return branch

    def add_operation(self, project_id, action="start_compute"):
        fields = {"id": str(uuid.uuid4()), "project_id": project_id, "action": action}
        status = "running" if self.pending else "finished"
        operation = required_fields("Operation", status=status, **fields)
        self.operations[project_id].append(operation)
        return operation

    # The server

    @Request.application
    def application(self, request):
        path = request.path.removeprefix("/api/v2")
        self.requests.append((request.method, path))
        self.validate(request)
        fault = self.next_fault(request.method, path)
        if fault and fault.status:
            return Response(fault.text, fault.status, fault.headers)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self.respond(request, 401, error("unauthorized"))
        response = self.execute(request, path)
        if fault and fault.lost:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response

    def next_fault(self, method, path):
        for fault in self.faults:
            matches = fault.method == method and re.fullmatch(fault.path, path)
            if matches and fault.times:
                fault.times -= 1
                return fault

    def execute(self, request, path):
        for method, pattern, view in ROUTES:
            if request.method == method and (match := re.fullmatch(pattern, path)):
                try:
                    status, body = view(self, request, *match.groups())
                except KeyError:
                    status, body = 404, {"code": "", "message": "not found"}
                return self.respond(request, status, json.dumps(body))
        return self.respond(request, 404, error("no such route"))

    def respond(self, request, status, body):
        response = Response(body, status, mimetype="application/json")
        self.validate(request, response)
        return response

    def validate(self, request, response=None):
        contract_request = adapters.WerkzeugOpenAPIRequest(request)
        try:
            if response is None:
                VALIDATOR.validate_request(contract_request)
            else:
                contract_response = adapters.WerkzeugOpenAPIResponse(response)
                VALIDATOR.validate_response(contract_request, contract_response)
        except OpenAPIError as violation:
            name = f"{request.method} {request.full_path}"
            self.violations.append(f"{name}: {violation!r} {violation.__cause__!r}")

    def list_projects(self, request):
        query = request.args
        if self.organizations and "org_id" not in query:
            return 400, {"code": "", "message": "org_id is required"}
        matches = [
            project | {"active_time": 0}
            for project in self.projects.values()
            if query.get("search", "") in project["name"]
            and query.get("org_id") == project.get("org_id")
        ]
        start = int(query.get("cursor", 0))
        page = matches[start:][: min(int(query.get("limit", 10)), self.page_size)]
        # Like Neon, send a cursor with the last page too.
        cursor = str(start + len(page))
        body = {"projects": page, "pagination": {"cursor": cursor}}
        return 200, body | {"applications": {}, "integrations": {}}

    def create_project(self, request):
        body = request.get_json()["project"]
        project = self.add_project(body["name"], body.get("org_id"))
        project |= {k: body[k] for k in ("region_id", "pg_version") if k in body}
        branch = self.branches[project["id"]][0]
        actions = ("create_timeline", "start_compute")
        operations = [self.add_operation(project["id"], action) for action in actions]
        body = {"project": project, "branch": branch, "operations": operations}
        lists = ("connection_uris", "roles", "databases", "endpoints")
        return 201, body | {name: [] for name in lists}

    def get_project(self, request, project_id):
        return 200, {"project": self.projects[project_id]}

    def delete_project(self, request, project_id):
        return 200, {"project": self.projects.pop(project_id)}

    def list_branches(self, request, project_id):
        start = int(request.args.get("cursor", 0))
        page = self.branches[project_id][start : start + self.page_size]
        pagination = {"next": str(start + len(page))} if page else {}
        return 200, {"branches": page, "annotations": {}, "pagination": pagination}

    def create_branch(self, request, project_id):
        body = request.get_json()
        name, has_endpoint = body["branch"]["name"], bool(body.get("endpoints"))
        branch = self.add_branch(project_id, name, has_endpoint)
        operations = [self.add_operation(project_id, "create_branch")]
        body = {"branch": branch, "operations": operations}
        return 201, body | {"endpoints": [], "roles": [], "databases": []}

    def delete_branch(self, request, project_id, branch_id):
        branch = find(self.branches[project_id], branch_id)
        self.branches[project_id].remove(branch)
        operations = [self.add_operation(project_id, "delete_timeline")]
        return 200, {"branch": branch, "operations": operations}

    def list_databases(self, request, project_id, branch_id):
        owner = {"branch_id": branch_id, "owner_name": "neondb_owner"}
        names = self.database_names
        databases = [required_fields("Database", name=name, **owner) for name in names]
        return 200, {"databases": databases}

    def list_endpoints(self, request, project_id):
        return 200, {"endpoints": [endpoint(b) for b in self.branches[project_id]]}

    def get_connection_uri(self, request, project_id):
        branch = find(self.branches[project_id], request.args["branch_id"])
        if not branch["has_endpoint"]:
            return 404, {"code": "", "message": "no endpoint"}
        return 200, {"uri": self.make_url(branch, request.args["pooled"] == "true")}

    def list_operations(self, request, project_id):
        operations = self.operations[project_id]
        return 200, {"operations": operations, "pagination": {"cursor": NOW}}

    def get_operation(self, request, project_id, operation_id):
        operation = find(self.operations[project_id], operation_id)
        if operation["status"] == "running":
            self.pending -= 1
            if self.pending <= 0:
                operation["status"] = "finished"
        return 200, {"operation": operation}

    def list_organizations(self, request):
        ids = self.organizations
        organizations = [required_fields("Organization", id=i, name=i) for i in ids]
        return 200, {"organizations": organizations}


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
    endpoint_id = f"ep-{branch['id'].removeprefix('br-')}"
    host = f"{endpoint_id}.c-2.eu-central-1.aws.neon.tech"
    owner = {"project_id": branch["project_id"], "branch_id": branch["id"]}
    return required_fields("Endpoint", id=endpoint_id, host=host, **owner)


def find(items, item_id):
    return {item["id"]: item for item in items}[item_id]


def error(message):
    return json.dumps({"request_id": "r", "code": "", "message": message})


def required_fields(schema_name, **values):
    """Return the required fields of an object, as `values` or samples."""
    schema = CONTRACT["components"]["schemas"][schema_name]
    properties = schema["properties"]
    return {name: sample(properties[name]) for name in schema["required"]} | values


def sample(schema):
    """Return a value that the schema allows."""
    if reference := schema.get("$ref"):
        return sample(CONTRACT["components"]["schemas"][reference.rpartition("/")[2]])
    if schema.get("format") == "date-time":
        return NOW
    if "enum" in schema:
        return schema["enum"][0]
    samples = {"string": "text", "boolean": False, "object": {}}
    return samples.get(schema["type"], schema.get("minimum", 0))
