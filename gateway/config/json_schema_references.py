"""Checks that the references inside a JSON Schema lead somewhere, and not round in a circle without taking anything in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from gateway.config.faults import Faults
from gateway.config.json_schema_words import ONE_SCHEMA, SAME_PLACE, SCHEMA_LISTS, SCHEMA_MAPS
from gateway.config.wording import quoted
from gateway.sdk.problem import Path

_Edges = dict[int, list[tuple[Any, Path]]]


def check_references(schema: Any, path: Path, faults: Faults) -> None:
    """Reports references that lead nowhere or out of the schema at `path`. What isn't well-formed is passed over."""
    every = list(_schemas(schema, path))
    anchors = {"": schema} | {
        item[word]: item for item, _ in every for word in ("$anchor", "$dynamicAnchor") if isinstance(item.get(word), str)
    }
    edges: _Edges = {}
    for item, place in every:
        if "$id" in item and place != path:
            faults.add("GW106", "`$id` is only possible at the top of a JSON Schema", (*place, "$id"), key=True, hint="use `$anchor`")
        edges[id(item)] = [(below, place) for keyword in SAME_PLACE & item.keys() for below in _same_place(item, keyword)]
        for keyword in (word for word in ("$ref", "$dynamicRef") if isinstance(item.get(word), str)):
            target = _target(schema, anchors, item[keyword])
            if target is None:
                _nowhere(faults, item[keyword], (*place, keyword))
            elif isinstance(target, dict):
                edges[id(item)].append((target, (*place, keyword)))
    circle = _circle(every, edges)
    if circle is not None:
        faults.add("GW106", "this reference leads back to itself without taking anything in", circle)


def _schemas(schema: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Every mapping that is a schema, with its place."""
    waiting = [(schema, path)]
    while waiting:
        item, place = waiting.pop()
        if not isinstance(item, dict):
            continue
        yield item, place
        for keyword, value in item.items():
            if keyword in ONE_SCHEMA:
                waiting.append((value, (*place, keyword)))
            elif keyword in SCHEMA_LISTS and isinstance(value, list):
                waiting.extend((below, (*place, keyword, index)) for index, below in enumerate(value))
            elif keyword in SCHEMA_MAPS and isinstance(value, dict):
                waiting.extend((below, (*place, keyword, name)) for name, below in value.items())


def _same_place(schema: dict[str, Any], keyword: str) -> Iterator[dict[str, Any]]:
    """The schemas of a keyword that look at the very same value; references are followed elsewhere."""
    value = schema[keyword]
    below = value if isinstance(value, list) else value.values() if keyword in SCHEMA_MAPS and isinstance(value, dict) else [value]
    yield from (item for item in below if isinstance(item, dict))


def _target(schema: Any, anchors: dict[str, Any], reference: str) -> Any:
    """What `#/…` or `#anchor` refers to, or None."""
    if not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if not fragment.startswith("/"):
        return anchors.get(fragment)
    item = schema
    for step in fragment[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(item, dict) and name in item:
            item = item[name]
        elif isinstance(item, list) and name.isdecimal() and name.isascii() and len(name) < 7 and int(name) < len(item):
            item = item[int(name)]
        else:
            return None
    return item if isinstance(item, dict | bool) else None


def _nowhere(faults: Faults, reference: str, path: Path) -> None:
    if reference.startswith("#"):
        faults.add("GW106", f"{quoted(reference)} refers to nothing", path, hint="write `#/$defs/<name>`, and the schema below `$defs`")
    else:
        faults.add("GW106", f"{quoted(reference)} refers to another document", path, hint="copy that schema below `$defs`")


def _circle(every: list[tuple[dict[str, Any], Path]], edges: _Edges) -> Path | None:
    """The place of an edge that closes a circle, found depth first without recursion."""
    done: set[int] = set()
    for start, _ in every:
        open_nodes: set[int] = {id(start)}
        stack = [(id(start), iter(edges.get(id(start), ())))] if id(start) not in done else []
        while stack:
            node, following = stack[-1]
            below, place = next(following, (None, ()))
            if below is None:
                stack.pop()
                open_nodes.discard(node)
                done.add(node)
            elif id(below) in open_nodes:
                return place
            elif id(below) not in done:
                open_nodes.add(id(below))
                stack.append((id(below), iter(edges.get(id(below), ()))))
    return None
