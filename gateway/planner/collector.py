"""Python's collector of circles, kept away from what only grows.

Loading builds hundreds of thousands of objects and drops next to none. The collector would look through all of them again and again
as they grow in number; over 500 specs that was more than all other work together.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 100_000
"""Objects that are worth it; fewer are gone through in a few milliseconds."""
LARGE_HEAP = 5_000_000
"""Blocks of memory: about half a gigabyte."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is collected inside; afterwards the collector is as it was. What loading may build is bounded by its own limits.

    Where much was built it counts as old at once: else the first collection afterwards would go through all of it. What is old
    without having grown old makes no full collection due, so a process that loads again and again has one before it loads, once
    its heap is large. Where objects are frozen (something serves already) all that is left alone, since thawing is all or nothing.
    """
    was_enabled = gc.isenabled()
    if was_enabled and sys.getallocatedblocks() > LARGE_HEAP:
        gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled and gc.get_count()[0] > MANY and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        if was_enabled:
            gc.enable()
