"""Paths of API descriptions as vendors write them, and where their arguments go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from gateway.sources.openapi_library import Located
from gateway.sources.openapi_parameters import Read
from gateway.sources.openapi_style import Parameter


class WrittenPath(msgspec.Struct, frozen=True):
    """`text` is what a request line takes; `behind` are the places behind its `?`: name in the query by argument."""

    text: str
    behind: Mapping[str, str]


def path_of(written: str) -> WrittenPath:
    """Reads a path. `#` and what follows only tells operations of one path apart and is never sent (RFC 3986 §3.5)."""
    path, _, query = written.partition("#")[0].partition("?")
    behind: dict[str, str] = {}
    kept: list[str] = []
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name and "{" not in name and value.startswith("{") and value.endswith("}") and value.count("{") == 1:
            behind[value[1:-1]] = name
        else:
            kept.append(pair)
    return WrittenPath(f"{path}?{'&'.join(kept)}" if kept else path, behind)


def placed(parameters: Sequence[Read], names: Collection[str], behind: Mapping[str, str], operation: Located) -> Iterator[Read]:
    """The parameters that have a place, and for each place that the description forgot one that takes text.

    `names` are the places in the path. A parameter "in the path" whose place is behind `?` is sent in the query.
    """
    in_path = {read.parameter.name for read in parameters if read.parameter.where == "path"}
    in_query = {read.parameter.name for read in parameters if read.parameter.where == "query"}
    for read in parameters:
        own = read.parameter
        if own.where != "path" or own.name in names:
            yield read
        elif own.name in behind:
            yield msgspec.structs.replace(read, parameter=_in_query(behind[own.name], own.argument))
    for name in names:
        if name not in in_path:
            yield _text(Parameter(name, name, "path", "simple", explode=False), operation)
    for argument, name in behind.items():
        if argument not in in_path and name not in in_query:
            yield _text(_in_query(name, argument), operation)


def _in_query(name: str, argument: str) -> Parameter:
    return Parameter(name, argument, "query", "form", explode=True)


def _text(parameter: Parameter, operation: Located) -> Read:
    return Read(parameter, operation.below({"type": "string"}), True, None)
