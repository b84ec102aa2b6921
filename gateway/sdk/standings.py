"""How the sources of a plan stand at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Standings:
    """What interceptors tell of the sources that they protect: to operators (`told`), and to expressions (`open_circuits`).

    There is one for each plan. What is told names no host.
    """

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, Callable[[], Any]]] = {}
        self._apart: dict[str, frozenset[str]] = {}
        self._unclosed: dict[tuple[str, str], set[str]] = {}
        self._lists: dict[str, list[str]] = {}
        self._list: list[str] = []

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

    def turned(self, source: str, lane: str, circuit: str, *, closed: bool) -> None:
        """One of a source's circuits in a lane changed its state."""
        unclosed = self._unclosed.setdefault((source, lane), set())
        if closed:
            unclosed.discard(circuit)
        else:
            unclosed.add(circuit)
        self._list_anew()

    def open_circuits(self, tenant: str) -> list[str]:
        """The names of the sources of which a circuit that the tenant's calls meet is open or half open, in order.

        The list is made when a circuit turns, and never changed afterwards.
        """
        return self._lists.get(tenant, self._list)

    def _list_anew(self) -> None:
        tenants = frozenset[str]().union(*self._apart.values())
        self._lists = {tenant: self._unclosed_for(tenant) for tenant in tenants}
        self._list = self._unclosed_for("")

    def _unclosed_for(self, tenant: str) -> list[str]:
        return sorted(source for source, apart in self._apart.items() if self._unclosed.get((source, tenant if tenant in apart else "")))
