"""Who may use an intent or a route, and by which line (language §4 "Access", §6). Default is deny."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from gateway.sdk.errors import ExpressionFault, Forbidden, GatewayError, Unauthorized
from gateway.sdk.exchange import Caller, Scope
from gateway.sdk.expression import Compiled

EVERYBODY = "*"
"""Stands among roles for every caller, those without any role included. No role can be called so."""

STEP_UP = "insufficient_user_authentication"
"""What a caller is told who would have to sign in anew, or more strongly (RFC 9470 §3)."""

CLOCK_SKEW = 60.0
"""Seconds by which a sign-in may seem to lie in the future."""

Cause = Literal["allowed", "rule", "role", "scope", "condition", "sign_in"]


class Decision(msgspec.Struct, frozen=True):
    """What is decided, and by which line. Made at load: one for each line that can decide.

    `rule` is file:line, None where the default decides. `reason` are words for operators and for callers with the permission `trace`.
    `cause` is `allowed`, or the kind of what stood against it, for metrics. `challenge` is there where another sign-in would help.
    """

    allowed: bool
    rule: str | None
    reason: str
    cause: Cause = "allowed"
    challenge: str | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What the record holds, and the answer to callers with the permission `trace`."""
        return {"allowed": self.allowed, "rule": self.rule, "reason": self.reason}

    def error(self, caller: Caller) -> GatewayError:
        """What a caller is told who may not: who hasn't said who they are is asked to."""
        if caller.anonymous:
            return Unauthorized()
        if self.challenge is not None:
            return Unauthorized("A stronger or more recent sign-in is needed.", detail_code=STEP_UP, challenges=(self.challenge,))
        return Forbidden()


NOBODY = Decision(False, None, "nothing allows it", "role")


def verdict(condition: Compiled, scope: Scope | None) -> bool | None:
    """A condition in an authorisation position: None, which is unknown, also for one that fails and where nothing is known."""
    if scope is None:
        return None
    try:
        found = condition(scope)
    except ExpressionFault:
        return None
    return found if isinstance(found, bool) else None


class Rule(msgspec.Struct, frozen=True):
    """One of `rules`, about one permission. `roles` are those it is for and all that inherit from them; None is everybody.

    What is unknown counts against the caller (language §2.8): a denial applies unless `when` is false or `unless` is true, an
    allowance only where `when` is true and `unless` is false.
    """

    decision: Decision
    roles: frozenset[str] | None = None
    when: Compiled | None = None
    unless: Compiled | None = None

    @property
    def conditional(self) -> bool:
        """Whether a request decides it, besides the caller's roles."""
        return self.when is not None or self.unless is not None

    def applies(self, caller: Caller, scope: Scope | None) -> bool:
        """`scope` holds the roots `user tenant ctx config`; without one every condition is unknown."""
        if self.roles is not None and self.roles.isdisjoint(caller.roles):
            return False
        allows = self.decision.allowed
        if self.when is not None and not _or(verdict(self.when, scope), unknown=not allows):
            return False
        return self.unless is None or not _or(verdict(self.unless, scope), unknown=allows)


class Assignment(msgspec.Struct, frozen=True):
    """One of `assign`: `roles` for callers for whom `when` is true; `rule` is its file:line."""

    roles: tuple[str, ...]
    when: Compiled
    rule: str


