"""`guard` and `ensure`: barriers that pass only on true; and whether a sub-intent may be asked."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.runtime.denial import Denied
from gateway.runtime.plan import Check, IntentPlan
from gateway.sdk import Caller, ExpressionFault, GatewayError, NotFound, Scope

CALLER_ROOTS = ("user", "tenant", "ctx", "config", "session", "flags")
"""The roots that a sub-intent has of whoever asks for it."""


def enforce(checks: Iterable[Check], scope: Scope, step: str | None = None) -> None:
    """Raises `Denied` at the first check that isn't true: false, unknown and a faulty expression all deny."""
    for check in checks:
        try:
            passed = check.condition(scope) is True
        except ExpressionFault:
            passed = False
        if not passed:
            raise Denied(_error(check.deny, step), check.place, step)


def admit(intent: IntentPlan, caller: Caller, scope: Scope) -> None:
    """Whether `caller` may use a sub-intent. Raises `Denied`."""
    decision = intent.access.decide(caller, scope)
    if not decision.allowed:
        raise Denied(decision.error(caller), decision.rule or intent.place, reason=f"intent {intent.name}: {decision.reason}")


def _error(deny: type[GatewayError], step: str | None) -> GatewayError:
    # `not_found` has to look exactly like an absent thing of that step, expressions on `error` included.
    return deny(status_code=404 if step is not None and deny is NotFound else None)
