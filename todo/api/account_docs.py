"""The OpenAPI document's summaries and examples of each operation on accounts."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from todo.api import serializers
from todo.api.account_responses import (
    AccountResponse,
    RefreshResponse,
    SessionListResponse,
    SignedInResponse,
    StatusResponse,
)
from todo.api.docs import request_example, response
from todo.api.schema import problems

USER_ID = "01a202a2-11dc-712f-a81d-b1303ecb7a23"
ACCOUNT = {
    "id": USER_ID,
    "email": "ann@example.com",
    "name": "Ann",
    "time_zone": "Europe/Berlin",
    "shortcuts": True,
    "date_joined": "2026-11-22T09:00:00Z",
}
SESSION = {
    "id": "6f1ed002-ab55-9591-4590-14a3c3a5d3a1",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko Firefox/150.0",
    "signed_in_at": "2026-11-22T09:00:00Z",
    "last_used_on": "2026-11-24",
    "is_current": True,
}
CREDENTIALS = {"email": "ann@example.com", "password": "correct horse battery"}
TOKENS = {"access_token": "eyJhbGciOiJI…", "refresh_token": "eyJhbGciOiJI…"}
SIGNED_IN = {
    "status": 200,
    "data": {
        "user": {
            "id": USER_ID,
            "display": "ann@example.com",
            "email": "ann@example.com",
            "has_usable_password": True,
        },
        "methods": [
            {
                "method": "password",
                "at": 1795340505.5,
                "email": "ann@example.com",
            }
        ],
    },
    "meta": {"is_authenticated": True, **TOKENS},
}

account = extend_schema_view(
    get=extend_schema(
        summary="Read your account",
        responses={200: response(AccountResponse, ACCOUNT)},
    ),
    patch=extend_schema(
        summary="Change your account",
        request=serializers.AccountSerializer,
        examples=[request_example({"name": "Ann", "time_zone": "Europe/Berlin"})],
        responses={200: response(AccountResponse, ACCOUNT)},
    ),
    delete=extend_schema(
        summary="Delete your account and everything in it",
        request=serializers.PasswordSerializer,
        examples=[request_example({"password": CREDENTIALS["password"]})],
        responses={204: None, **problems(400, 411, 413, 415)},
    ),
)

email = extend_schema_view(
    post=extend_schema(
        summary="Change the email address",
        description=(
            "A link is mailed to the new address. The address changes once the link is "
            "opened and confirmed, within a day. Then the old address gets a mail."
        ),
        examples=[
            request_example(
                {"email": "ann@example.org", "password": CREDENTIALS["password"]}
            )
        ],
        responses={202: None},
    )
)
sessions = extend_schema_view(
    get=extend_schema(
        summary="List your sessions",
        responses={200: response(SessionListResponse, {"results": [SESSION]})},
    ),
    delete=extend_schema(
        summary="End all other sessions",
        operation_id="account_sessions_destroy_others",
        request=None,
        responses={204: None},
    ),
)
one_session = extend_schema_view(
    delete=extend_schema(
        summary="End a session",
        parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH)],
        request=None,
        responses={204: None},
    )
)


def describe_post(summary, body, success, *problem_statuses):
    """Describe a view that passes a POST on to allauth."""
    operation = extend_schema(
        summary=summary,
        examples=[request_example(body)],
        responses=success | problems(*problem_statuses),
    )
    return extend_schema_view(post=operation)


SIGNED_IN_RESPONSE = {200: response(SignedInResponse, SIGNED_IN)}
signup = describe_post("Create an account", CREDENTIALS, SIGNED_IN_RESPONSE, 403, 409)
login = describe_post("Sign in", CREDENTIALS, SIGNED_IN_RESPONSE, 409)
refresh = describe_post(
    "Exchange a refresh token for a new pair of tokens",
    {"refresh_token": TOKENS["refresh_token"]},
    {200: response(RefreshResponse, {"status": 200, "data": TOKENS})},
    401,
)
password_request = describe_post(
    "Request an email to reset the password",
    {"email": CREDENTIALS["email"]},
    {200: response(StatusResponse, {"status": 200})},
)
password_reset = describe_post(
    "Set a new password with the key from the email",
    {"key": "1-d8p3vs-0f3b…", "password": "another horse battery"},
    {204: None},
)
password_change = describe_post(
    "Change the password",
    {
        "current_password": CREDENTIALS["password"],
        "new_password": "another horse battery",
    },
    SIGNED_IN_RESPONSE,
)
session = extend_schema_view(
    delete=extend_schema(summary="Sign out", request=None, responses={204: None})
)
