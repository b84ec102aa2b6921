"""What a description gives away about paging, caching, idempotency and batching. Only proposals: a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gateway.importing.answer import Answer, answer_of, type_of
from gateway.importing.survey import Offered, Survey
from gateway.sources.openapi_parameters import Read

_CURSORS = frozenset({
    "after", "continuationtoken", "cursor", "marker", "nextcursor", "nextpagetoken", "nexttoken", "pagecursor", "pagetoken", "skiptoken",
    "startingafter",
})  # fmt: skip
_PAGES = frozenset({"page", "pageindex", "pageno", "pagenumber", "pagenum"})
_OFFSETS = frozenset({"offset", "skip", "start", "startat", "startindex"})
_SIZES = frozenset({
    "count", "limit", "maxresults", "pagelimit", "pagesize", "perpage", "results", "size", "top",
})  # fmt: skip
_NEXT = frozenset({
    "aftercursor", "continuationtoken", "cursor", "endcursor", "marker", "next", "nextcursor", "nextmarker", "nextpage", "nextpagetoken",
    "nexttoken",
})  # fmt: skip
_FRESHNESS = frozenset({"cache-control", "etag", "expires", "last-modified"})
_LARGEST_PAGE = 1_000
_LARGEST_BATCH = 50
_PATH_END = re.compile(r"(.+)/\{([^{}/]+)\}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class Proposal(msgspec.Struct, frozen=True):
    """One key for one operation. `why` names what in the description speaks for it."""

    operation: str
    key: str
    value: dict[str, Any]
    why: str


def propose(survey: Survey, selected: Sequence[Offered]) -> list[Proposal]:
    """The proposals for the selected operations, in their order. Other operations serve as the other side of a batch."""
    lists = {offered.entry.path: offered for offered in survey.operations if offered.entry.method == "GET" and offered.writable}
    found: list[Proposal] = []
    for offered in selected:
        if not offered.writable:
            continue
        if offered.effect == "write":
            found += _idempotency(offered)
        elif offered.entry.method == "GET":
            answer = answer_of(survey, offered)
            found += [*_batch(survey, offered, answer, lists.get), *_paginate(survey, offered, answer), *_cache(offered, answer)]
    return found


def _parameters(offered: Offered, where: str) -> list[Read]:
    return [read for read in (offered.shape.parameters if offered.shape else ()) if read.parameter.where == where]


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _idempotency(offered: Offered) -> Iterator[Proposal]:
    for read in _parameters(offered, "header"):
        name = read.parameter.name
        if "idempotency" in _folded(name) and re.fullmatch(r"[A-Za-z0-9-]+", name):
            yield Proposal(offered.name, "idempotency", {"header": name}, f"it takes the header {name}")
            return


def _cache(offered: Offered, answer: Answer) -> Iterator[Proposal]:
    told = sorted(answer.headers & _FRESHNESS)
    if told:
        yield Proposal(offered.name, "cache", {"ttl": "auto"}, f"its answer carries {', '.join(told)}")


def _paginate(survey: Survey, offered: Offered, answer: Answer) -> Iterator[Proposal]:
    """A list in the answer, and a parameter that by its name goes through it."""
    if answer.rows is None or (answer.rows.field is not None and not _FIELD.fullmatch(answer.rows.field)):
        return
    query = {_folded(read.parameter.name): read for read in _parameters(offered, "query")}
    items = "body" if answer.rows.field is None else f"body.{answer.rows.field}"
    cursor, page, offset, size = (_first(query, names) for names in (_CURSORS, _PAGES, _OFFSETS, _SIZES))
    onward = next((name for name in answer.members if _folded(name) in _NEXT and _FIELD.fullmatch(name)), None)
    value: dict[str, Any]
    if cursor is not None and onward is not None:
        value = {"style": "cursor", "items": items, "next": f"body.{onward}", "param": cursor.parameter.argument}
    elif page is not None and (size is not None or type_of(survey.library, page.schema) in ("integer", "number")):
        value = {"style": "page", "items": items, "param": page.parameter.argument}
    elif offset is not None and size is not None:
        value = {"style": "offset", "items": items, "param": offset.parameter.argument}
    else:
        return
    most = _most(size) if size is not None else None
    if most is not None:
        value["page_size"] = most
    yield Proposal(offered.name, "paginate", value, f"it takes {value['param']}")


def _first(query: dict[str, Read], names: frozenset[str]) -> Read | None:
    return next((read for name, read in query.items() if name in names), None)


def _most(size: Read) -> int | None:
    """The largest page that the description allows."""
    node = size.schema.node if isinstance(size.schema.node, dict) else {}
    most = node.get("maximum", node.get("default"))
    return most if isinstance(most, int) and not isinstance(most, bool) and 0 < most <= _LARGEST_PAGE else None


def _batch(survey: Survey, offered: Offered, answer: Answer, at_path: Any) -> Iterator[Proposal]:
    """`GET /pets/{id}` beside `GET /pets?ids=…` whose rows have all that the single answer has, the key among it."""
    split = _PATH_END.fullmatch(offered.entry.path)
    several = at_path(split.group(1)) if split is not None else None
    needed = [read for read in (offered.shape.parameters if offered.shape else ()) if read.required]
    if split is None or several is None or len(needed) != 1 or not answer.members:
        return
    key = needed[0]
    listed = answer_of(survey, several).rows
    if listed is None or not answer.members.keys() <= listed.members.keys():
        return
    if listed.field is not None and not _FIELD.fullmatch(listed.field):
        return
    field = next((name for name in _key_fields(key.parameter.name) if name in listed.members), None)
    param = next((read for read in _parameters(several, "query") if _takes_keys(survey, read, key)), None)
    if field is None or param is None or any(read.required and read is not param for read in several.shape.parameters):
        return
    if type_of(survey.library, listed.members[field]) != type_of(survey.library, key.schema):
        return
    value: dict[str, Any] = {"operation": several.name, "param": param.parameter.argument}
    if type_of(survey.library, param.schema) == "string":
        value["join"] = ","
    rows = "body" if listed.field is None else f"body.{listed.field}"
    value |= {"max": _keys_at_once(several), "rows": rows, "match": {key.parameter.argument: field}}
    yield Proposal(offered.name, "batch", value, f"{several.name} takes many at once")


def _keys_at_once(several: Offered) -> int:
    """No more keys than the list has rows on a page where nobody asks for a size."""
    size = _first({_folded(read.parameter.name): read for read in _parameters(several, "query")}, _SIZES)
    node = size.schema.node if size is not None and isinstance(size.schema.node, dict) else {}
    usual = node.get("default", node.get("maximum"))
    return usual if isinstance(usual, int) and not isinstance(usual, bool) and 0 < usual < _LARGEST_BATCH else _LARGEST_BATCH


def _key_fields(name: str) -> list[str]:
    """How the key may be called in a row: `petId` is `petId` or `id` there."""
    return [name, "id"] if _folded(name).endswith("id") else [name]


def _takes_keys(survey: Survey, read: Read, key: Read) -> bool:
    """Whether a parameter by its name and type takes many keys: a list, or one text whose name is a plural."""
    name = _folded(key.parameter.name)
    plurals = {f"{name}s", "ids" if name.endswith("id") else f"{name}s"}
    kind = type_of(survey.library, read.schema)
    own = _folded(read.parameter.name)
    return (kind == "array" and own in plurals | {name, "id" if name.endswith("id") else name}) or (kind == "string" and own in plurals)
