"""How the sources of a plan stand at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Any


class Standings:
    """What interceptors tell of the sources that they protect: to operators (`told`), and to expressions (`open_circuits`).

    There is one for each plan. What is told names no host.
    """

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, Callable[[], Any]]] = {}
        self._apart: dict[str, frozenset[str]] = {}
        self._resting: dict[tuple[str, str], dict[str, float]] = {}
        self._lists: dict[str, list[str]] = {}
        self._list: list[str] = []
        self._until = inf

    def show(self, source: str, member: str, read: Callable[[], Any]) -> None:
        """Has verbose readiness show a source's `member`, as `read` gives it; JSON-like, and left out where it is None."""
        self._shown.setdefault(source, {})[member] = read

    def told(self, source: str) -> dict[str, Any]:
        """What is shown of a source."""
        values = {member: read() for member, read in self._shown.get(source, {}).items()}
        return {member: value for member, value in values.items() if value is not None}

    def separate(self, source: str, tenants: Iterable[str]) -> None:
        """Tells at load which tenants have lanes of their own for a source."""
        self._apart[source] = frozenset(tenants)
        self._list_anew()

    def turned(self, source: str, lane: str, circuit: str, *, until: float | None) -> None:
        """One of a source's circuits in a lane changed its state.

        `until` is when an open one lets a call through again, on the monotonic scale; None for one that does so now.
        """
        resting = self._resting.setdefault((source, lane), {})
        if until is None:
            resting.pop(circuit, None)
        else:
            resting[circuit] = until
        self._list_anew()

    def open_circuits(self, tenant: str, now: float) -> list[str]:
        """The names of the sources of which a circuit refuses the tenant's calls, in order; `now` is on the monotonic scale.

        A circuit whose time has come, or that lets single calls try its backend, isn't among them: what is made to depend on this list,
        such as a level that sends nothing, would else keep away the very calls that could close it. The list is made when a circuit
        turns or its time comes, and never changed afterwards.
        """
        if now >= self._until:
            self._end(now)
        return self._lists.get(tenant, self._list)

    def _end(self, now: float) -> None:
        """Forgets those whose time has come."""
        for place, resting in self._resting.items():
            self._resting[place] = {circuit: until for circuit, until in resting.items() if until > now}
        self._list_anew()

    def _list_anew(self) -> None:
        tenants = frozenset[str]().union(*self._apart.values())
        self._lists = {tenant: self._resting_for(tenant) for tenant in tenants}
        self._list = self._resting_for("")
        self._until = min((until for resting in self._resting.values() for until in resting.values()), default=inf)

    def _resting_for(self, tenant: str) -> list[str]:
        return sorted(source for source, apart in self._apart.items() if self._resting.get((source, tenant if tenant in apart else "")))
