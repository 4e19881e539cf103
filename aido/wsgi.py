"""The WSGI application, for a server such as granian."""

import gc
import os
from importlib import import_module

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, reset_queries

from aido.checks import refuse_misconfiguration
from aido.imports import import_libraries
from aido.wsgi_adapter import adapt

gc.disable()  # imports create no garbage
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
import_libraries()
django.setup(set_prefix=False)
refuse_misconfiguration()
application = adapt(get_wsgi_application())
import_module(settings.ROOT_URLCONF)  # otherwise the first request would import it
gc.freeze()  # the garbage collector need not scan what stays for the whole process
gc.enable()
connection.open_pool()

# Skip what Django does at the start and end of each request without need: looking for
# old connections, clearing the queries that DEBUG logs, closing the cache, which is in
# the database, and resetting the URLconf, which each request sets.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(reset_urlconf)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
    request_finished.disconnect(close_caches)
