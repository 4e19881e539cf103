"""What every template gets."""

from django.templatetags.static import static
from django.urls import reverse

from todo.web.addresses import page_url

THEMES = ["light", "dark", "system"]


def theme(request):
    """The chosen color theme, known before the first paint."""
    chosen = request.COOKIES.get("theme")
    return {"theme": chosen if chosen in {"light", "dark"} else "", "themes": THEMES}


def address(request):
    """Addresses: of the page, for forms that lead back to it; of tasks and icons."""
    return {
        "page_url": page_url(request),
        "tasks_url": reverse("task_add").removesuffix("new"),  # without their ids
        "icons": static("todo/icons.svg"),
    }
