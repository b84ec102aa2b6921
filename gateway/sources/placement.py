"""Where the arguments of an HTTP operation go that no template mentions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gateway.sdk import Path, Services
from gateway.sources.header_rules import check_header_name
from gateway.sources.params import Used, is_open, properties_of
from gateway.sources.suggestion import did_you_mean

Where = Literal["path", "query", "header", "body"]
_PLACES = ("path", "query", "header", "body")
_QUERY_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})


class Placement(msgspec.Struct, frozen=True):
    """Arguments by where they are sent, under their own names; `rest` is where undeclared ones go."""

    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    rest: Literal["query", "body"] | None = None
    known: frozenset[str] = frozenset()

    def undeclared(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that go to `rest`."""
        return {name: value for name, value in arguments.items() if name not in self.known}


class Written(msgspec.Struct, frozen=True):
    """What the operation's author wrote: names in the path, keys of `query` and `headers`, whether there is a `body`."""

    method: str
    path_names: tuple[str, ...]
    used: Used
    query: frozenset[str]
    headers: frozenset[str]
    has_body: bool


def place_arguments(services: Services, written: Written, params: Mapping[str, Any], path: Path) -> Placement:
    """Decides for each declared argument; `path` is the operation's. What can't be sent is reported."""
    groups: dict[Where, list[str]] = {"path": [], "query": [], "header": [], "body": []}
    for name, schema in properties_of(params).items():
        where = _where(services, written, name, schema, (*path, "params", "properties", name))
        if where is not None:
            groups[where].append(name)
    default: Literal["query", "body"] = "query" if written.method in _QUERY_METHODS else "body"
    rest = default if is_open(params) and not written.used.everything else None
    if rest == "body" and written.has_body:
        rest = None
        message = "arguments that `params` doesn't declare are never sent, since `body` doesn't hold them"
        services.problem("GW241", message, path=(*path, "params", "additionalProperties"), severity="warning", key=True)
    return Placement(
        query=tuple(groups["query"]),
        headers=tuple(groups["header"]),
        body=tuple(groups["body"]),
        rest=rest,
        known=frozenset(properties_of(params)).union(written.path_names, written.used.names),
    )


def _where(services: Services, written: Written, name: str, schema: Any, path: Path) -> Where | None:
    """None: the argument is sent by the path or a template, or can't be sent (reported)."""
    stated = schema.get("in") if isinstance(schema, dict) else None
    if stated is not None and stated not in _PLACES:
        hint = did_you_mean(str(stated), _PLACES)
        services.problem("GW104", f"`in: {stated}` is not a place for an argument", path=(*path, "in"), hint=hint)
        return None
    if name in written.path_names:
        if stated not in (None, "path"):
            services.problem("GW244", f"`{name}` is named in the path and can't be placed in the {stated} too", path=(*path, "in"))
        return None
    if stated == "path":
        services.problem("GW244", f"the path has no place `{{{name}}}`", path=(*path, "in"), hint=did_you_mean(name, written.path_names))
        return None
    if written.used.covers(name):
        return None
    if stated is None and written.method not in _QUERY_METHODS and written.has_body:
        message = f"the argument `{name}` is never sent"
        hint = f"use `${{ args.{name} }}` in the body, or say `in: query` or `in: header`"
        services.problem("GW241", message, path=path, hint=hint, severity="warning", key=True)
        return None
    where: Where = stated or ("query" if written.method in _QUERY_METHODS else "body")
    return where if _free(services, written, name, where, path) else None


def _free(services: Services, written: Written, name: str, where: Where, path: Path) -> bool:
    taken = {
        "query": name in written.query,
        "header": name.lower() in written.headers,
        "body": written.has_body,
    }[where]
    if taken:
        key = "headers" if where == "header" else where
        message = f"the argument `{name}` would go to the {where}, where `{key}` writes something else"
        services.problem("GW244", message, path=path, hint=f"use `${{ args.{name} }}` there", key=True)
        return False
    return where != "header" or check_header_name(services, name, path)
