"""Django's dbshell, which also works with the embedded PostgreSQL."""

import os

from django.core.management.commands import dbshell
from django.db import connections

from aido.embedded import find_binaries


class Command(dbshell.Command):
    def handle(self, **options):
        connection = connections[options["database"]]
        if "EMBEDDED" in connection.settings_dict:
            connection.ensure_connection()  # starts the server
            os.environ["PATH"] += f":{find_binaries()}"  # if psql is not installed
        super().handle(**options)
