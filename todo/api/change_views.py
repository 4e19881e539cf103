"""The changes of tasks, for clients that keep a copy of them."""

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.views import APIView

from aido.json import JSONResponse
from aido.problems import Gone
from todo import changes, tasks
from todo.api.auth import session_error
from todo.api.filters import check_parameters
from todo.changes import Since
from todo.statements import run_together

PAGE_SIZE = 200  # tasks
GONE = "Tasks that changed since were purged. Read all again, without `since`."


class ChangesView(APIView):
    """All tasks that changed, those in the trash too, in the order of their changes."""

    def get(self, request):
        since = self.since(request).begin()
        statements = changes.read(request.user, since, PAGE_SIZE)
        users, rows = run_together(*statements)
        if not users:
            raise session_error(request.user)
        if since.is_lost(users[0]["purged_until"]):
            raise Gone(GONE)
        following = since.following(rows, PAGE_SIZE)
        results = [tasks.serialize(row) for row in rows]
        return JSONResponse({"results": results, "since": following.encode()})

    def since(self, request):
        check_parameters(request.query_params, {"since"})
        text = request.query_params.get("since")
        try:
            return Since() if text is None else Since.decode(text)
        except ValueError:
            error = ErrorDetail("Take it from an earlier response.", "invalid")
            raise ValidationError({"since": [error]}) from None
