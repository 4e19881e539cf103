"""Serve aido, as in production: `python -m aido`."""

from aido.supervisor import main

if __name__ == "__main__":
    main()
