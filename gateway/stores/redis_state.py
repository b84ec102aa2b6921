"""State that workers and nodes share in Redis, which may be slow, full, gone or something else, and never holds a request up.

Everything that is asked of it has `LIMIT` seconds in all. A circuit of its own bypasses it while it fails.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from gateway.sdk import Circuit, CircuitSettings, Clock, Metrics
from gateway.sdk.allowance import Allowance, Charge, Use, Verdict
from gateway.sdk.circuit import CircuitState
from gateway.sdk.state import LARGEST_VALUE
from gateway.stores.redis_budgets import DIGEST, SCRIPT, fits, hashes_of, is_quota, order, read_uses, read_verdict
from gateway.stores.redis_faults import UNKNOWN_SCRIPT, RedisFault
from gateway.stores.redis_links import Link, Links
from gateway.stores.redis_word import Hearing, Word, pack_word

LIMIT = 0.05
"""Seconds for one operation, waiting for a connection included: a slow Redis is a dead Redis."""

STALL = LIMIT / 2
"""Seconds by which a timer that comes late tells that this process was busy, and nothing of Redis."""

START_LIMIT = 1.0
"""Seconds that a start waits for the first answer."""

READ_LIMIT = 1.0
"""Seconds for a part of what operators read."""

CONNECTIONS = 16
"""Of one process, the one that listens not counted."""

TELL_EVERY = 60.0
"""Seconds between two log records of the same refusal."""

LONGEST = 365 * 86400.0
"""Seconds that a value is kept at most."""

CIRCUIT = CircuitSettings(failure_threshold=3, recovery_timeout=1.0, longest_recovery=30.0)

OUTCOMES = ("ok", "miss", "failed", "bypassed")
OPERATIONS = ("get", "set", "delete", "charge", "uses", "announce", "ping")
SEAL_SIZE = 8

_OK = b"OK"
_PONG = b"PONG"

Check = Callable[[Any], bool]


class RedisState:
    """Implements `StateStore`. `gateway` is the gateway's name: keys begin with `gw:{name}:`, so that all of them have one hash slot.

    A value is kept behind a seal, a digest of its key. A reply that belongs to another question is no answer here, and ends the
    connection that it came by.
    """

    def __init__(
        self, gateway: str, links: Links, hearing: Hearing, *, clock: Clock, metrics: Metrics, logger: logging.Logger, limit: float = LIMIT,
        circuit: CircuitSettings = CIRCUIT,
    ) -> None:  # fmt: skip
        self._prefix = b"gw:{%s}:" % gateway.encode()
        self._links = links
        self._hearing = hearing
        self._clock = clock
        self._logger = logger
        self._limit = limit
        self._circuit = Circuit(circuit, self._changed)
        self._reason = ""
        self._since = 0.0
        self._told: dict[tuple[str, str], float] = {}
        self._closed = False
        self._counted = {
            (operation, outcome): metrics.counter(
                "gateway_state_operations_total", "What was asked of the shared state.", operation=operation, outcome=outcome
            )
            for operation in OPERATIONS
            for outcome in OUTCOMES
            if outcome != "miss" or operation == "get"
        }
        metrics.gauge("gateway_state_up", "Whether the shared state is asked; 0 while it is bypassed.", lambda: float(self.up))

    @property
    def up(self) -> bool:
        """See `StateStore.up`."""
        return self._circuit.state == "closed"

    async def get(self, key: bytes, /) -> bytes | None:
        """See `StateStore.get`."""
        where = self._prefix + key
        seal = _seal(where)
        found: bytes | None = await self._ask("get", partial(_sealed_or_none, seal), "GET", where)
        return None if found is None else found[SEAL_SIZE:]

    async def set(self, key: bytes, value: bytes, ttl: float, /) -> None:
        """See `StateStore.set`. Without a time to live above 0 nothing is kept."""
        if not ttl > 0:
            return
        where = self._prefix + key
        if len(where) + len(value) > LARGEST_VALUE:
            self._count("set", "bypassed")
            return
        milliseconds = max(1, int(min(ttl, LONGEST) * 1000))
        await self._ask("set", _is_ok, "SET", where, _seal(where) + value, "PX", milliseconds)

    async def delete(self, *keys: bytes) -> None:
        """See `StateStore.delete`."""
        if keys:
            await self._ask("delete", _is_number, "DEL", *(self._prefix + key for key in keys))

    async def charge(self, charges: Sequence[Charge], /, *, regardless: bool = False) -> Verdict | None:
        """See `StateStore.charge`."""
        asked = order(self._prefix, charges, regardless=regardless)
        reply = await self._ask("charge", partial(fits, asked.tag, len(charges)), "EVALSHA", DIGEST, *asked.words)
        return None if reply is None else read_verdict(charges, reply, regardless=regardless)

    async def uses(self, quotas: Sequence[Allowance], /) -> list[Use] | None:
        """See `StateStore.uses`. It is for operators, and may take a little longer than what requests wait for."""
        found: list[Use] = []
        for quota in quotas:
            for key in hashes_of(self._prefix, quota):
                reply = await self._ask("uses", partial(is_quota, quota), "HGETALL", key, limit=READ_LIMIT)
                if reply is None:
                    return None
                found += read_uses(quota, reply)
        return found

    async def announce(self, topic: str, message: bytes, /) -> None:
        """See `StateStore.announce`."""
        packed = pack_word(Word(self._hearing.sender, topic, message))
        if len(packed) > LARGEST_VALUE:
            self._count("announce", "bypassed")
            return
        await self._ask("announce", _is_number, "PUBLISH", self._hearing.channel, packed)

    def listen(self, topic: str, hook: Callable[[bytes], None], /, missed: Callable[[], None] | None = None) -> None:
        """See `StateStore.listen`."""
        self._hearing.listen(topic, hook, missed)

    async def start(self) -> None:
        """Tries it once, and begins to listen. Where it can't be reached, that is told, and it is bypassed from the first request on."""
        await self._ask("ping", _is_pong, "PING", limit=START_LIMIT)
        if self._reason:
            self._circuit.open(self._clock.monotonic())
        self._hearing.start(self._look)

    async def close(self) -> None:
        """Ends it; may be called twice, and without `start`. What is asked of it afterwards is not done."""
        self._closed = True
        await self._hearing.close()
        await self._links.close()

    async def _look(self) -> None:
        """Where it is bypassed: whether it is back, so that no request has to find out."""
        if not self.up:
            await self._ask("ping", _is_pong, "PING")

    async def _ask(self, operation: str, check: Check, *words: Any, limit: float | None = None) -> Any:
        """The reply; None where none that passes `check` came in time."""
        ticket = 0 if self._closed or self._links.crowded else self._circuit.admit(self._clock.monotonic())
        if not ticket:
            self._count(operation, "bypassed")
            return None
        timer = asyncio.timeout(limit or self._limit)
        try:
            async with timer:
                reply = await self._exchange(check, words)
        except TimeoutError:
            await self._late(operation, ticket, timer.when() or 0.0)
        except RedisFault as fault:
            await self._failed(operation, ticket, fault)
        except BaseException:
            self._circuit.left(ticket)
            raise
        else:
            self._circuit.succeeded(ticket, self._clock.monotonic())
            self._count(operation, "miss" if reply is None else "ok")
            return reply
        return None

    async def _exchange(self, check: Check, words: tuple[Any, ...]) -> Any:
        """A connection that the server ended while nobody used it says nothing about the server: then there is another try."""
        while True:
            link = await self._links.take()
            rested = link.rested
            try:
                reply = await link.ask(*words)
                if not check(reply):
                    raise RedisFault("an answer that is none")
            except RedisFault as fault:
                await self._links.drop(link)
                if fault.reason == UNKNOWN_SCRIPT and words[0] == "EVALSHA":
                    words = ("EVAL", SCRIPT, *words[2:])  # by a server that was started, or told to forget
                elif fault.lost and rested:
                    await self._links.forget_idle()
                else:
                    raise
            except BaseException:
                await self._links.drop(link)
                raise
            else:
                await self._done_with(link)
                return reply

    async def _done_with(self, link: Link) -> None:
        if self._closed:
            await self._links.drop(link)
        else:
            self._links.give(link)

    async def _late(self, operation: str, ticket: int, due: float) -> None:
        """Who only waited for other callers, or could not look in time, has learned nothing."""
        if self._links.busy or asyncio.get_running_loop().time() - due > STALL:
            self._circuit.left(ticket)
            self._count(operation, "bypassed")
        else:
            await self._failed(operation, ticket, RedisFault("no answer in time"))

    async def _failed(self, operation: str, ticket: int, fault: RedisFault) -> None:
        self._reason = fault.reason
        self._count(operation, "failed")
        if fault.refused:
            self._tell(operation, fault.reason)
        self._circuit.failed(ticket, self._clock.monotonic())
        if not self.up:
            await self._links.forget_idle()

    def _changed(self, before: CircuitState, after: CircuitState) -> None:
        """Told once when it begins to be bypassed, and once when it is back; what lies between is one outage."""
        now = self._clock.monotonic()
        if before == "closed":
            self._since = now
            self._logger.warning("shared state is bypassed: %s", self._reason)
        elif after == "closed":
            self._reason = ""
            self._logger.info("shared state is back, after %.1f seconds", now - self._since)

    def _tell(self, operation: str, reason: str) -> None:
        """A server may refuse one thing and do another, for example where it is full."""
        now = self._clock.monotonic()
        last = self._told.get((operation, reason))
        if self.up and (last is None or now - last >= TELL_EVERY):
            self._told[operation, reason] = now
            self._logger.warning("shared state refuses to %s: %s", operation, reason)

    def _count(self, operation: str, outcome: str) -> None:
        self._counted[operation, outcome].inc()


def _seal(where: bytes) -> bytes:
    return blake2b(where, digest_size=SEAL_SIZE).digest()


def _sealed_or_none(seal: bytes, reply: Any) -> bool:
    return reply is None or (isinstance(reply, bytes) and reply.startswith(seal))


def _is_ok(reply: Any) -> bool:
    return bool(reply == _OK)


def _is_pong(reply: Any) -> bool:
    return bool(reply == _PONG)


def _is_number(reply: Any) -> bool:
    return isinstance(reply, int)
