"""A look at what an operation answers: only the top of its schema, however large the rest is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.importing.survey import Offered, Survey
from gateway.sources.openapi_body import Members, object_members
from gateway.sources.openapi_library import Library, Located, map_at
from gateway.sources.openapi_operation import success_of


class Rows(msgspec.Struct, frozen=True):
    """A list in an answer: `field` holds it, None where the answer itself is the list. `members` are those of one row."""

    field: str | None
    members: Mapping[str, Located]


class Answer(msgspec.Struct, frozen=True):
    """`members` by name, `rows` where there is exactly one list of objects, `headers` in lower case as far as described."""

    members: Mapping[str, Located] = {}
    rows: Rows | None = None
    headers: frozenset[str] = frozenset()


def answer_of(survey: Survey, offered: Offered) -> Answer:
    """What the description says of the first 2xx answer in JSON; all empty where it says nothing."""
    library = survey.library
    success = success_of(library, offered.entry, survey.index.version)
    if success is None:
        return Answer()
    headers = frozenset(name.lower() for name in map_at(success.response.node, "headers"))
    whole = _items(library, success.schema)
    if whole is not None:
        return Answer(rows=Rows(None, _members(library, whole)), headers=headers)
    members = _members(library, success.schema)
    lists = {name: items for name, part in members.items() if (items := _items(library, part)) is not None}
    rows = [Rows(name, row) for name, items in lists.items() if (row := _members(library, items))]
    return Answer(members, rows[0] if len(rows) == 1 else None, headers)


def type_of(library: Library, part: Located) -> str | None:
    """The type of a schema, null aside; None where it may be several or isn't said."""
    target = library.follow(part)
    node = target.node if target is not None and isinstance(target.node, dict) else {}
    written: Any = node.get("type")
    kinds = [kind for kind in (written if isinstance(written, list) else [written]) if kind != "null"]
    return kinds[0] if len(kinds) == 1 and isinstance(kinds[0], str) else None


def _members(library: Library, part: Located) -> Mapping[str, Located]:
    found: Members | None = object_members(library, part, "writeOnly")
    return {} if found is None else found.properties


def _items(library: Library, part: Located) -> Located | None:
    """The schema of a list's items; None for what is no list."""
    target = library.follow(part)
    node = target.node if target is not None else None
    if target is None or not isinstance(node, dict) or "items" not in node or node.get("type", "array") != "array":
        return None
    return target.below(node["items"])
