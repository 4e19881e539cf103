"""The Django project: configuration, infrastructure and the command line."""

__version__ = "0.1.0"

command: str | None = None
"""The manage.py subcommand of this process ("test" under pytest), or None in a web
server. Only commands may use development defaults."""
