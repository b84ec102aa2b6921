"""Whose the answers of operations and intents are: how widely they may be shared (language §4 "Single flight and caches")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from gateway.config.loaded import Loaded
from gateway.planner.backends import Backend
from gateway.planner.mentions import Mentions, without
from gateway.planner.planned import Planned
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan
from gateway.sdk import HttpSourceConfig

Scope = Literal["user", "tenant", "public"]
WIDTH: dict[Scope, int] = {"user": 0, "tenant": 1, "public": 2}

CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key"})
"""Headers that say who is asking, besides those that an identity kind of gateway.yaml names."""

NOT_CONTENT = frozenset({"summary", "description", "examples", "input", "access", "cache", "idempotency_key", "limits", "tags"})
"""Keys of an intent on which its answer doesn't depend, or that hold no expressions."""


class Bound(NamedTuple):
    """The widest scope that answers may have, and why."""

    scope: Scope
    why: str


PUBLIC = Bound("public", "")


class Owners:
    """Whose the answers of operations and intents are."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned
        self._credentials = CREDENTIALS | frozenset(_credential_headers(planned.loaded))
        self._own_servers = frozenset(_sources_with_own_servers(planned.loaded))
        self._known: dict[str, Bound] = {}

    def of_operation(self, backend: Backend, name: str) -> Bound:
        """By what the operation, and the one that its batch asks, sends of the caller and the tenant."""
        identity = f"{backend.parsed.name}.{name}"
        if identity not in self._known:
            self._known[identity] = min(self._of_operation(backend, name), key=_width, default=PUBLIC)
        return self._known[identity]

    def _of_operation(self, backend: Backend, name: str) -> Iterator[Bound]:
        source = backend.parsed.name
        for operation in backend.involved(name):
            for reference in sorted(operation.identity, key=repr):
                if reference[0] in ("user", "tenant"):
                    yield Bound("user" if reference[0] == "user" else "tenant", f"`{source}.{name}` sends `{_dotted(reference)}`")
            for header in sorted(operation.forwards):
                if header.lower() in self._credentials:
                    yield Bound("user", f"`{source}` passes on the caller's `{header}`")
        model = backend.parsed.model
        if isinstance(model, HttpSourceConfig) and model.auth is not None and _as_caller(model):
            yield Bound("user", f"`{source}` is called on behalf of the caller")
        elif isinstance(model, HttpSourceConfig) and model.auth is not None:
            yield Bound("tenant", f"`{source}` is called with credentials")
        if source in self._own_servers:
            yield Bound("tenant", f"tenants have servers or credentials of their own for `{source}`")

    def of_intent(self, plan: IntentPlan) -> Bound:
        """By its barriers, what it reads, and what it calls."""
        identity = f"intent.{plan.name}"
        if identity not in self._known:
            self._known[identity] = min(self._of_intent(plan), key=_width, default=PUBLIC)
        return self._known[identity]

    def _of_intent(self, plan: IntentPlan) -> Iterator[Bound]:
        if plan.checks:
            yield Bound("user", f"a `guard` or an `ensure` decides who sees the answer of `{plan.name}`")
        mentions = Mentions("user", "tenant", "session")
        mentions.add(without(self._planned.loaded.intents[plan.name][-1].document.data, NOT_CONTENT))
        for names in mentions.all():
            yield Bound("tenant" if names[0] == "tenant" else "user", f"`{plan.name}` reads `{'.'.join(names)}`")
        for step in plan.steps:
            own = step.limits.cache
            if own is not None and own.scope is not None:
                yield Bound(own.scope, f"step `{step.id}` has that scope")
            for call in (step.action, *(rung.call for rung in step.ladder)):
                yield self.of_call(call)

    def of_call(self, call: object) -> Bound:
        """By what a step or a rung calls, and who may be given what is kept of it."""
        if isinstance(call, CallIntent):
            return self.of_intent(call.intent)
        backend = self._planned.backends.get(call.operation.source) if isinstance(call, CallOperation) else None
        if backend is None or not isinstance(call, CallOperation):
            return PUBLIC
        caches = ((operation.name, backend.config(operation.name).cache) for operation in backend.involved(call.operation.name))
        written = (
            Bound(cache.scope, f"`{backend.parsed.name}.{name}` has that scope, and may only be narrowed")
            for name, cache in caches
            if cache is not None and cache.scope is not None
        )
        return min((self.of_operation(backend, call.operation.name), *written), key=_width)


def _width(bound: Bound) -> int:
    return WIDTH[bound.scope]


def _dotted(reference: tuple[str | int, ...]) -> str:
    return ".".join(map(str, reference))


def _as_caller(model: HttpSourceConfig) -> bool:
    auth = model.auth
    if auth is None:
        return False
    return auth.forward_token or auth.identity_header is not None or (auth.oauth2 is not None and auth.oauth2.grant == "token_exchange")


def _credential_headers(loaded: Loaded) -> Iterator[str]:
    """The headers that identity kinds read."""
    for entry in loaded.gateway.model.identity if loaded.gateway is not None else ():
        for options in entry.values():
            header = options.get("header") if isinstance(options, dict) else None
            if isinstance(header, str):
                yield header.lower()


def _sources_with_own_servers(loaded: Loaded) -> Iterator[str]:
    tenants = loaded.gateway.model.tenants if loaded.gateway is not None else None
    for tenant in tenants.known.values() if tenants is not None else ():
        yield from (*tenant.servers, *tenant.auth)
