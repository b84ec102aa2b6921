"""The few signs that accounts are drawn with."""

from __future__ import annotations

from typing import NamedTuple


class Drawing(NamedTuple):
    """`bar` fills a stretch of time between two `edge`s; `arrow` leads from one to the next."""

    bar: str
    edge: str
    arrow: str


ASCII = Drawing("#", "|", ">")
UNICODE = Drawing("\u2588", "\u2502", "\u2192")
"""For output that can hold all of Unicode."""
