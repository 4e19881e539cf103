"""The ASGI application. WSGI is faster: the views are synchronous."""

import os

import django
from django.core.asgi import get_asgi_application
from django.db import connection

from aido.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
django.setup(set_prefix=False)
refuse_misconfiguration()
application = get_asgi_application()
connection.open_pool()
