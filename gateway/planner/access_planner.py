"""From roles, rules and `access` to what decides a request: sets for what no request can change, closures for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from gateway.config.models import Access as AccessModel
from gateway.planner import roots
from gateway.planner.access import Lead, Roles, spot
from gateway.planner.access_rules import AccessRules, WrittenRule
from gateway.planner.compiler import Compiler
from gateway.sdk import EVERYBODY, Access, Caller, Decision, Path, Rule, Scope

KEYS = ("scopes", "when", "acr", "max_age")
"""What `access` may ask for besides a role."""

ASKED_OFTEN = ("trace", "release:pin")
"""Permissions that requests ask for, decided beforehand."""

Permitted = Callable[[Caller, str, "Scope | None"], bool]
"""Whether a caller holds a permission; without a scope every condition is unknown, which never helps the caller."""


class AccessPlanner:
    """Plans who may use what. `tenants` gives for an intent the rules that keep it from tenants."""

    def __init__(self, roles: Roles, rules: AccessRules, tenants: Callable[[str], Iterable[Rule]] = lambda _: ()) -> None:
        self.roles = roles
        self.rules = rules
        self._tenants = tenants
        self._known: dict[Lead, Decision] = {}

    def plan(self, model: AccessModel, permission: str, compiler: Compiler, path: Path) -> Access:
        """The access of an intent or a route; `model` stands at `path`."""
        document = compiler.document
        for index, role in enumerate(model.roles):
            if not self.roles.known(role):
                compiler.findings.unknown(document, "GW501", "role", role, known=self.roles.names(), path=(*path, "roles", index))
        own = [(role, spot(document, (*path, "roles", index))) for index, role in enumerate(model.roles)]
        written = document.data.get("access") or {}
        return self._access(
            permission,
            own,
            scopes=frozenset(model.scopes),
            when=compiler.optional(model.when, (*path, "when"), roots.POLICY, authorisation=True),
            internal=model.internal,
            acr=tuple(model.acr or ()),
            max_age=None if model.max_age is None else float(model.max_age),
            lines={key: spot(document, (*path, key)) for key in KEYS if key in written},
        )

    def without(self, access: Access, sources: Iterable[str]) -> Access:
        """The same, closed to whom a rule denies one of the sources that an intent may call."""
        return _closed(access, self.rules.about((f"source:{name}" for name in sorted(sources)), allows=False))

    def denials(self, permission: str) -> Access | None:
        """Open to everybody but those whom a rule denies `permission`; None where no rule is about it."""
        denials = list(self.rules.about((permission,), allows=False))
        if not denials:
            return None
        everybody = {EVERYBODY: Decision(True, None, "no line asks for more")}
        return _closed(Access(frozenset({EVERYBODY, *self.roles.names()}), grants=everybody), denials)

    def permission(self, name: str) -> Access:
        """Who holds a permission such as `trace`."""
        return self._access(name, ())

    def permitted(self) -> Permitted:
        """Tells whether a caller holds a permission."""
        known = {name: self.permission(name) for name in ASKED_OFTEN}

        def permits(caller: Caller, permission: str, scope: Scope | None = None) -> bool:
            return (known.get(permission) or self.permission(permission)).permits(caller, scope)

        return permits

    def _access(self, permission: str, own: Iterable[tuple[str, str]], **conditions: Any) -> Access:
        grants = {role: self._decision(lead) for role, lead in self.roles.leads(permission, own).items()}
        reached = set(grants)
        conditional: list[Rule] = []
        for rule, pattern in self.rules.about((permission,), allows=True):
            decision = Decision(True, rule.spot, rule.told(pattern))
            roles = rule.roles if rule.roles is not None else {EVERYBODY, *self.roles.names()}
            reached |= roles
            if rule.conditional:
                conditional.append(_compiled(rule, decision))
            else:
                for role in roles if rule.roles is not None else (EVERYBODY,):
                    grants.setdefault(role, decision)
        kind, _, name = permission.partition(":")
        kept = self._tenants(name) if kind == "intent" else ()
        access = Access(frozenset(reached), grants=grants, rules=(*kept, *conditional), **conditions)
        return _closed(access, self.rules.about((permission,), allows=False))

    def _decision(self, lead: Lead) -> Decision:
        """Equal lines are kept once, however many intents they lead to."""
        if lead not in self._known:
            inherited = f" inherits {' > '.join(lead.through)}" if lead.through else ""
            self._known[lead] = Decision(True, lead.place, f"role {lead.role}{inherited}: {lead.rule}")
        return self._known[lead]


def _closed(access: Access, denials: Iterable[tuple[WrittenRule, str]]) -> Access:
    """`access` with further denials. Whom one always denies is no longer counted among those who may come."""
    denied = dict(access.denied)
    conditional: list[Rule] = []
    for rule, pattern in denials:
        decision = Decision(False, rule.spot, rule.told(pattern), "rule")
        if rule.conditional:
            conditional.append(_compiled(rule, decision))
        else:
            for role in rule.roles if rule.roles is not None else (EVERYBODY,):
                denied.setdefault(role, decision)
    before = [rule for rule in access.rules if not rule.decision.allowed]
    behind = [rule for rule in access.rules if rule.decision.allowed]
    roles = frozenset() if EVERYBODY in denied else access.roles - denied.keys()
    return msgspec.structs.replace(access, roles=roles, denied=denied, rules=(*before, *conditional, *behind))


def _compiled(rule: WrittenRule, decision: Decision) -> Rule:
    return Rule(decision, rule.roles, rule.when, rule.unless)
