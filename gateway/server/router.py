"""From path and method to what answers there: an exact dictionary, then a trie of segments. The most specific path wins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from gateway.server.paths import Segments

Target = TypeVar("Target")

PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
ANYTHING = "*"
REST = "**"


class Place(Generic[Target]):
    """What answers at one path template, by method; `names` are its parameters, in order."""

    __slots__ = ("methods", "names", "template")

    def __init__(self, template: str, names: tuple[str | None, ...]) -> None:
        self.template = template
        self.names = names
        self.methods: dict[str, Target] = {}


class Found(NamedTuple, Generic[Target]):
    """What answers, and the path's parameters."""

    target: Target
    parameters: Mapping[str, str]


class _Node(Generic[Target]):
    __slots__ = ("children", "here", "parameter", "rest")

    def __init__(self) -> None:
        self.children: dict[str, _Node[Target]] = {}
        self.parameter: _Node[Target] | None = None
        self.here: Place[Target] | None = None
        self.rest: Place[Target] | None = None


class Router(Generic[Target]):
    """Built once per plan. A segment as written is more specific than a parameter, a parameter than `**`."""

    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()
        self._exact: dict[Segments, Place[Target]] = {}

    def add(self, method: str, template: str, target: Target) -> None:
        """Adds one method of one template. Raises `ValueError` where it is taken, or `**` is not at the end."""
        segments = tuple(template[1:].split("/"))
        names = tuple(_name(segment) for segment in segments if _is_parameter(segment))
        place = self._place(segments, template, names)
        if method in place.methods or place.names != names:
            raise ValueError(f"{method} {template} is already taken by {place.template}")
        place.methods[method] = target
        if not names and segments[-1] != REST:
            self._exact[segments] = place

    def find(self, method: str, segments: Segments) -> Found[Target] | tuple[str, ...]:
        """What answers; else the methods that are allowed at this path, none where there is no such path.

        HEAD is answered by GET where nothing else answers it (RFC 9110 §9.3.2).
        """
        exact = self._exact.get(segments)
        if exact is not None and method in exact.methods:
            return Found(exact.methods[method], {})
        allowed: set[str] = set()
        for wanted in (method, "GET") if method == "HEAD" else (method,):
            for place, values in _walk(self._root, segments, 0, ()):
                if wanted in place.methods:
                    named = zip(place.names, values, strict=True)
                    return Found(place.methods[wanted], {name: value for name, value in named if name is not None})
                allowed |= place.methods.keys()
        return tuple(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))

    def _place(self, segments: Segments, template: str, names: tuple[str | None, ...]) -> Place[Target]:
        node = self._root
        for index, segment in enumerate(segments):
            if segment == REST:
                if index != len(segments) - 1:
                    raise ValueError(f"{template}: `**` stands at the end only")
                node.rest = node.rest or Place(template, names)
                return node.rest
            if _is_parameter(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        node.here = node.here or Place(template, names)
        return node.here


def _walk(node: _Node[Target], segments: Segments, index: int, values: tuple[str, ...]) -> Iterator[tuple[Place[Target], tuple[str, ...]]]:
    """Every place that these segments lead to, the most specific first. Each node is visited at most once."""
    if index == len(segments):
        if node.here is not None:
            yield node.here, values
    else:
        segment = segments[index]
        if segment in node.children:
            yield from _walk(node.children[segment], segments, index + 1, values)
        if node.parameter is not None and segment:
            yield from _walk(node.parameter, segments, index + 1, (*values, segment))
    if node.rest is not None:
        yield node.rest, values


def _is_parameter(segment: str) -> bool:
    return segment == ANYTHING or PARAMETER.fullmatch(segment) is not None


def _name(segment: str) -> str | None:
    match = PARAMETER.fullmatch(segment)
    return match[1] if match is not None else None
