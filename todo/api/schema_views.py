"""The OpenAPI document, and its page."""

from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

public = cache_control(public=True, max_age=300)
schema = public(SpectacularJSONAPIView.as_view())
docs = public(SpectacularSwaggerSplitView.as_view(url_name="schema"))
