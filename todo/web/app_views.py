"""What belongs to the pages as an app: colors, icons, the manifest, the worker."""

from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from todo.web.addresses import post_only
from todo.web.context_processors import THEMES
from todo.web.responses import redirect_back, remember

MANIFEST = {
    "name": "aido",
    "short_name": "aido",
    "description": "A to-do list.",
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#2f5d50",
}


@post_only
def set_theme(request):
    response = redirect_back(request)
    if (chosen := request.POST.get("theme")) in THEMES:
        remember(response, "theme", chosen)
    return response


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request):
    icons = [icon(192), icon(512), icon(512, "maskable")]
    return JsonResponse(
        MANIFEST | {"start_url": reverse("list_all"), "icons": icons},
        content_type="application/manifest+json",
    )


def icon(size, purpose="any"):
    name = "icon-maskable" if purpose == "maskable" else "icon"
    return {
        "src": static(f"todo/{name}-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


@require_safe
@cache_control(public=True, max_age=3600)
def favicon(request):
    """Browsers ask for it where no page names an icon, such as for a JSON response."""
    return redirect(static("todo/icon-192.png"))


@require_safe
@gzip_page
@cache_control(public=True, no_cache=True)
def service_worker(request):
    """The worker controls all pages, so its address is at their root."""
    with open(finders.find("todo/sw.js"), "rb") as file:
        response = HttpResponse(file.read(), content_type="text/javascript")
    response["Service-Worker-Allowed"] = reverse("list_all")
    return response


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
def offline(request):
    """A page without any data, which the worker keeps and shows without a network."""
    return HttpResponse(render_to_string("todo/offline.html"))
