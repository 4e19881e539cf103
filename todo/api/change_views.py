"""The changes of tasks, for clients that keep a copy of them."""

from functools import partial

from rest_framework.views import APIView

from aido.database import replica
from aido.json import JSONResponse
from aido.problems import Gone, field_error
from todo import changes, tasks
from todo.api.auth import ensure_session, session_error
from todo.api.filters import check_parameters
from todo.changes import Since

PAGE_SIZE = 200  # tasks
GONE = "Tasks that changed since were purged. Read all again, without `since`."


class ChangesView(APIView):
    """All tasks that changed, those in the trash too, in the order of their changes."""

    def get(self, request):
        since = self.since(request)
        if replica.is_in_use():  # where an ended session may still be active
            ensure_session(request.user)
        read = partial(changes.read, request.user, since, PAGE_SIZE)
        since, users, rows = replica.read(read)
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
            raise field_error("since", "Take it from an earlier response.") from None
