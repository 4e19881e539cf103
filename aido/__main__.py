"""Serve aido, as in production: `python -m aido`."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the supervisor handles it
    from aido.supervisor import main

    main()
