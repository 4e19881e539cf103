"""What the views of tasks and lists share: idempotent creation, ETags, guarded writes.

Another user's row answers 404, as if it did not exist.
"""

import hashlib

import orjson
from django.db import IntegrityError
from rest_framework import viewsets
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.response import Response
from uuid_utils.compat import uuid7

from aido.json import JSONResponse, set_header
from aido.problems import Conflict, Missing, PreconditionFailed
from aido.rest import JSONViewMixin
from todo.api.auth import ensure_session
from todo.api.preconditions import etag, idempotency_key, matches, parse_etags
from todo.constraints import constraint_error


class ResourceViewSet(JSONViewMixin, viewsets.GenericViewSet):
    """Create, read and change rows of one kind with the verbs of its module.

    Serializers validate input. Output is rows from the database, dumped as JSON: to
    serialize many with a ModelSerializer would take longer than everything else.
    """

    verbs = None  # a module with owned_by, serialize, read, add, change and others
    noun = ""  # for messages
    missing_after = ""  # the message about a move
    fields = ()  # of a row
    # Shared by all requests: they keep no state, and building their fields takes long.
    input_serializer = partial_input_serializer = None

    @property
    def default_response_headers(self):
        return {"Allow": ", ".join([*self.action_map, "options"]).upper()}

    def get_queryset(self):
        return self.verbs.owned_by(self.request.user)

    def create(self, request):
        key = idempotency_key(request)
        digest = body_digest(request.data) if key else None
        values = self.validate(self.input_serializer)
        row = self.insert(key or uuid7(), digest=digest, **values)
        response = self.row_response(row, status=201)
        set_header(response, "Location", f"{request.path}/{row['id']}")
        return response

    def retrieve(self, request, pk):
        row = self.read(pk)
        if matches(row, parse_etags(request, "If-None-Match")):
            return Response(status=304, headers={"ETag": etag(row)})
        return self.row_response(row)

    def update(self, request, pk):
        values = self.validate(self.input_serializer)
        return self.row_response(self.write(pk, self.verbs.change, values))

    def partial_update(self, request, pk):
        values = self.validate(self.partial_input_serializer)
        return self.row_response(self.write(pk, self.verbs.change, values))

    def row_response(self, row, **options):
        response = JSONResponse(self.verbs.serialize(row), **options)
        set_header(response, "ETag", etag(row))
        set_header(response, "Cache-Control", "private, no-cache")
        return response

    def validate(self, serializer):
        return serializer.run_validation(self.request.data)

    def read(self, pk):
        rows = self.verbs.read(self.request.user, pk).rows()
        return rows[0] if rows else self.raise_not_found()

    def raise_not_found(self):
        ensure_session(self.request.user)
        raise NotFound(f"There is no such {self.noun}.")

    def insert(self, pk, **values):
        """Insert a row, and return it, or that of an earlier identical request."""
        try:
            [row] = self.verbs.add(self.request.user, pk, **values).rows()
        except IntegrityError as error:
            repeated = self.get_queryset().filter(
                pk=pk, request_digest=values["digest"]
            )
            row = repeated.values(*self.fields).first()
            if not row:
                self.raise_constraint_error(error)
                ensure_session(self.request.user)
                raise self.conflict() from None
        return row

    def conflict(self):
        message = "This Idempotency-Key was used for a different request."
        return Conflict(message, "idempotency_key_reused")

    def write(self, pk, verb, *arguments):
        """Run a verb in one round trip. With `If-Match`, read the version first."""
        version = self.expected_version(pk)
        while not (
            rows := self.run(verb(self.request.user, pk, *arguments, version=version))
        ):
            self.read(pk)  # raises NotFound unless it was restored just now
            if version is not None:
                raise self.precondition_failed()
        return rows[0]

    def place(self, pk, verb, *arguments):
        """Run a verb that finds nothing either if `after` does not exist."""
        version = self.expected_version(pk)
        statement = verb(self.request.user, pk, *arguments, version=version)
        if rows := self.run(statement):
            return rows[0]
        self.read(pk)
        self.expected_version(pk)
        self.raise_missing_after()

    def raise_missing_after(self):
        error = ErrorDetail(self.missing_after, "not_found")
        raise ValidationError({"after": [error]}) from None

    def run(self, statement):
        """Return the statement's rows, or raise what a violated constraint means."""
        try:
            return statement.rows()
        except IntegrityError as error:
            self.raise_constraint_error(error)
            raise

    def raise_constraint_error(self, error):
        """Raise the error of the field whose value the database refused, if known."""
        if violation := constraint_error(error):
            field, code, message = violation
            problem = Missing if code == "not_found" else ValidationError
            raise problem({field: [ErrorDetail(message, code)]}) from None

    def expected_version(self, pk):
        """Return the version that `If-Match` stands for, or None without it."""
        expected = parse_etags(self.request, "If-Match")
        if expected is None:
            return None
        row = self.read(pk)
        if not matches(row, expected):
            raise self.precondition_failed()
        return row["updated_at"]

    def precondition_failed(self):
        return PreconditionFailed(
            f"The {self.noun} has changed since it was read."
            " Read it again and send the new ETag."
        )


def body_digest(body):
    """Hash what a client sent, before defaults: they change as aido is updated."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
