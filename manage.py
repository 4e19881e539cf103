#!/usr/bin/env python3
"""Django's command line. Without configuration, it runs in development mode."""

import os
import sys

INTERRUPTED = 130  # as a shell reports an interrupted command


def exit_if_interrupted(unraisable):
    """Exit at a Ctrl-C that Python ignores: during the callback of a weak reference."""
    if unraisable.exc_type is KeyboardInterrupt:
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)


def main():
    sys.unraisablehook = exit_if_interrupted
    if sys.version_info < (3, 12):  # noqa: UP036  explains a wrong version
        sys.exit("aido needs Python 3.12 or newer; this is " + sys.version.split()[0])
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit(
            "Django is not installed for this Python: use `make run`, or run\n"
            "`pip install -r requirements.txt` in a virtual environment."
        )

    import aido
    from aido.database.errors import errors_as_messages
    from aido.imports import import_libraries

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
    aido.command = sys.argv[1] if len(sys.argv) > 1 else "help"
    with errors_as_messages(traceback="--traceback" in sys.argv):
        import_libraries()
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
