"""Calls in keys that planning leaves alone until they are in force: compensations, notices, the handoff, proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import Route
from gateway.planner.backends import Backend, report_operation
from gateway.planner.compiler import Compiler
from gateway.planner.planned import Planned
from gateway.planner.targets import Target, of_gateway, of_intent
from gateway.sdk import Path


def check_calls(planned: Planned) -> None:
    """GW222, GW223, GW224, GW227 and GW232."""
    for versions in planned.loaded.intents.values():
        for parsed in versions:
            for target in of_intent(parsed.model):
                if not target.planned:
                    _check_target(planned, parsed, target)
    if planned.loaded.gateway is not None:
        for target in of_gateway(planned.loaded.gateway.model):
            _check_target(planned, planned.loaded.gateway, target)
    for route in planned.loaded.routes.values():
        _check_proxy(planned, route)


def _check_target(planned: Planned, parsed: Parsed[Any], target: Target) -> None:
    owner, _, name = target.called.partition(".")
    document, findings = parsed.document, planned.findings
    place = document.place_in_text(target.path, 0, len(owner))
    if owner == "intent":
        intents = planned.loaded.names("intent")
        if name not in intents:
            place = document.place_in_text(target.path, len("intent."), len(target.called))
            findings.unknown(document, "GW227", "intent", name, known=intents, path=target.path, place=place)
        return
    backend = planned.backends.get(owner)
    if backend is not None:
        _check_operation(planned, parsed, backend, name, target)
    elif owner not in planned.backends.names():
        known = [*planned.backends.names(), "intent"]
        findings.unknown(document, "GW222", "source", owner, known=known, path=target.path, place=place)


def _check_operation(planned: Planned, parsed: Parsed[Any], backend: Backend, name: str, target: Target) -> None:
    before = len(planned.findings.problems)
    operation = backend.operation(name)
    if operation is None:
        report_operation(backend, name, _compiler(planned, parsed), target.path, before)
        return
    declared: Mapping[str, Any] = operation.params.get("properties") or {}
    if operation.params.get("additionalProperties", False) is not False:
        return
    for argument in target.arguments:
        if argument not in declared:
            path: Path = (*target.below, argument)
            planned.findings.unknown(parsed.document, "GW224", "argument", argument, known=declared, path=path, of=operation.id, key=True)


def _check_proxy(planned: Planned, parsed: Parsed[Route]) -> None:
    proxy = parsed.model.proxy
    if proxy is None:
        return
    if proxy.source not in planned.backends.names():
        known = planned.backends.names()
        planned.findings.unknown(parsed.document, "GW222", "source", proxy.source, known=known, path=("proxy", "source"))
    transforms = planned.loaded.names("transform")
    for key, name in (("request", proxy.request.transform), ("response", proxy.response.transform)):
        if name is not None and name not in transforms:
            path: Path = ("proxy", key, "transform")
            planned.findings.unknown(parsed.document, "GW232", "transform", name, known=transforms, path=path)


def _compiler(planned: Planned, parsed: Parsed[Any]) -> Compiler:
    """For its document and findings only: nothing is compiled."""
    return Compiler(parsed.document, planned.findings, functions={}, transforms={})
