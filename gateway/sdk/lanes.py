"""What a source has once for all tenants, and once more for each tenant that is apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Each = TypeVar("Each")


class Lanes(Generic[Each]):
    """One `Each` by lane (`Binding.lane`), made at load."""

    __slots__ = ("_apart", "_shared")

    def __init__(self, make: Callable[[str], Each], apart: Iterable[str]) -> None:
        """`make` gets the lane: a tenant's id, or an empty text for all that are not `apart`."""
        self._shared = make("")
        self._apart = {tenant: make(tenant) for tenant in sorted(apart)}

    def of(self, tenant: str) -> Each:
        """That of a tenant's calls."""
        return self._apart.get(tenant, self._shared)

    def __iter__(self) -> Iterator[Each]:
        yield self._shared
        yield from self._apart.values()
