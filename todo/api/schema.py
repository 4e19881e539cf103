"""Additions to the generated OpenAPI document: common errors, limits, security."""

import json
from http import HTTPStatus

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiResponse

from todo.api.fields import MAX_PASSWORD
from todo.api.pagination import MAX_LIMIT

NO_NUL = "^[^\\u0000]*$"  # PostgreSQL cannot store NUL
LIMITS = {
    "integer": {"format": "int32", "minimum": 0, "maximum": 2**31 - 1},
    "array": {"maxItems": 1_000_000},
    "string": {"maxLength": 2000},
}
TEXT_SCHEMA = {"type": "string", "maxLength": 20_000, "pattern": "^[\\s\\S]*$"}
PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "maxLength": 100},
        "title": {"type": "string", "maxLength": 100},
        "status": {
            "type": "integer",
            "format": "int32",
            "minimum": 400,
            "maximum": 599,
        },
        "detail": TEXT_SCHEMA,
        "code": {
            "type": "string",
            "maxLength": 100,
            "pattern": "^[a-z0-9_]+$",
            "description": "A stable identifier for programs.",
        },
        "errors": {
            "type": "object",
            "description": "Errors by field: `title`, `ids.3`, `<line>.title`.",
            "additionalProperties": {
                "type": "array",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["code", "detail"],
                    "properties": {
                        "code": {"type": "string", "maxLength": 100},
                        "detail": TEXT_SCHEMA,
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


# drf-spectacular omits the body of a DELETE request.
PASSWORD_EXAMPLE = {"password": "correct horse battery"}
PASSWORD_SCHEMA = {
    "type": "object",
    "properties": {
        "password": {"type": "string", "minLength": 1, "maxLength": MAX_PASSWORD}
    },
    "required": ["password"],
    "additionalProperties": False,
}
PASSWORD_CONTENT = {"schema": PASSWORD_SCHEMA, "example": PASSWORD_EXAMPLE}
PASSWORD_BODY = {"required": True, "content": {"application/json": PASSWORD_CONTENT}}


class TokenAuthenticationExtension(OpenApiAuthenticationExtension):
    target_class = "todo.api.auth.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Issued at sign-in for 10 minutes. Checked as in RFC8725.",
        }


def problems(*statuses):
    """Return error responses with these statuses, for `extend_schema`."""
    reference = {"$ref": "#/components/schemas/Problem"}
    media_type = "application/problem+json"
    return {(status, media_type): OpenApiResponse(reference) for status in statuses}


class AutoSchema(SpectacularAutoSchema):
    """Adds the error responses that are common to operations of a kind."""

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
            yield from (411, 413, 415)


def postprocess(result, generator, request, public):
    """Add common components, and limits to every type. A hook of drf-spectacular."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    page = schemas["PaginatedTaskResponseList"]
    page["properties"]["results"]["maxItems"] = MAX_LIMIT
    require_bodies(result["paths"])
    for name, schema in schemas.items():
        if schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
            describe_defaults(schema, is_partial=name.startswith("Patched"))
    add_limits(result["paths"])
    add_limits(schemas)
    return result


def require_bodies(paths):
    deletion = paths["/api/v1/account"]["delete"]
    deletion["requestBody"] = PASSWORD_BODY
    importing = paths["/api/v1/tasks/import"]["post"]
    importing["requestBody"]["required"] = True


def describe_defaults(schema, is_partial):
    """Replace the defaults of an object's properties with a description.

    Generators of clients require a property that has a default, or send the default:
    a PATCH would reset the fields that it does not name.
    """
    for field in schema.get("properties", {}).values():
        if "default" in field:
            default = json.dumps(field.pop("default"))
            if not is_partial:
                field.setdefault("description", f"Default: `{default}`.")


def add_limits(node):
    """Give each type in this part of the document the limits it lacks."""
    if isinstance(node, list):
        for item in node:
            add_limits(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in {"example", "examples"}:
                add_limits(value)
        kind = kind_of(node)
        if isinstance(kind, str):  # else it is a property with the name `type`
            add_limits_to_type(node, kind)


def kind_of(node):
    """Return the type of a schema. If it is nullable, null is the second one."""
    kind = node.get("type")
    return kind[0] if isinstance(kind, list) else kind


def add_limits_to_type(schema, kind):
    if not (kind == "string" and "enum" in schema):
        for name, limit in LIMITS.get(kind, {}).items():
            schema.setdefault(name, limit)
    if kind == "string" and not {"enum", "format"} & schema.keys():
        schema.setdefault("pattern", NO_NUL)
