"""Addresses of pages: where a request is from, and where it leads."""

from urllib.parse import unquote, urlsplit

from django.http import QueryDict
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from todo.models.status import Status


def post_only(view):
    """Accept only POST, and never redirect to this view."""
    view = require_POST(view)
    view.is_post_only = True
    return view


def page_url(request):
    """Return the address of the page that the user has open or is about to see."""
    if getattr(request, "htmx", None):
        url = request.htmx.current_url_abs_path
    elif is_post_only(request.resolver_match):
        url = request.POST.get("next")
    else:
        return without_undo(request.get_full_path())
    return without_undo(url) if is_page(request, url) else list_url(request)


def return_url(request):
    """Return the address of the page to show after a form, which `next` names."""
    url = request.POST.get("next") or request.GET.get("next")
    return without_undo(url) if is_page(request, url) else list_url(request)


def list_url(request):
    """Return the address of the list with the status that the form names."""
    view = request.POST.get("view")
    return reverse(f"list_{view if view in Status else Status.ALL.value}")


def is_page(request, url):
    """Return whether the URL is one of this site and can be shown with GET."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return False
    path = urlsplit(url).path
    return path.startswith("/") and not is_post_only(find_route(path))


def find_route(path):
    """Return the match of a path as in addresses, or None."""
    try:
        return resolve("/" + unquote(path.removeprefix(get_script_prefix())))
    except Resolver404:
        return None


def is_post_only(match):
    return match is not None and getattr(match.func, "is_post_only", False)


def without_undo(url):
    """Return the URL of a page that does not offer to undo anything."""
    return replace_parameters(url, undo=None)


def replace_parameters(url, **parameters):
    """Return the URL with these query parameters replaced, or removed if None."""
    path, _, query = url.partition("?")
    values = QueryDict(query, mutable=True)
    for name, value in parameters.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return f"{path}?{values.urlencode()}" if values else path
