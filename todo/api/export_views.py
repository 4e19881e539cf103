"""Export over HTTP."""

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from aido.problems import field_error
from todo.api.auth import ensure_session
from todo.api.filters import check_parameters
from todo.transfer.exports import export_response
from todo.transfer.writers import WRITERS


class AnyAccept(BaseContentNegotiation):
    """Ignores the Accept header: the parameter `as` chooses the type."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """Download all your tasks, including the trash, as a file that can be imported."""

    content_negotiation_class = AnyAccept

    def get(self, request):
        check_parameters(request.query_params, {"as"})
        kind = request.query_params.get("as", "json")
        if kind not in WRITERS:
            raise field_error("as", "Send json or csv.", "invalid_choice")
        ensure_session(request.user)
        return export_response(request.user, kind)
