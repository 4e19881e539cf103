"""What the OpenAPI document says of each operation, with examples."""

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from todo.api import serializers
from todo.api.preconditions import ETAGS, MAX_LENGTH
from todo.api.response_serializers import (
    AccountAnswer,
    BulkAnswer,
    Done,
    ImportAnswer,
    Refreshed,
    SignedIn,
    TaskAnswer,
)
from todo.api.schema import problems
from todo.models.task import FIELDS
from todo.serializers import BulkSerializer, ImportedTaskSerializer

TASK_ID = "01a202a8-526f-7022-82f9-8a7867c49a93"
MILK = {"title": "Buy milk", "priority": 2, "due_date": "2026-12-01"}
TASK = {
    "id": TASK_ID,
    **MILK,
    "description": "",
    "completed": False,
    "completed_at": None,
    "deleted_at": None,
    "created_at": "2026-11-22T09:00:00.123456Z",
    "updated_at": "2026-11-22T09:00:00.123456Z",
}
EXPORTED = {name: TASK[name] for name in FIELDS}
EXPORTED_CSV = f"""{",".join(FIELDS)}\r
{TASK_ID},Buy milk,,2,2026-12-01,,,2026-11-22T09:00:00Z,2026-11-22T09:00:00Z\r
"""
DONE = TASK | {"completed": True, "completed_at": "2026-11-22T10:00:00Z"}
TRASHED = TASK | {"deleted_at": "2026-11-22T10:00:00Z"}
USER_ID = "01a202a2-11dc-712f-a81d-b1303ecb7a23"
ACCOUNT = {
    "id": USER_ID,
    "email": "ann@example.com",
    "name": "Ann",
    "time_zone": "Europe/Berlin",
    "date_joined": "2026-11-22T09:00:00Z",
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


def example(value, **options):
    return OpenApiExample("Example", value, **options)


def sent(value):
    return example(value, request_only=True)


CSV = {"type": "string", "maxLength": 64 * 2**20}


def header(name, description, statuses=False, **schema):
    schema = {"type": "string", "maxLength": MAX_LENGTH} | schema
    where = OpenApiParameter.HEADER
    return OpenApiParameter(
        name, schema, where, description=description, response=statuses
    )


def answered(serializer, value):
    return OpenApiResponse(serializer, examples=[example(value)])


ETAG = header("ETag", "The version of the task.", [200, 201])
LOCATION = header("Location", "Where the task is.", [201], format="uri-reference")
IF_MATCH = header(
    "If-Match", "The ETag that the task must have: else 412.", pattern=ETAGS.pattern
)
IF_NONE_MATCH = header(
    "If-None-Match", "The ETag that is known already: then 304.", pattern=ETAGS.pattern
)
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "A new UUID, which becomes the id. The same request again makes no second task.",
    format="uuid",
    maxLength=36,
)

tasks = extend_schema_view(
    list=extend_schema(
        summary="One's own tasks, a page at a time",
        responses={
            200: OpenApiResponse(TaskAnswer(many=True), examples=[example(TASK)])
        },
    ),
    create=extend_schema(
        summary="Make a task",
        parameters=[IDEMPOTENCY_KEY, ETAG, LOCATION],
        examples=[sent(MILK)],
        responses={201: answered(TaskAnswer, TASK), **problems(409)},
    ),
    retrieve=extend_schema(
        summary="Read a task",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={
            200: answered(TaskAnswer, TASK),
            304: None,
        },
    ),
    update=extend_schema(
        summary="Write a task anew",
        description="What is not sent gets its default.",
        parameters=[IF_MATCH, ETAG],
        examples=[sent(MILK | {"completed": True})],
        responses={200: answered(TaskAnswer, DONE), **problems(412)},
    ),
    partial_update=extend_schema(
        summary="Change a task",
        description="Only what is sent changes; `null` clears.",
        parameters=[IF_MATCH, ETAG],
        examples=[sent({"completed": True, "due_date": None})],
        responses={
            200: answered(TaskAnswer, DONE | {"due_date": None}),
            **problems(412),
        },
    ),
    destroy=extend_schema(
        summary="Move a task to the trash",
        parameters=[IF_MATCH],
        responses={204: None, **problems(412)},
    ),
)
restore = extend_schema(
    summary="Take a task out of the trash",
    parameters=[ETAG],
    request=None,
    responses={200: answered(TaskAnswer, TASK)},
)
bulk = extend_schema(
    summary="Do one thing with up to 100 tasks, or with none",
    request=BulkSerializer,
    examples=[sent({"action": "complete", "ids": [TASK_ID]})],
    responses={
        200: answered(BulkAnswer, {"changed": 1}),
        **problems(404),
    },
)

