"""Asking before what cannot be undone."""

from functools import wraps

from django.shortcuts import render
from django.views.decorators.http import require_http_methods


def ask_before(question_of):
    """Call the view only when the user has confirmed the question.

    `question_of` takes the arguments of the view and returns the context of the page
    that asks. Scripts ask with a dialog before they send anything.
    """

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            is_sent = request.method == "POST"
            if is_sent and (request.htmx or "sure" in request.POST):
                return view(request, *args, **kwargs)
            context = question_of(request, *args, **kwargs)
            return render(request, "todo/ask.html", context)

        return require_http_methods(["GET", "HEAD", "POST"])(wrapped)

    return decorate
