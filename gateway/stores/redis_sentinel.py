"""Who is the master at the moment: Sentinel's part in connecting (Redis docs, "Guidelines for Redis clients with support for Sentinel")."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from gateway.stores.redis_faults import RedisFault

PATIENCE = 0.3
"""Seconds for each sentinel: one that is gone must not keep anybody from asking the next."""


class Asked(Protocol):
    """A connection that can be asked, and ended."""

    async def ask(self, *words: Any) -> Any: ...
    async def close(self) -> None: ...


async def find_master(
    sentinels: Sequence[tuple[str, int]], service: str, connect: Callable[[str, int], Awaitable[Asked]]
) -> tuple[str, int]:
    """Host and port of the master that the first sentinel names that knows one. Raises `RedisFault` where none does."""
    for host, port in sentinels:
        try:
            async with asyncio.timeout(PATIENCE):
                found = _address(await _told(await connect(host, port), service))
        except (RedisFault, TimeoutError):
            continue
        if found is not None:
            return found
    raise RedisFault("no sentinel names a master")


async def check_master(link: Asked) -> None:
    """Raises `RedisFault` where a server is not the master any more, or not yet: what is written there would be lost."""
    role = await link.ask("ROLE")
    if not isinstance(role, list) or not role or role[0] != b"master":
        await link.close()
        raise RedisFault("not a master")


async def _told(link: Asked, service: str) -> Any:
    try:
        return await link.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
    finally:
        await link.close()


def _address(told: Any) -> tuple[str, int] | None:
    if not (isinstance(told, list) and len(told) == 2 and all(isinstance(each, bytes) for each in told)):
        return None
    host, port = told
    return (host.decode(), int(port)) if host.isascii() and port.isdigit() and 0 < int(port) < 65536 else None
