"""Log lines of JSON for the supervisor, with the standard library only."""

import json
import logging
import time


class JSONFormatter(logging.Formatter):
    """Format like `settings.LOGGING`, with the standard library only."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
            "time": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
        }
        return json.dumps(line)
