"""The site map."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from aido.health import HealthView, LivenessView
from aido.problems import handler400, handler500  # noqa: F401  (Django looks here)

urlpatterns = [
    path("health", HealthView.as_view(), name="health"),
    path("livez", LivenessView.as_view(), name="livez"),
    path("api/", include("todo.api.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
]
