"""The OpenAPI document's summaries and examples of each operation on tasks."""

import json
from datetime import UTC, date, datetime, time
from uuid import UUID

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from aido.json import dump
from todo.api.preconditions import ETAGS, MAX_HEADER
from todo.api.schema import problems
from todo.api.task_responses import (
    BulkResponse,
    ChangesResponse,
    ImportResponse,
    QuickResponse,
    TaskResponse,
)
from todo.changes import Since
from todo.models import Task
from todo.models.task import TASK_FIELDS
from todo.serializers import BulkSerializer, QuickSerializer, TaskMoveSerializer
from todo.tasks import serialize, time_version
from todo.transfer.imports import MAX_FILE
from todo.transfer.serializers import FILE_FIELDS, ImportedTaskSerializer
from todo.transfer.writers import write_csv

TASK_ID = "01a202a8-526f-7022-82f9-8a7867c49a93"
NEW_TASK = {
    "title": "Buy milk",
    "priority": 2,
    "labels": ["shop"],
    "due_date": "2026-12-01",
    "due_time": "17:00",
}
CREATED_AT = datetime(2026, 11, 22, 9, 0, 0, 123456, UTC)
TIMES = {"created_at": CREATED_AT, "updated_at": CREATED_AT}
POSITION = str(time_version(CREATED_AT))
COMPLETED_AT = "2026-11-22T10:00:00Z"


def example_row():
    """Return a row as the database returns it, with every field of the model."""
    values = NEW_TASK | {
        "id": UUID(TASK_ID),
        "position": POSITION,
        "due_date": date.fromisoformat(NEW_TASK["due_date"]),
        "due_time": time.fromisoformat(NEW_TASK["due_time"]),
    }
    task = Task(**values, **TIMES)
    return {name: getattr(task, name) for name in TASK_FIELDS}


def exported_row():
    """Return the row as an export has it, with the name of its list."""
    of_list = {"list": "Home", "list_color": "green", "list_position": POSITION}
    row = example_row() | {"due_time": NEW_TASK["due_time"]} | of_list
    return {name: row.get(name) for name in FILE_FIELDS}


EXPORTED_TASK = json.loads(dump(exported_row()))
EXPORTED_CSV = b"".join(write_csv([exported_row()])).decode("utf-8-sig")
TASK = json.loads(dump(serialize(example_row())))
COMPLETED_TASK = TASK | {"completed": True, "completed_at": COMPLETED_AT}


def example(value, **options):
    return OpenApiExample("Example", value, **options)


def request_example(value):
    return example(value, request_only=True)


def response(serializer, value):
    return OpenApiResponse(serializer, examples=[example(value)])


def header(name, description, statuses=False, **schema):
    """Describe a request header, or with `statuses` a header of these responses."""
    return OpenApiParameter(
        name,
        {"type": "string", "maxLength": MAX_HEADER} | schema,
        OpenApiParameter.HEADER,
        description=description,
        response=statuses,
    )


CSV = {"type": "string", "maxLength": MAX_FILE}
ETAG = header("ETag", "The version.", [200, 201])
LOCATION = header(
    "Location", "The URL of what was created.", [201], format="uri-reference"
)
IF_MATCH = header(
    "If-Match",
    "The expected ETag. If it differs, the response is 412.",
    pattern=ETAGS.pattern,
)
IF_NONE_MATCH = header(
    "If-None-Match",
    "The ETag of a cached response. If it matches, the response is 304.",
    pattern=ETAGS.pattern,
)
COMPLETION_KEY = header(
    "Idempotency-Key",
    "A new UUID. Repeating the request completes a task that repeats only once.",
    format="uuid",
    maxLength=36,
)
UNDERSTOOD = [{"kind": "date", "text": "1 Dec 2026"}, {"kind": "time", "text": "5pm"}]
SINCE_EXAMPLE = Since(CREATED_AT, UUID(TASK_ID)).encode()
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "A new UUID, which becomes the id. Repeating the request creates nothing twice.",
    format="uuid",
    maxLength=36,
)

