"""The site map."""

from django.contrib import admin
from django.urls import include, path

from aido.health import HealthView, LivenessView
from aido.problems import handler400, handler500  # noqa: F401  (Django looks here)

urlpatterns = [
    path("health", HealthView.as_view(), name="health"),
    path("livez", LivenessView.as_view(), name="livez"),
    path("api/", include("todo.api.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("todo.web.urls")),
]
