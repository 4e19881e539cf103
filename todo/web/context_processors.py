"""What every template gets."""

THEMES = ["light", "dark", "system"]


def theme(request):
    """The chosen color theme, known before the first paint."""
    chosen = request.COOKIES.get("theme")
    return {"theme": chosen if chosen in {"light", "dark"} else "", "themes": THEMES}
