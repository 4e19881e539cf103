"""What happens to a form whose CSRF token is refused."""

from django.shortcuts import render

from aido.error_pages import text_response
from todo.web.access import SIGNED_OUT

EXPIRED = "This page has expired. Open it in another tab, then continue here."


def csrf_failure(request, reason=""):
    """Offer to send the form again, unless it came from another site.

    The token of a form expires when its user signs in again, also in another tab.
    """
    if request.htmx:
        is_known = request.user.is_authenticated
        return text_response(*((EXPIRED, 403) if is_known else (SIGNED_OUT, 401)))
    origin = f"{request.scheme}://{request.get_host()}"
    is_ours = request.headers.get("Origin") == origin
    fields = [
        (name, value)
        for name, values in (request.POST.lists() if is_ours else [])
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    context = {"fields": fields, "path": request.get_full_path(), "can_send": is_ours}
    return render(request, "403_csrf.html", context, status=403)
