import os
import sys

from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig

import aido


class AidoConfig(AppConfig):
    name = "aido"
    default = True

    def ready(self):
        from aido import checks  # noqa: F401  registers the checks

        is_reloaded = os.environ.get("RUN_MAIN") == "true"
        if settings.IS_DEVELOPMENT and aido.command != "test" and not is_reloaded:
            database = ".postgres/" if settings.IS_EMBEDDED else "DATABASE_URL"
            print(f"Development: DEBUG is on, data in {database}.", file=sys.stderr)


class UsedStaticFilesConfig(StaticFilesConfig):
    """Does not collect the files of other apps that no page of aido uses."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("django_htmx", "redoc", "rest_framework"),
        *("jquery.js", "select2.full.js", "xregexp.js"),  # there are .min.js of them
        "swagger-ui-standalone-preset.js*",
    ]
