"""What a document calls: every `source.operation` and `intent.<name>` in it, those in keys included that are not in force yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.config.loaded import Loaded
from gateway.config.models import Gateway, Intent, Step
from gateway.sdk import Path


class Target(NamedTuple):
    """One call. `path` is where it is written, `below` the path of its arguments; `planned` tells whether planning looks at it too."""

    path: Path
    called: str
    arguments: Mapping[str, Any]
    below: Path
    planned: bool = True


def of_intent(intent: Intent) -> Iterator[Target]:
    """What an intent calls, publishes to, and undoes and notifies with."""
    for name, step in intent.steps.items():
        yield from of_step(step, ("steps", name))
    for index, notice in enumerate(intent.notify or ()):
        if notice.call is not None:
            at: Path = ("notify", index)
            yield Target((*at, "call"), notice.call, notice.with_, (*at, "with"), planned=False)


def of_step(step: Step, at: Path) -> Iterator[Target]:
    """What one step calls, its ladder and compensation included."""
    if step.call is not None:
        yield Target((*at, "call"), step.call, step.with_, (*at, "with"))
    if step.emit is not None:
        data = step.emit.data if isinstance(step.emit.data, dict) else {}
        yield Target((*at, "emit", "to"), step.emit.to, data, (*at, "emit", "data"))
    for number, rung in enumerate(step.fallback or ()):
        if rung.call is not None:
            below: Path = (*at, "fallback", number)
            yield Target((*below, "call"), rung.call, rung.with_, (*below, "with"))
    if step.compensate is not None:
        undo: Path = (*at, "compensate")
        yield Target((*undo, "call"), step.compensate.call, step.compensate.with_, (*undo, "with"), planned=False)


def of_gateway(gateway: Gateway) -> Iterator[Target]:
    """What `gateway.yaml` calls."""
    if gateway.handoff is not None:
        yield Target(("handoff", "call"), gateway.handoff.call, gateway.handoff.with_, ("handoff", "with"), planned=False)


def of_folder(loaded: Loaded) -> Iterator[Target]:
    """What all versions of all intents and `gateway.yaml` call."""
    for versions in loaded.intents.values():
        for parsed in versions:
            yield from of_intent(parsed.model)
    if loaded.gateway is not None:
        yield from of_gateway(loaded.gateway.model)


def sources_of(targets: Iterable[Target]) -> Iterator[tuple[str, str]]:
    """Source and operation of those that call one."""
    for target in targets:
        owner, _, name = target.called.partition(".")
        if owner != "intent":
            yield owner, name
