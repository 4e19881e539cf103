"""The OpenAPI document's summaries and examples of each operation on lists."""

import json
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view

from aido.json import dump
from todo.api.docs import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    POSITION,
    TIMES,
    request_example,
    response,
)
from todo.api.list_responses import ListResponse, ListsResponse
from todo.api.schema import problems
from todo.lists import serialize
from todo.models import List
from todo.models.list import LIST_FIELDS
from todo.serializers import ListMoveSerializer

LIST_ID = "01a202a8-526f-7022-82f9-8a7867c49a94"
OTHER_ID = "01a202a8-526f-7022-82f9-8a7867c49a95"
NEW_LIST = {"name": "Home", "color": "green"}


def example_list():
    """Return a list as the API returns it, with every field of the model."""
    row = List(id=UUID(LIST_ID), position=POSITION, **NEW_LIST, **TIMES)
    fields = {name: getattr(row, name) for name in LIST_FIELDS}
    return json.loads(dump(serialize(fields)))


LIST = example_list()
MOVED_LIST = LIST | {"position": f"{POSITION}.5"}

lists = extend_schema_view(
    list=extend_schema(
        summary="List your lists, in their order",
        responses={200: response(ListsResponse, {"results": [LIST]})},
    ),
    create=extend_schema(
        summary="Create a list",
        parameters=[IDEMPOTENCY_KEY, ETAG, LOCATION],
        examples=[request_example(NEW_LIST)],
        responses={201: response(ListResponse, LIST), **problems(409)},
    ),
    retrieve=extend_schema(
        summary="Read a list",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: response(ListResponse, LIST), 304: None},
    ),
    update=extend_schema(
        summary="Replace a list",
        description="Fields that are left out are set to their defaults.",
        parameters=[IF_MATCH, ETAG],
        examples=[request_example(NEW_LIST)],
        responses={200: response(ListResponse, LIST), **problems(412)},
    ),
    partial_update=extend_schema(
        summary="Change a list",
        description="Fields that are left out are kept; `null` clears the color.",
        parameters=[IF_MATCH, ETAG],
        examples=[request_example({"color": None})],
        responses={
            200: response(ListResponse, LIST | {"color": None}),
            **problems(412),
        },
    ),
    destroy=extend_schema(
        summary="Delete a list",
        description=(
            "Its tasks move to the trash. Tasks that are restored are in the inbox."
        ),
        parameters=[IF_MATCH],
        responses={204: None, **problems(412)},
    ),
)
move = extend_schema(
    summary="Move a list to another place",
    description=(
        "It follows the list `after`, or is the first one without. The positions of "
        "other lists do not change."
    ),
    request=ListMoveSerializer,
    parameters=[IF_MATCH, ETAG],
    examples=[request_example({"after": OTHER_ID})],
    responses={200: response(ListResponse, MOVED_LIST), **problems(412)},
)
