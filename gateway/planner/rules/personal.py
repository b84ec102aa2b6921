"""Intents whose data belongs to somebody, and for which nobody has said who may have it.

By default everything is denied, so an intent that no rule names lets nobody in. It is told of all the same: the day somebody opens
it, its data is open. A policy that allows an intent, `access`, a `guard` or an `ensure` is a rule. A policy that allows it to
callers without a credential is none where an input picks out the data by a name that callers are known by: `input.customer_id`
beside callers who have a `customer_id` lets anybody read anybody's, and nothing compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import Intent
from gateway.planner.flows import FOR_EVERYBODY
from gateway.planner.mentions import Mentions
from gateway.planner.owners import Owners
from gateway.planner.planned import Planned
from gateway.planner.rules.understood import understood
from gateway.runtime.plan import IntentPlan
from gateway.sdk import EVERYBODY, Path

_KEYS = ("_id", "_no", "_number", "_key")
"""What the name of something ends with that picks out one record."""


class _Personal(NamedTuple):
    path: Path
    why: str


class _Known(NamedTuple):
    owners: Owners
    claims: frozenset[str]


def check_access(planned: Planned) -> None:
    """GW531, and GW543 for an intent that nobody may use and that has no personal data."""
    if ("policy", "roles") in planned.loaded.broken or planned.loaded.gateway is None:
        return
    known = _Known(Owners(planned), frozenset(_claims(planned.loaded)))
    unknown_callers = frozenset(_anonymous_roles(planned.loaded))
    whole = understood(planned)
    for parsed, plan in planned.sound_intents():
        if plan.access.internal or plan.checks or _has_condition(parsed.model) or _is_for_known(plan, unknown_callers):
            continue
        personal = next(_personal(planned, parsed, plan, known), None)
        if personal is not None:
            _report_personal(planned, parsed, plan, personal)
        elif not plan.access.roles and whole:
            _report_closed(planned, parsed, plan)


def _is_for_known(plan: IntentPlan, unknown_callers: frozenset[str]) -> bool:
    """Whether it is allowed to callers who are known, and not to just everybody."""
    return EVERYBODY not in (plan.access.grants or {}) and bool(plan.access.roles - unknown_callers)


def _report_closed(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan) -> None:
    why, hint = "no policy allows it, and its `access` names no role", f"allow `intent:{plan.name}` to a role"
    if plan.access.grants and plan.access.denied:
        why, hint = "a rule denies it to everybody who is allowed", f"narrow the rule in {next(iter(plan.access.denied.values())).rule}"
    planned.findings.report(
        parsed.document, "GW543", f"nobody may use `{plan.name}`: {why}", ("intent",),
        hint=f"{hint}, or write `access: {{internal: true}}`", severity="warning",
    )  # fmt: skip


def _report_personal(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, personal: _Personal) -> None:
    barrier = "compare it with `user` in a `guard` or an `ensure`"
    planned.findings.report(
        parsed.document,
        "GW531",
        f"{personal.why}, and no rule says who may have it",
        personal.path,
        key=personal.path != ("intent",),
        hint=barrier if plan.access.roles else f"allow `intent:{plan.name}` to a role, or {barrier}",
        severity="warning",
    )


def _has_condition(model: Intent) -> bool:
    access = model.access
    return bool(access.roles or access.scopes or access.when is not None or access.acr or access.max_age is not None)


def _personal(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, known: _Known) -> Iterator[_Personal]:
    """What makes an intent's data somebody's own. To callers who aren't known, only an input can pick out somebody."""
    mentions = Mentions("input", "user")
    mentions.add(parsed.document.data.get("steps"))
    declared: Any = plan.input_schema.get("properties") or {}
    for name in declared:
        if name in known.claims and mentions.reads("input", name) and not mentions.reads("user", name):
            yield _Personal(("input", "properties", name), f"`input.{name}` picks out one caller's data")
    for flow in planned.flows(parsed.document):
        classes = sorted({label.classification for label in flow.labels} - FOR_EVERYBODY)
        if flow.source is None and classes:
            yield _Personal(flow.path, f"the answer holds {' and '.join(classes)}")
    if not plan.access.roles:
        bound = known.owners.of_intent(plan)
        if bound.scope == "user":
            yield _Personal(("intent",), bound.why)


def _anonymous_roles(loaded: Loaded) -> Iterator[str]:
    """The roles of callers without a credential."""
    for entry in loaded.gateway.model.identity if loaded.gateway is not None else ():
        options = entry.get("anonymous")
        if isinstance(options, dict):
            yield from options.get("roles", ())


def _claims(loaded: Loaded) -> Iterator[str]:
    """The names by which callers are known and that pick out one of them: of tokens' `claims`, and of API keys' users."""
    for entry in loaded.gateway.model.identity if loaded.gateway is not None else ():
        for options in entry.values():
            if not isinstance(options, dict):
                continue
            named = [options.get("claims"), *(key.get("user") for key in options.get("keys", ()) if isinstance(key, dict))]
            for names in named:
                if isinstance(names, dict):
                    yield from (name for name in names if name.endswith(_KEYS))
