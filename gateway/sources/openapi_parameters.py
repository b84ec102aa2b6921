"""Reads the parameters of an operation, of OpenAPI 3 and Swagger 2.0 alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_style import Parameter, Style, Where

_PLACES = get_args(Where)
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""Header parameters of these names are to be ignored (OpenAPI 3.1 §4.8.12.1)."""

_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "csv": ",", "ssv": "%20", "tsv": "%09", "pipes": "%7C"}
_HEADER_DELIMITERS = {"ssv": " ", "tsv": "\t", "pipes": "|"}
_STYLES: dict[str, Style] = {style: style for style in get_args(Style)}
_DEFAULT_STYLES: dict[Where, Style] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


class Read(msgspec.Struct, frozen=True):
    """A parameter with its schema, not yet translated."""

    parameter: Parameter
    schema: Located
    required: bool
    description: str | None


class BodyParameter(msgspec.Struct, frozen=True):
    """A parameter of Swagger 2.0 that is the body (`body`) or one of its fields (`formData`)."""

    name: str
    where: str
    part: Located
    required: bool


def parameters_of(library: Library, item: Located, operation: Located) -> tuple[list[Read], list[BodyParameter]]:
    """The operation's parameters and those of its path, which it may replace (same name, same place)."""
    found: dict[tuple[str, str], Located] = {}
    for owner in (item, operation):
        listed = owner.node.get("parameters")
        for node in listed if isinstance(listed, list) else []:
            part = library.follow(owner.below(node))
            if part is not None and isinstance(part.node, dict):
                name, where = part.node.get("name"), part.node.get("in")
                if isinstance(name, str) and name and isinstance(where, str):
                    found[name, where] = part
    taken: set[str] = set()
    plain = [_read(part, name, where, taken) for (name, where), part in _sent(found)]
    bodies = [
        BodyParameter(name, where, part, part.node.get("required") is True)
        for (name, where), part in found.items()
        if where in ("body", "formData")
    ]
    return plain, bodies


def _sent(found: dict[tuple[str, str], Located]) -> Iterator[tuple[tuple[str, Where], Located]]:
    """Path parameters first, so that they keep their names where one name is in two places."""
    for place in _PLACES:
        for (name, where), part in found.items():
            if where == place and not (where == "header" and name.lower() in _IGNORED_HEADERS):
                yield (name, place), part


def _read(part: Located, name: str, where: Where, taken: set[str]) -> Read:
    argument = name if name not in taken else f"{where}_{name}"
    taken.add(argument)
    content = part.node.get("content")
    description = part.node.get("description")
    if isinstance(content, dict) and content:
        media_type, media = next(iter(content.items()))
        schema = media.get("schema") if isinstance(media, dict) else None
        parameter = Parameter(name, argument, where, _DEFAULT_STYLES[where], explode=False, as_json="json" in media_type)
    else:
        schema = part.node.get("schema", part.node)
        parameter = _styled(part.node, name, argument, where)
    return Read(
        parameter=parameter,
        schema=part.below(schema if isinstance(schema, dict | bool) else {}),
        required=where == "path" or part.node.get("required") is True,
        description=description if isinstance(description, str) else None,
    )


def _styled(node: dict[str, Any], name: str, argument: str, where: Where) -> Parameter:
    written = node.get("style")
    collection = node.get("collectionFormat")
    style: Style = _STYLES.get(str(written), _DEFAULT_STYLES[where])
    explode = node.get("explode")
    if "schema" not in node and not isinstance(explode, bool):
        explode = collection == "multi"
    elif not isinstance(explode, bool):
        explode = written in (None, "form") and style == "form"
    delimiters = {**_DELIMITERS, **_HEADER_DELIMITERS} if where == "header" else _DELIMITERS
    return Parameter(
        name,
        argument,
        where,
        style,
        explode,
        delimiter=delimiters.get(written or collection or "", ","),
        spares_reserved=node.get("allowReserved") is True,
    )
