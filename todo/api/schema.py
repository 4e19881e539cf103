"""What the OpenAPI document says of every operation, beyond what the code says."""

from http import HTTPStatus

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiResponse

from todo.api.pagination import MAX_LIMIT

NO_NUL = "^[^\\u0000]*$"  # which PostgreSQL cannot store
LIMITS = {
    "integer": {"format": "int32", "minimum": 0, "maximum": 2**31 - 1},
    "array": {"maxItems": 1_000_000},
    "string": {"maxLength": 2000},
}
TOLD = {"type": "string", "maxLength": 20_000, "pattern": "^[\\s\\S]*$"}
PROBLEM = {
    "type": "object",
    "description": "An error, by RFC 9457.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "maxLength": 100},
        "title": {"type": "string", "maxLength": 100},
        "status": {
            "type": "integer",
            "format": "int32",
            "minimum": 400,
            "maximum": 599,
        },
        "detail": TOLD,
        "code": {
            "type": "string",
            "maxLength": 100,
            "pattern": "^[a-z0-9_]+$",
            "description": "Stable, for programs.",
        },
        "errors": {
            "type": "object",
            "description": "What is wrong, by field: `title`, `ids.3`, `<line>.title`.",
            "additionalProperties": {
                "type": "array",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["code", "detail"],
                    "properties": {
                        "code": {"type": "string", "maxLength": 100},
                        "detail": TOLD,
                    },
                    "additionalProperties": False,
                },
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
}
PROBLEM_CONTENT = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


# drf-spectacular leaves out the body of a DELETE.
PASSWORD_SENT = {"password": "correct horse battery"}
PASSWORD = {
    "type": "object",
    "properties": {"password": {"type": "string", "minLength": 1, "maxLength": 1000}},
    "required": ["password"],
    "additionalProperties": False,
}


class TokenAuthenticationExtension(OpenApiAuthenticationExtension):
    target_class = "todo.api.auth.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Of a sign-in, for 10 minutes. Checked as RFC8725 asks.",
        }


def problems(*statuses):
    """Answers with these statuses, as `extend_schema` takes them."""
    reference = {"$ref": "#/components/schemas/Problem"}
    media_type = "application/problem+json"
    return {(status, media_type): OpenApiResponse(reference) for status in statuses}


class AutoSchema(SpectacularAutoSchema):
    """Adds the problems that every operation of a kind may answer with."""

    def get_operation(self, *args):
        operation = super().get_operation(*args)
        if operation:
            responses = operation["responses"]
            for status in self._statuses(operation):
                responses.setdefault(str(status), {"content": PROBLEM_CONTENT})
            for status, response in responses.items():
                response["description"] = HTTPStatus(int(status)).phrase
        return operation

    def _statuses(self, operation):
        yield from (400, 406, 429, 500, 503)
        if "security" in operation:
            yield 401
        if "{" in self.path:
            yield 404
        if "requestBody" in operation:
            yield from (413, 415)


def finished(result, generator, request, public):
    """A hook of drf-spectacular: the common components, and bounds for everything."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    schemas["PaginatedTaskAnswerList"]["properties"]["results"]["maxItems"] = MAX_LIMIT
    deletion = result["paths"]["/api/v1/account"]["delete"]
    deletion["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": PASSWORD, "example": PASSWORD_SENT}},
    }
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    bound(result["paths"])
    bound(schemas)
    return result


def bound(node):
    """Give each type in this part of the document the limits that it lacks."""
    if isinstance(node, list):
        for item in node:
            bound(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in {"example", "examples"}:
                bound(value)
        kind = node.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if not isinstance(kind, str):  # what is called `type` is a property here
            return
        for name, limit in LIMITS.get(kind, {}).items():
            if not (kind == "string" and "enum" in node):
                node.setdefault(name, limit)
        if kind == "string" and not {"enum", "format"} & node.keys():
            node.setdefault("pattern", NO_NUL)