class Access(msgspec.Struct, frozen=True):
    """The conditions of use, decided per caller.

    `roles` are all roles that may lead here, whatever else must hold: what static rules count with; `EVERYBODY` is one where a rule
    allows every caller. `scopes` must all be held, `when` (an authorisation position) must be true, `acr` and `max_age` (seconds) are
    how strongly and how recently the caller must have signed in. `internal` ones can't be asked for from outside.

    What decides is looked up by role as far as no request can change it: `denied` and `grants` (each of `roles` where nothing is
    given); `rules` are the others, denials first, in the order written. `lines` are file:line of `access` and its keys.
    """

    roles: frozenset[str]
    scopes: frozenset[str] = frozenset()
    when: Compiled | None = None
    internal: bool = False
    acr: tuple[str, ...] = ()
    max_age: float | None = None
    grants: Mapping[str, Decision] | None = None
    denied: Mapping[str, Decision] = {}
    rules: tuple[Rule, ...] = ()
    lines: Mapping[str, str] = {}
    unmet: Mapping[str, Decision] = {}

    def __post_init__(self) -> None:
        """What can be said beforehand is."""
        if self.grants is None:
            msgspec.structs.force_setattr(self, "grants", {role: Decision(True, None, f"role {role}") for role in self.roles})
        msgspec.structs.force_setattr(self, "unmet", self._unmet())

    def _unmet(self) -> dict[str, Decision]:
        challenge = _challenge(self.acr, self.max_age)
        told: dict[str, tuple[str, Cause, str | None]] = {
            "scopes": (f"not all of the scopes {', '.join(sorted(self.scopes))}", "scope", None),
            "when": (f"it does not hold that {getattr(self.when, 'source', '')}", "condition", None),
            "acr": (f"not signed in by {' or '.join(self.acr)}", "sign_in", challenge),
            "max_age": (f"signed in more than {self.max_age or 0:g}s ago", "sign_in", challenge),
        }
        return {key: Decision(False, self.lines.get(key), reason, cause, step_up) for key, (reason, cause, step_up) in told.items()}

    def permits(self, caller: Caller, scope: Scope | None) -> bool:
        """Whether `caller` may; `scope` holds the roots `user tenant ctx config`."""
        return self.decide(caller, scope).allowed

    def decide(self, caller: Caller, scope: Scope | None) -> Decision:
        """The decision with its line: a denial beats everything, then something must allow, then every other condition must hold."""
        granted = self._by_rules(caller, scope)
        if not granted.allowed:
            return granted
        if self.scopes and not self.scopes.issubset(caller.user["scopes"]):
            return self.unmet["scopes"]
        if self.when is not None and verdict(self.when, scope) is not True:
            return self.unmet["when"]
        if self.acr and caller.user.get("acr") not in self.acr:
            return self.unmet["acr"]
        if self.max_age is not None and not _recent(caller.user.get("auth_time"), self.max_age, scope):
            return self.unmet["max_age"]
        return granted

    def _by_rules(self, caller: Caller, scope: Scope | None) -> Decision:
        held = caller.roles
        found = _first(self.denied, held) if self.denied else None
        if found is not None:
            return found
        granted = _first(self.grants or {}, held)
        for rule in self.rules:
            if (granted is None or not rule.decision.allowed) and rule.applies(caller, scope):
                return rule.decision
        return granted or NOBODY


def _first(lines: Mapping[str, Decision], held: list[str]) -> Decision | None:
    """The line for the first of the caller's roles that has one, else the line for everybody."""
    for role in held:
        found = lines.get(role)
        if found is not None:
            return found
    return lines.get(EVERYBODY)


def _or(found: bool | None, *, unknown: bool) -> bool:
    return unknown if found is None else found


def _recent(auth_time: Any, max_age: float, scope: Scope | None) -> bool:
    """Whether the caller signed in (seconds since 1970, OpenID Connect Core §2) no longer than `max_age` before the request."""
    if scope is None or isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        return False
    now = datetime.fromisoformat(scope["ctx"]["time"]).timestamp()
    return now - max_age <= auth_time <= now + CLOCK_SKEW


def _challenge(acr: tuple[str, ...], max_age: float | None) -> str:
    """How to get in (RFC 9470 §3): everything that a new sign-in has to meet."""
    members = [f'error="{STEP_UP}"']
    if acr:
        members.append(f'acr_values="{" ".join(acr)}"')
    if max_age is not None:
        members.append(f'max_age="{int(max_age)}"')
    return f"Bearer {', '.join(members)}"
