"""What every template gets."""

from todo.web.addresses import page_url

THEMES = ["light", "dark", "system"]


def theme(request):
    """The chosen color theme, known before the first paint."""
    chosen = request.COOKIES.get("theme")
    return {"theme": chosen if chosen in {"light", "dark"} else "", "themes": THEMES}


def address(request):
    """The address of the page, for forms that lead back to it."""
    return {"page_url": page_url(request)}
