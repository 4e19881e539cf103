"""The URLs of the project."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from aido.error_pages import (  # noqa: F401  Django looks for them here
    handler400,
    handler403,
    handler404,
    handler500,
)
from aido.health import HealthView, LivenessView

handler429 = "todo.web.account_views.too_many_requests"  # allauth looks for it here

urlpatterns = [
    path("api/", include("todo.api.urls")),
    path("health", HealthView.as_view(), name="health"),
    path("livez", LivenessView.as_view(), name="livez"),
    path("accounts/", include("todo.web.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("todo.web.urls")),
]
if settings.METRICS:
    from aido.metrics import metrics

    urlpatterns.append(path("metrics", metrics))