tasks = extend_schema_view(
    list=extend_schema(
        summary="List your tasks",
        responses={
            200: OpenApiResponse(TaskResponse(many=True), examples=[example(TASK)]),
            **problems(404),
        },
    ),
    create=extend_schema(
        summary="Create a task",
        parameters=[IDEMPOTENCY_KEY, ETAG, LOCATION],
        examples=[request_example(NEW_TASK)],
        responses={201: response(TaskResponse, TASK), **problems(404, 409)},
    ),
    retrieve=extend_schema(
        summary="Read a task",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: response(TaskResponse, TASK), 304: None},
    ),
    update=extend_schema(
        summary="Replace a task",
        description="Fields that are left out are set to their defaults.",
        parameters=[IF_MATCH, ETAG],
        examples=[request_example(NEW_TASK | {"completed": True})],
        responses={200: response(TaskResponse, COMPLETED_TASK), **problems(409, 412)},
    ),
    partial_update=extend_schema(
        summary="Change a task",
        description="Fields that are left out are kept; `null` clears a field.",
        parameters=[IF_MATCH, ETAG],
        examples=[request_example({"completed": True, "due_date": None})],
        responses={
            200: response(TaskResponse, COMPLETED_TASK | {"due_date": None}),
            **problems(409, 412),
        },
    ),
    destroy=extend_schema(
        summary="Move a task to the trash",
        parameters=[IF_MATCH],
        responses={204: None, **problems(412)},
    ),
)
quick = extend_schema(
    summary="Create a task from words",
    description=(
        "Dates, times and repeats at the start or the end of the text are understood, "
        "in English, and `#labels`, `!high` and `@list` anywhere. `understood` lists "
        "what was found. Quotes keep words in the title. Of several lists, the last "
        "one counts."
    ),
    request=QuickSerializer,
    parameters=[IDEMPOTENCY_KEY, ETAG, LOCATION],
    examples=[request_example({"text": "Buy milk 1 Dec 2026 5pm #shop !medium"})],
    responses={
        201: response(QuickResponse, TASK | {"understood": UNDERSTOOD}),
        **problems(409),
    },
)
complete = extend_schema(
    summary="Complete a task",
    description=(
        "A task that repeats moves to its next date, and a completed copy of it is put "
        "on record. With `If-Match` or an `Idempotency-Key`, repeating the request "
        "completes it only once."
    ),
    parameters=[IF_MATCH, COMPLETION_KEY, ETAG],
    request=None,
    responses={200: response(TaskResponse, COMPLETED_TASK), **problems(409, 412)},
)
reopen = extend_schema(
    summary="Reopen a task",
    description=(
        "Reopening the completed copy of a task that repeats takes its completion "
        "back: the response is the task, on its former date."
    ),
    parameters=[IF_MATCH, ETAG],
    request=None,
    responses={200: response(TaskResponse, TASK), **problems(412)},
)
move = extend_schema(
    summary="Move a task to another place or list",
    description=(
        "Sets `position` between that of the task `after` and the one that follows; "
        "null is the first place. `list` null is the inbox."
    ),
    parameters=[IF_MATCH, ETAG],
    request=TaskMoveSerializer,
    examples=[request_example({"after": None, "list": None})],
    responses={200: response(TaskResponse, TASK), **problems(412)},
)
changes = extend_schema_view(
    get=extend_schema(
        summary="Read what has changed",
        description=(
            "All tasks that changed, those in the trash too, in the order of their "
            "changes; at most 200. Send `since` of the response with the next request, "
            "at once if there are 200 results. Changes of the last minute before a "
            "request may be returned again. 410: tasks were deleted permanently that "
            "changed since; read all again, without `since`."
        ),
        parameters=[
            OpenApiParameter(
                "since",
                {"type": "string", "maxLength": 500},
                description="From the response before. Without it: all tasks.",
            )
        ],
        responses={
            200: response(ChangesResponse, {"results": [TASK], "since": SINCE_EXAMPLE}),
            **problems(410),
        },
    )
)
restore = extend_schema(
    summary="Restore a task from the trash",
    parameters=[ETAG],
    request=None,
    responses={200: response(TaskResponse, TASK)},
)
bulk = extend_schema(
    summary="Apply one action to up to 100 tasks, all or nothing",
    description=(
        "`move` needs `list`, `after` or both. `after` places the tasks, in the order "
        "of `ids`, behind another one of the list that they are in or move to; null is "
        "the first place."
    ),
    request=BulkSerializer,
    examples=[request_example({"action": "complete", "ids": [TASK_ID]})],
    responses={200: response(BulkResponse, {"changed": 1}), **problems(404)},
)

export = extend_schema_view(
    get=extend_schema(
        summary="Export all your tasks as a file",
        parameters=[
            OpenApiParameter(
                "as", {"type": "string", "enum": ["json", "csv"], "default": "json"}
            )
        ],
        responses={
            (200, "application/json"): OpenApiResponse(
                ImportedTaskSerializer(many=True), examples=[example(EXPORTED_TASK)]
            ),
            (200, "text/csv"): OpenApiResponse(CSV, examples=[example(EXPORTED_CSV)]),
        },
    )
)
import_ = extend_schema_view(
    post=extend_schema(
        summary="Import tasks from a file",
        description=(
            "Send an exported file, any JSON array of tasks, or CSV with any of the "
            "exported columns, separated by commas, semicolons or tabs. Only `title` "
            "is needed. Tasks whose id exists are skipped."
        ),
        request={
            "application/json": ImportedTaskSerializer(many=True),
            "text/csv": CSV,
        },
        examples=[
            OpenApiExample(
                "JSON", NEW_TASK, media_type="application/json", request_only=True
            ),
            OpenApiExample(
                "CSV",
                "title\r\nBuy milk\r\n",
                media_type="text/csv",
                request_only=True,
            ),
        ],
        responses={200: response(ImportResponse, {"created": 1, "skipped": 0})},
    )
)
