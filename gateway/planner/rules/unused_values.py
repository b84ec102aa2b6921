"""Inputs, `let` members, keys of `config` and flags that no expression reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.config.document import Document
from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import FlagsPolicy, Intent
from gateway.planner.mentions import Mentions, without
from gateway.planner.planned import Planned
from gateway.planner.rules.policies import of_kind
from gateway.planner.rules.understood import understood
from gateway.runtime.plan import IntentPlan, Let

WORDS = frozenset({"input", "summary", "description", "examples", "tags"})
"""Keys of an intent that are words for people, or that declare what is looked for."""


def check_values(planned: Planned) -> None:
    """GW273 and GW274, which look at one document; GW276 and GW277, which are silent while anything has an error."""
    shared = Mentions("config", "flags")
    for parsed, plan in planned.sound_intents():
        mentions = Mentions("input", "steps", "config", "flags")
        mentions.add(without(parsed.document.data, WORDS))
        shared.merge(mentions, "config", "flags")
        _check_inputs(planned, parsed, plan, mentions)
        _check_lets(planned, parsed, plan, mentions)
    if understood(planned):
        _check_shared(planned, shared)


def _check_inputs(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, mentions: Mentions) -> None:
    """An input with one possible value is there to be checked, not to be read."""
    declared: Any = plan.input_schema.get("properties") or {}
    for name, schema in declared.items():
        fixed = isinstance(schema, dict) and "const" in schema
        if not fixed and not mentions.reads("input", name):
            planned.findings.report(
                parsed.document, "GW273", f"nothing reads input `{name}`", ("input", "properties", name), key=True,
                hint=f"use `input.{name}`, or take it out", severity="warning",
            )  # fmt: skip


def _check_lets(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, mentions: Mentions) -> None:
    for step in plan.steps:
        if not isinstance(step.action, Let) or step.output is not None or step.transforms:
            continue
        for name, _ in step.action.members:
            if not mentions.reads("steps", step.id, name):
                planned.findings.report(
                    parsed.document, "GW274", f"nothing reads `steps.{step.id}.{name}`", ("steps", step.id, "let", name), key=True,
                    hint="use it, or take it out", severity="warning",
                )  # fmt: skip


def _check_shared(planned: Planned, mentions: Mentions) -> None:
    if planned.loaded.gateway is None:
        return
    for data in _read_by(planned.loaded):
        mentions.add(data)
    gateway = planned.loaded.gateway
    for name in gateway.model.config:
        if not mentions.reads("config", name):
            planned.findings.report(
                gateway.document, "GW276", f"nothing reads `config.{name}`", ("config", name), key=True,
                hint=f"use `config.{name}`, or take it out", severity="warning",
            )  # fmt: skip
    for name, document in _flags(planned.loaded):
        if not mentions.reads("flags", name):
            planned.findings.report(
                document, "GW277", f"nothing reads flag `{name}`", ("flags", name), key=True,
                hint=f"use `flags.{name}`, or take it out", severity="warning",
            )  # fmt: skip


def _read_by(loaded: Loaded) -> Iterator[Any]:
    """The data of everything that may hold expressions besides the highest versions of intents; `config` itself holds none."""
    for versions in loaded.intents.values():
        for parsed in versions[:-1]:
            yield without(parsed.document.data, WORDS)
    for other in (*loaded.sources.values(), *loaded.routes.values(), *loaded.transforms.values(), *loaded.policies):
        yield without(other.document.data, {"policy", "summary"})
    if loaded.gateway is not None:
        yield without(loaded.gateway.document.data, {"config"})


def _flags(loaded: Loaded) -> Iterator[tuple[str, Document]]:
    for policy in of_kind(loaded, FlagsPolicy):
        yield from ((name, policy.document) for name in policy.model.flags)
