"""Python's collector of circles, kept away from what only grows.

Loading builds hundreds of thousands of objects and drops next to none. The collector would look through all of them again and again
as they grow in number; over 500 specs that was more than all other work together.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is collected inside; afterwards the collector is as it was. What loading may build is bounded by its own limits.

    What was built counts as old at once: else the first collection afterwards would go through all of it. Where objects are frozen
    (something serves already) that is left alone, since thawing is all or nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        if was_enabled:
            gc.enable()
