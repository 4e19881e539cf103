"""The application for a WSGI server, such as `granian --interface wsgi aido.wsgi`."""

import gc
import os
from importlib import import_module

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, reset_queries

from aido.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
django.setup(set_prefix=False)
refuse_misconfiguration()
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # now, and not while the first request waits
gc.freeze()  # what is there by now stays: no need to look through it again and again
connection.open_pool()


def give_back(**kwargs):
    """The connection of this request to the pool."""
    connection.close()


# Django would look for old connections before and after each request, for queries that
# DEBUG keeps, and for caches to close, which the database's has no need of.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.connect(give_back)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
    request_finished.disconnect(close_caches)
