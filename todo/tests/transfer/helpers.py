"""Measure memory."""

import tracemalloc
from collections.abc import Callable


def peak_memory(function: Callable[[], object]) -> int:
    """Return how many bytes were allocated at most while the function ran."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
