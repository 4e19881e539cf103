"""Read the file .env into the environment."""

import os
from io import StringIO
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_dotenv(path: Path) -> None:
    """Add the variables in a .env file to the environment, which takes precedence.

    Of several lines with the same key the last one counts, as in a shell.
    Raises ImproperlyConfigured; the message never shows a line, which may be a secret.
    """
    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f".env cannot be read: {error}") from None
    from dotenv.parser import parse_stream  # here, because containers have no .env

    values: dict[str, str] = {}
    # python-dotenv itself only logs a warning for an invalid line.
    for binding in parse_stream(StringIO(content)):
        if binding.error or (binding.key and binding.value is None):
            number = _line_number(binding.original.string, binding.original.line)
            raise ImproperlyConfigured(f"Line {number} of .env is not KEY=VALUE.")
        if binding.key:
            values[binding.key] = binding.value or ""
    for key, value in values.items():
        os.environ.setdefault(key, value)


def _line_number(string: str, first: int) -> int:
    """Return the number of the first line that is not blank."""
    before = string[: -len(string.lstrip()) or None]
    return first + before.count("\n")
