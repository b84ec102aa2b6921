"""Idempotency keys: length-prefixed, bound to tenant, identity and intent (language §4 "Keys")."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from gateway.runtime.plan import IntentPlan
from gateway.sdk import CallContext, Compiled, ExpressionFault, Scope
from gateway.sdk.sharing import canonical


def request_key(intent: IntentPlan, given: str | None, context: CallContext, scope: Scope) -> str | None:
    """The key of a request: the caller's own, else the intent's `idempotency_key`, else none.

    Raises `ExpressionFault` where a member of the intent's key is null.
    """
    if given is not None:
        parts = [given.encode()]
    elif intent.idempotency_key:
        parts = list(_members(intent.idempotency_key, scope))
    else:
        return None
    return _digest([*(part.encode() for part in context.identity), intent.name.encode(), *parts])


def write_key(key: str | None, step: str, item: bytes = b"") -> str | None:
    """The key that goes upstream with one write: a hash of the request's, the step and the item."""
    return None if key is None else _digest([key.encode(), step.encode(), item])


def _members(expressions: Iterable[Compiled], scope: Scope) -> Iterable[bytes]:
    for expression in expressions:
        value = expression(scope)
        if value is None:
            raise ExpressionFault("A member of `idempotency_key` is null.")
        yield canonical(value)


def _digest(parts: list[bytes]) -> str:
    return sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()
