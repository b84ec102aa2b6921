"""Whose a credential was when it was last used, so that a request can be told apart before anybody is identified.

It is a guess for the order of waiting and nothing else: whether a request may do anything is decided by who presents what, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping

MOST = 10_000
"""Credentials that are remembered, and as many from before."""


class KnownCallers:
    """Remembers no credential, but its hash, which is another in each process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._recent: dict[int, str] = {}
        self._before: dict[int, str] = {}

    def tenant(self, credential: str) -> str | None:
        """The tenant that it was of."""
        key = hash(credential)
        found = self._recent.get(key)
        return self._before.get(key) if found is None else found

    def learn(self, credential: str, tenant: str) -> None:
        """What it turned out to be."""
        key = hash(credential)
        if self._recent.get(key) == tenant:
            return
        if len(self._recent) >= self._most:
            self._before, self._recent = self._recent, {}
        self._recent[key] = tenant


def presented(headers: Mapping[str, str], credentials: tuple[str, ...]) -> str | None:
    """The first credential of a request; `credentials` are the names of headers that may hold one."""
    for name in credentials:
        found = headers.get(name)
        if found is not None:
            return found
    return None
