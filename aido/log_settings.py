"""The settings of logging: which records are written to stderr, and how."""

from typing import Any


def logging_settings(level: str, *, is_command: bool, is_local: bool) -> dict[str, Any]:
    """Return LOGGING: lines of text for commands, lines of JSON for servers."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.orjson.OrjsonFormatter",
                "fmt": ["levelname", "name", "request_id", "message"],
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": "time",
            },
        },
        "filters": {
            "request_id": {"()": "aido.logs.RequestIdFilter"},
            "hosts": {"()": "aido.logs.HostFilter"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line" if is_command else "json",
                "filters": ["request_id"],
            },
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level},
            # Each request is logged already, by runserver or by aido.requests.
            "django.request": {"level": level if is_local else "ERROR"},
            "aido.requests": {"level": "WARNING" if is_command else level},
            "django.security.DisallowedHost": {"filters": ["hosts"]},
            "psycopg.pool": {"level": "WARNING"},  # INFO is two lines per request
            "_granian": {"level": "WARNING"},  # aido.supervisor logs starts and stops
            "urllib3": {"level": "ERROR"},  # WARNING is a line per retry
        },
    }