export = extend_schema_view(
    get=extend_schema(
        summary="All one's tasks as a file",
        parameters=[
            OpenApiParameter(
                "as", {"type": "string", "enum": ["json", "csv"], "default": "json"}
            )
        ],
        responses={
            (200, "application/json"): OpenApiResponse(
                ImportedTaskSerializer(many=True),
                examples=[example(EXPORTED)],
            ),
            (200, "text/csv"): OpenApiResponse(CSV, examples=[example(EXPORTED_CSV)]),
        },
    )
)
import_ = extend_schema_view(
    post=extend_schema(
        summary="Add tasks from a file",
        description=(
            "An export, or any array of tasks; or CSV with any of its columns. "
            "Tasks whose id is there already are skipped."
        ),
        request={
            "application/json": ImportedTaskSerializer(many=True),
            "text/csv": CSV,
        },
        examples=[
            OpenApiExample(
                "JSON", MILK, media_type="application/json", request_only=True
            ),
            OpenApiExample(
                "CSV",
                "title\r\nBuy milk\r\n",
                media_type="text/csv",
                request_only=True,
            ),
        ],
        responses={200: answered(ImportAnswer, {"created": 1, "skipped": 0})},
    )
)

account = extend_schema_view(
    get=extend_schema(
        summary="Read one's account",
        responses={200: answered(AccountAnswer, ACCOUNT)},
    ),
    patch=extend_schema(
        summary="Change one's account",
        request=serializers.AccountSerializer,
        examples=[sent({"name": "Ann", "time_zone": "Europe/Berlin"})],
        responses={200: answered(AccountAnswer, ACCOUNT)},
    ),
    delete=extend_schema(
        summary="Delete one's account and all that is in it",
        request=serializers.PasswordSerializer,
        examples=[sent({"password": CREDENTIALS["password"]})],
        responses={204: None, **problems(400, 413, 415)},
    ),
)


def posted(summary, value, success, *others):
    """The schema of a view that hands a POST on to allauth."""
    operation = extend_schema(
        summary=summary, examples=[sent(value)], responses=success | problems(*others)
    )
    return extend_schema_view(post=operation)


SIGNED_IN_ANSWER = {200: answered(SignedIn, SIGNED_IN)}
DONE_ANSWER = {200: answered(Done, {"status": 200})}
signup = posted("Make an account", CREDENTIALS, SIGNED_IN_ANSWER, 403, 409)
login = posted("Sign in", CREDENTIALS, SIGNED_IN_ANSWER, 409)
refresh = posted(
    "Exchange a refresh token for a new pair of tokens",
    {"refresh_token": TOKENS["refresh_token"]},
    {200: answered(Refreshed, {"status": 200, "data": TOKENS})},
    401,
)
password_request = posted(
    "Send a mail to set a new password",
    {"email": CREDENTIALS["email"]},
    DONE_ANSWER,
)
password_reset = posted(
    "Set a new password with the key from the mail",
    {"key": "1-d8p3vs-0f3b…", "password": "another horse battery"},
    {204: None},
)
password_change = posted(
    "Change the password",
    {
        "current_password": CREDENTIALS["password"],
        "new_password": "another horse battery",
    },
    SIGNED_IN_ANSWER,
)
session = extend_schema_view(
    delete=extend_schema(summary="Sign out", request=None, responses={204: None})
)
