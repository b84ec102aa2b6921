"""Lays one document over another: maps merge, lists and values replace, null removes. Positions survive (language §1)."""

from __future__ import annotations

from gateway.config.nodes import Mapping, Node, Scalar


def lay_over(base: Node, over: Node) -> Node:
    """`base` with `over` laid upon it; every value keeps the place where it was written.

    A null removes the key from a map that is merged. A map that `base` lacks is taken as written, its nulls included, so that
    a null that is data (such as an argument) can be added.
    """
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    entries = dict(base.entries)
    for name, (key, value) in over.entries.items():
        if isinstance(value, Scalar) and value.value is None:
            entries.pop(name, None)
        elif name in entries:
            below = entries[name][1]
            merges = isinstance(below, Mapping) and isinstance(value, Mapping)
            entries[name] = (entries[name][0] if merges else key, lay_over(below, value))
        else:
            entries[name] = (key, value)
    return Mapping(base.text, base.start, base.end, base.flow, entries)
