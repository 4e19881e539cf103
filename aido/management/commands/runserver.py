"""Django's runserver on API_HOST and API_PORT, with the checks of a server first."""

import os

from django.conf import settings
from django.contrib.staticfiles.management.commands import runserver
from django.core.management.base import CommandError
from django.db import Error, connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from aido.checks import TAG
from aido.database.errors import explain
from aido.listeners import listen_error


class Command(runserver.Command):
    default_addr = settings.API_HOST
    default_port = str(settings.API_PORT)

    def run(self, **options):
        # Django runs its checks in the serving thread, where an error is shown with a
        # traceback and does not end the process.
        if DJANGO_AUTORELOAD_ENV not in os.environ:
            self.check(tags=[TAG])
            self.check_port()
            self.check_database()
        super().run(**options)

    def get_handler(self, *args, **options):
        # Django's handler of static files finds none under a path. WhiteNoise does.
        options["use_static_handler"] &= not settings.SCRIPT_NAME
        return super().get_handler(*args, **options)

    def check_port(self):
        if error := listen_error(self.addr, self.port):
            raise CommandError(error)

    def check_database(self):
        try:
            connection.connect_once()
        except Error as error:
            raise CommandError(explain(error)) from error
