"""What a request seems to be before anything is done for it: how important, and whose share of the gateway it is of.

It looks at the address, at the name of the intent in the body as far as that is here, at whose the credential was when it was last
used, and at the host. Each can be wrong or a lie, so nothing but the order of waiting depends on it; the stage `admit` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.types import Scope

from gateway.policies.known_callers import presented
from gateway.policies.limit_owner import site_of
from gateway.policies.priorities import apparent_intent
from gateway.runtime.plan import Plan
from gateway.sdk.host_name import host_name
from gateway.server.admission import Rank

ALWAYS = frozenset({"/healthz", "/readyz"})
"""Addresses that are answered whatever else is not."""

STRANGERS = "?"
"""Stands behind the tenant whose host they call, where one is told so, for callers of whom nothing is known: they have a share of their
own, and take nothing of those who are known. No tenant's name has it."""

NOBODY = ""

RouteIntent = Callable[[Scope], str | None]
"""The intent of the route that a request is for."""


class Judgement:
    """Made once per plan."""

    def __init__(self, plan: Plan, route_intent: RouteIntent) -> None:
        self._pressure = plan.pressure
        self._proxies = plan.server.proxies
        self._hosts = plan.pressure.hosts
        self._route_intent = route_intent
        self._wanted = frozenset(name.encode() for name in (*self._pressure.credentials, "host", "x-forwarded-for"))

    def __call__(self, scope: Scope, body: bytes | bytearray) -> Rank | None:
        """None for what is always answered."""
        path: str = scope["path"]
        if path in ALWAYS:
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in self._wanted}
        intent = apparent_intent(path, body) or self._route_intent(scope)
        credential = presented(headers, self._pressure.credentials)
        tenant = None if credential is None else self._pressure.callers.tenant(credential)
        if tenant is not None:
            return Rank(self._pressure.priorities.rank(intent, tenant), tenant, NOBODY)
        at = self._hosts.get(host_name(headers.get("host", "")) or "") if self._hosts else None
        return Rank(self._pressure.priorities.rank(intent, at), f"{at or ''}{STRANGERS}", self._address(scope, headers))

    def _address(self, scope: Scope, headers: Mapping[str, str]) -> str:
        peer: str = (scope.get("client") or ("",))[0]
        if self._proxies and self._proxies.trusts(peer):
            peer = self._proxies.client(peer, headers.get("x-forwarded-for"))
        return site_of(peer)
