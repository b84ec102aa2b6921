"""Which of a caller's headers leave the gateway."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.loaded import Parsed
from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned
from gateway.sdk import HttpSourceConfig

MOST = 8
"""Headers that are passed on by one source."""

CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "x-auth-token", "x-access-token", "x-session-id", "x-csrf-token"})


def passed_credentials(planned: Planned, notes: Notes) -> None:
    """GA302: headers that credentials usually travel in, and those that this gateway knows callers by."""
    known = CREDENTIALS | set(_own(planned))
    for parsed, model in _forwarding(planned):
        for index, header in enumerate(model.forward):
            if header.lower() in known:
                notes.add("GA302", f"source `{parsed.name}` is sent the caller's `{header}`", parsed.document, ("forward", index))


def many_headers(planned: Planned, notes: Notes) -> None:
    """GA303"""
    for parsed, model in _forwarding(planned):
        if len(model.forward) > MOST:
            message = f"source `{parsed.name}` is sent {len(model.forward)} of the caller's headers"
            notes.add("GA303", message, parsed.document, ("forward",), key=True)


def _forwarding(planned: Planned) -> Iterator[tuple[Parsed[object], HttpSourceConfig]]:
    for parsed in planned.loaded.sources.values():
        if isinstance(parsed.model, HttpSourceConfig):
            yield parsed, parsed.model


def _own(planned: Planned) -> Iterator[str]:
    parsed = planned.loaded.gateway
    for entry in parsed.model.identity if parsed is not None else ():
        for kind, options in entry.items():
            if kind == "api_key":
                yield str((options or {}).get("header", "X-API-Key")).lower()
