"""The project: how the service is configured, and how it runs."""

command: str | None = None
"""The subcommand of manage.py that this process runs ("test" under pytest), or None
in a web server. Settings fall back on development values only for a command."""
