"""The site map."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from aido.health import HealthView, LivenessView

urlpatterns = [
    path("health", HealthView.as_view(), name="health"),
    path("livez", LivenessView.as_view(), name="livez"),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
]
