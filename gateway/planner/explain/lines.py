"""What documents say, as lines with their places. Values are shown as they are written, never as the environment fills them in."""

from __future__ import annotations

import json
from typing import Any

from gateway.config.document import Document
from gateway.config.nodes import Node, child, plain
from gateway.planner.explain.account import Line
from gateway.planner.planned import Planned
from gateway.sdk import Path, Place

NOT_YET = "GW110"
"""The warning that stands where something is written that this release doesn't apply."""


class Lines:
    """Makes lines; knows what is not in force yet."""

    def __init__(self, planned: Planned) -> None:
        found = planned.loaded.problems
        self._waiting = {spot(problem.place) for problem in found if problem.code == NOT_YET}

    def at(self, document: Document, path: Path, text: str) -> Line:
        """A line about the key at `path`."""
        place = document.place(path, key=True)
        return Line(text, spot(place), in_force=not self._waiting & {spot(place), spot(document.place(path))})

    def key(self, document: Document, path: Path) -> Line | None:
        """What is written at `path`, with its key's name; None where nothing is."""
        value = written(document, path)
        return None if value is None else self.at(document, path, f"{path[-1]} {value}")


def spot(place: Place) -> str:
    """`file:line`."""
    return f"{place.file}:{place.line}"


def written(document: Document, path: Path) -> str | None:
    """The value at `path` as the file has it, lists and mappings as JSON."""
    node: Node | None = document.root
    for step in path:
        node = child(node, step) if node is not None else None
    return None if node is None else brief(plain(node))


def brief(value: Any) -> str:
    """A value on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
