"""Sources, operations, transforms and internal intents that nothing names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.config.loaded import Loaded
from gateway.planner.planned import Planned
from gateway.planner.rules.understood import understood
from gateway.planner.targets import of_folder, sources_of


def check_documents(planned: Planned) -> None:
    """GW270, GW271, GW272 and GW275. Silent while anything has an error: it may name what seems unused."""
    if understood(planned):
        _check_sources(planned)
        _check_transforms(planned)
        _check_internal(planned)


def _check_sources(planned: Planned) -> None:
    called = set(sources_of(of_folder(planned.loaded)))
    owners = {source for source, _ in called} | set(_proxied(planned.loaded))
    for backend in planned.backends.all():
        name, document = backend.parsed.name, backend.parsed.document
        if name not in owners:
            planned.findings.report(
                document, "GW270", f"nothing uses source `{name}`", ("source",), hint="call it from a step, or take its document out",
                severity="warning",
            )  # fmt: skip
            continue
        asked = {config.batch.operation for config in backend.configs.values() if config.batch is not None}
        for operation in backend.configs:
            if (name, operation) not in called and operation not in asked:
                planned.findings.report(
                    document, "GW271", f"nothing calls `{name}.{operation}`", ("operations", operation), key=True,
                    hint="take it out, or call it from a step", severity="warning",
                )  # fmt: skip


def _proxied(loaded: Loaded) -> Iterator[str]:
    for parsed in loaded.routes.values():
        if parsed.model.proxy is not None:
            yield parsed.model.proxy.source


def _check_transforms(planned: Planned) -> None:
    loaded = planned.loaded
    documents = [parsed.document for versions in loaded.intents.values() for parsed in versions]
    documents += [parsed.document for parsed in (*loaded.routes.values(), *loaded.transforms.values(), *loaded.sources.values())]
    used = {name for document in documents for name in _transforms_in(document.data)}
    for name, parsed in loaded.transforms.items():
        if name not in used:
            planned.findings.report(
                parsed.document, "GW272", f"nothing uses transform `{name}`", ("transform",),
                hint="use it in a `transform` or `$use`, or take its document out", severity="warning",
            )  # fmt: skip


def _transforms_in(data: Any) -> Iterator[str]:
    """Every name below a `transform` or `$use`. At a document's top, `transform` is its own name."""
    waiting = list(data.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (name for key in ("transform", "$use") if isinstance(name := value.get(key), str))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _check_internal(planned: Planned) -> None:
    called = {target.called for target in of_folder(planned.loaded)}
    for parsed, plan in planned.sound_intents():
        if plan.access.internal and f"intent.{plan.name}" not in called and plan.name != _fallback(planned.loaded):
            planned.findings.report(
                parsed.document, "GW275", f"no intent calls `{plan.name}`, which is internal", ("intent",),
                hint="call it from a step, or take it out", severity="warning",
            )  # fmt: skip


def _fallback(loaded: Loaded) -> str | None:
    return None if loaded.gateway is None else loaded.gateway.model.fallback_intent
