"""Access to the pages: who is signed in, and the response to others."""

import json
from functools import wraps

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login

from aido.error_pages import text_response
from todo.web import drafts
from todo.web.addresses import page_url
from todo.web.forms import LoginForm

SIGNED_OUT = "You are signed out. Sign in in another tab, then continue."
OTHER_USER = (
    "Another account is signed in in this browser. Sign in again in another tab, then"
    " continue."
)


def sign_in_required(view):
    """Ask anonymous users to sign in; answer htmx with 401 and a text."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if is_signed_in(request):
            return view(request, *args, **kwargs)
        return sign_in_response(request)

    return wrapped


def is_signed_in(request):
    """Return whether someone is signed in.

    If the request names the owner of its page (Aido-User), it must be that user: pages
    stay open when another user signs in, and changes wait in them.
    """
    page_owner = request.headers.get("Aido-User")
    user = request.user
    return user.is_authenticated and page_owner in {None, "", str(user.pk)}


def sign_in_response(request):
    """Redirect to the sign-in page, or show it if it has to keep what was typed."""
    if request.htmx:
        is_other = request.user.is_authenticated
        return text_response(OTHER_USER if is_other else SIGNED_OUT, 401)
    page = page_url(request)
    if draft := drafts.read_draft(request, page):
        return sign_in_page(request, draft)
    return redirect_to_login(page)


def sign_in_page(request, draft):
    messages.info(
        request, "You are signed out. Sign in, and nothing you typed is lost."
    )
    view = LoginView()
    view.setup(request)
    form = LoginForm(request=request, initial={"draft": json.dumps(draft)})
    return view.render_to_response(view.get_context_data(form=form), status=401)
