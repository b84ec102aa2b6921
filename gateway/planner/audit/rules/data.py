"""Personal data on its way into answers."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.models.policies import MaskingPolicy
from gateway.planner.audit.notes import Notes
from gateway.planner.audit.personal import fields, names_personal
from gateway.planner.backends import Backend
from gateway.planner.explain.calls import shared
from gateway.planner.planned import Planned
from gateway.runtime.plan import CallOperation
from gateway.sdk import Path

MOST_NAMES = 5


def unclassified_data(planned: Planned, notes: Notes) -> None:
    """GA401, for operations that intents call; one finding an operation."""
    for backend, operation in _called(planned):
        bound = backend.source.operation(operation)
        if bound is None or _class_of(backend, operation) is not None:
            continue
        found = [field for field in fields(bound.output_schema) if field.classification is None and names_personal(field.name)]
        if found:
            told = ", ".join(f"`{name}`" for name in list(dict.fromkeys(field.name for field in found))[:MOST_NAMES])
            message = f"`{backend.parsed.name}.{operation}` answers {told} without a classification"
            notes.add("GA401", message, backend.parsed.document, _path(backend, operation, found[0].path), key=True)


def unmasked_data(planned: Planned, notes: Notes) -> None:
    """GA402, one finding for each class of a source."""
    policies = [policy.model for policy in planned.loaded.policies if isinstance(policy.model, MaskingPolicy)]
    masked = {rule.classification for policy in policies for rule in policy.rules}
    for backend, operation in _called(planned):
        for named, path in _classes(backend, operation):
            if named not in masked:
                message = f"`{backend.parsed.name}.{operation}` answers `{named}`, and no rule masks it"
                notes.add("GA402", message, backend.parsed.document, path)


def stale_personal(planned: Planned, notes: Notes) -> None:
    """GA403, at the operation or the step that says so."""
    for backend, operation in _called(planned):
        cache = backend.config(operation).cache
        if cache is None or cache.stale_if_error is None:
            continue
        if cache.scope == "user" or shared(tuple(backend.involved(operation))) == "caller":
            message = f"answers of `{backend.parsed.name}.{operation}` are personal, and may be {cache.stale_if_error:g}s old"
            notes.add("GA403", message, backend.parsed.document, ("operations", operation, "cache", "stale_if_error"))
    for parsed, _ in planned.sound_intents():
        cache = parsed.model.cache
        if cache is not None and cache.stale_if_error is not None and cache.scope == "user":
            message = f"answers of intent `{parsed.name}` are personal, and may be {cache.stale_if_error:g}s old"
            notes.add("GA403", message, parsed.document, ("cache", "stale_if_error"))


def _called(planned: Planned) -> list[tuple[Backend, str]]:
    """Every operation that a step or a rung calls, once."""
    found: dict[tuple[str, str], tuple[Backend, str]] = {}
    for intent in planned.intents.values():
        for step in intent.steps:
            for call in (step.action, *(rung.call for rung in step.ladder)):
                backend = planned.backends.get(call.operation.source) if isinstance(call, CallOperation) else None
                if backend is not None and isinstance(call, CallOperation):
                    found[call.operation.source, call.operation.name] = backend, call.operation.name
    return [found[key] for key in sorted(found)]


def _classes(backend: Backend, operation: str) -> Iterator[tuple[str, Path]]:
    """Each class that an operation's answers have, and where it is written."""
    named = backend.config(operation).classification
    if named is not None:
        yield named, ("operations", operation, "classification")
    elif backend.parsed.model.default_classification is not None:
        yield backend.parsed.model.default_classification, ("default_classification",)
    bound = backend.source.operation(operation)
    for field in fields(bound.output_schema) if bound is not None else ():
        if field.classification is not None:
            yield field.classification, _path(backend, operation, (*field.path, "classification"))


def _class_of(backend: Backend, operation: str) -> str | None:
    return backend.config(operation).classification or backend.parsed.model.default_classification


def _path(backend: Backend, operation: str, below: Path) -> Path:
    """In the operation's schema where the document writes it, else at the operation, or at the API description."""
    if isinstance(backend.config(operation).output_schema, dict):
        return ("operations", operation, "output_schema", *below)
    return ("operations", operation) if operation in (backend.parsed.document.data.get("operations") or {}) else ("spec",)
