"""The sessions of the user who is signed in."""

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView

from todo.accounts import sessions
from todo.api.auth import ensure_session


class SessionListView(APIView):
    """Your sessions."""

    def get(self, request):
        results = list(sessions.list_sessions(request.user, request.user.session_key))
        if not any(session["is_current"] for session in results):
            ensure_session(request.user)
        return Response({"results": results})

    def delete(self, request):
        ensure_session(request.user)
        sessions.end_other_sessions(request.user, request.user.session_key)
        return Response(status=204)


class SessionDetailView(APIView):
    """One of your sessions."""

    def delete(self, request, pk):
        ensure_session(request.user)
        if not sessions.end_session(request.user, pk):
            raise exceptions.NotFound("No such session.")
        return Response(status=204)
