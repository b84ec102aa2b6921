"""How OpenAPI parameters are written into a request: the styles of OpenAPI 3 and the collection formats of Swagger 2.0.

Every value is percent-encoded, also with `allowReserved`, which only spares characters that can't start another parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from gateway.sdk import InvalidRequest
from gateway.sources.wire_text import header_value, json_of, path_value, percent_encoded, text_of

Where = Literal["path", "query", "header", "cookie"]
Style = Literal["form", "simple", "label", "matrix", "deepObject"]

_SPARED = ":/?@!$'()*,;"
_MAX_DEPTH = 16


class Parameter(msgspec.Struct, frozen=True):
    """A parameter as it is sent: `name` in the request, `argument` in the gateway. `delimiter` joins a list that is not exploded,
    already encoded. `as_json` sends the value as JSON text."""

    name: str
    argument: str
    where: Where
    style: Style
    explode: bool
    delimiter: str = ","
    spares_reserved: bool = False
    as_json: bool = False


def path_text(parameter: Parameter, value: Any) -> str:
    """The encoded text for the parameter's place in the path (styles simple, label, matrix)."""
    if parameter.as_json and value is not None:
        return path_value(parameter.argument, json_of(value).decode())
    parts = list(_path_parts(parameter, value))
    if not parts:
        raise InvalidRequest(f"`{parameter.argument}` must not be empty.")
    exploded = parameter.explode and isinstance(value, list | dict)
    if parameter.style == "label":
        return "." + ("." if exploded else ",").join(parts)
    if parameter.style == "matrix":
        named = parts if exploded and isinstance(value, dict) else [f"{percent_encoded(parameter.name)}={part}" for part in parts]
        return ";" + ";".join(named if exploded else [f"{percent_encoded(parameter.name)}={','.join(parts)}"])
    return parameter.delimiter.join(parts)


def _path_parts(parameter: Parameter, value: Any) -> Iterator[str]:
    name = parameter.argument
    if isinstance(value, dict):
        for key, item in value.items():
            if item is not None and parameter.explode:
                yield f"{path_value(name, key)}={path_value(name, item)}"
            elif item is not None:
                yield from (path_value(name, key), path_value(name, item))
    elif isinstance(value, list):
        yield from (path_value(name, item) for item in value if item is not None)
    else:
        yield path_value(name, value)


def query_texts(parameter: Parameter, value: Any) -> list[str]:
    """The encoded `name=value` pairs (styles form, spaceDelimited, pipeDelimited, deepObject); none for null."""
    if value is None:
        return []
    name = percent_encoded(parameter.name)
    if parameter.as_json:
        return [f"{name}={percent_encoded(json_of(value).decode())}"]
    if isinstance(value, dict) and parameter.style == "deepObject":
        return list(_deep(parameter.name, value, 0))
    parts = list(_flat(parameter, value))
    if isinstance(value, dict) and parameter.explode:
        return parts
    if isinstance(value, list) and parameter.explode:
        return [f"{name}={part}" for part in parts]
    return [f"{name}={parameter.delimiter.join(parts)}"] if parts else []


def _flat(parameter: Parameter, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if item is not None and parameter.explode:
                yield f"{_encoded(parameter, key)}={_encoded(parameter, item)}"
            elif item is not None:
                yield from (_encoded(parameter, key), _encoded(parameter, item))
    elif isinstance(value, list):
        yield from (_encoded(parameter, item) for item in value if item is not None)
    else:
        yield _encoded(parameter, value)


def _deep(name: str, value: Any, depth: int) -> Iterator[str]:
    """`name[key]=value`, as deep as the value is; lists repeat their name."""
    if depth > _MAX_DEPTH:
        raise InvalidRequest("An argument is nested too deeply.")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}[{key}]", item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _deep(name, item, depth + 1)
    elif value is not None:
        yield f"{percent_encoded(name)}={percent_encoded(text_of(value))}"


def _encoded(parameter: Parameter, value: Any) -> str:
    return percent_encoded(text_of(value), _SPARED if parameter.spares_reserved else "")


def header_text(parameter: Parameter, value: Any) -> str:
    """The value of a header (style simple)."""
    if parameter.as_json:
        return header_value(parameter.name, json_of(value).decode())
    return header_value(parameter.name, parameter.delimiter.join(_members(value, explode=parameter.explode)))


def _members(value: Any, *, explode: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if item is not None and explode:
                yield f"{key}={text_of(item)}"
            elif item is not None:
                yield from (key, text_of(item))
    elif isinstance(value, list):
        yield from (text_of(item) for item in value if item is not None)
    else:
        yield text_of(value)


def cookie_header(parameters: Iterable[tuple[Parameter, Any]]) -> str | None:
    """The `Cookie` header (RFC 6265 §4.2.1) of all cookie parameters, values percent-encoded; None where all are null."""
    pairs = [pair for parameter, value in parameters for pair in query_texts(parameter, value)]
    return "; ".join(pairs) or None
