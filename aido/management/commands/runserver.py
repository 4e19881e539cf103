"""Django's runserver on API_HOST and API_PORT, which says at once what it lacks."""

import os

from django.conf import settings
from django.contrib.staticfiles.management.commands import runserver
from django.core.management.base import CommandError
from django.db import Error, connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from aido.checks import TAG, why_not_listen
from aido.database.errors import explain


class Command(runserver.Command):
    default_addr = settings.API_HOST
    default_port = str(settings.API_PORT)

    def run(self, **options):
        # Later, in the thread that serves, an error is a traceback and not an end.
        if DJANGO_AUTORELOAD_ENV not in os.environ:
            self.check(tags=[TAG])
            self.check_port()
            self.check_database()
        super().run(**options)

    def check_port(self):
        if problem := why_not_listen(self.addr, self.port):
            raise CommandError(problem)

    def check_database(self):
        try:
            connection.connect_once()
        except Error as error:
            raise CommandError(explain(error)) from error
