"""The application for a WSGI server, such as `granian --interface wsgi aido.wsgi`."""

import os

import django
from django.core.wsgi import get_wsgi_application
from django.db import connection

from aido.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
django.setup(set_prefix=False)
refuse_misconfiguration()
application = get_wsgi_application()
connection.open_pool()
