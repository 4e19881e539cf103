"""The settings of drf-spectacular, which generates the OpenAPI document."""

from typing import Any


def spectacular_settings(script_name: str) -> dict[str, Any]:
    """Return SPECTACULAR_SETTINGS of a site under the path `script_name`."""
    return {
        "TITLE": "aido",
        "DESCRIPTION": "A to-do service. Errors are problem details (RFC 9457).",
        "CONTACT": {"name": "The operator of this service"},
        "SERVERS": [
            {
                "url": f"{script_name}/",
                "description": "This server",
                "x-internal": False,
            }
        ],
        "TAGS": [
            {"name": "account", "description": "Your account"},
            {"name": "auth", "description": "Sign up, sign in and sign out"},
            {"name": "lists", "description": "Your lists of tasks"},
            {"name": "tasks", "description": "Your tasks"},
            {"name": "tokens", "description": "Renew access tokens"},
        ],
        "VERSION": "1",
        "OAS_VERSION": "3.1.1",
        "PREPROCESSING_HOOKS": ["todo.api.descriptions.describe_views"],
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "todo.api.schema.postprocess",
        ],
        "ENUM_NAME_OVERRIDES": {"ColorEnum": "todo.models.list.Color"},
        "SCHEMA_PATH_PREFIX": "/api/v1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_AUTHENTICATION": [],
        # A deep link would be inside the button that opens its operation.
        "SWAGGER_UI_SETTINGS": {"deepLinking": False},
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }
