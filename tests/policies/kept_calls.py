"""Caches of operations for tests: built as the planner does, in virtual time, over backends and stores that tests own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateway.policies.cache import AnswerCache, build
from gateway.policies.kept_answers import KeptAnswers
from gateway.sdk import Call, CallHandler, NotFound, OperationConfig, Response, Result, StepLimits
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import Batch, Cache
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, call_by
from tests.virtual_time import VirtualClock


class Backend:
    """Answers after `seconds` with what `answer` makes of a call and its number; raises what that gives as an error."""

    def __init__(self, answer: Callable[[Call, int], Any] | None = None, seconds: float = 0.0) -> None:
        self.calls: list[Call] = []
        self.seconds = seconds
        self.answer = answer or (lambda _, number: {"number": number})

    async def __call__(self, call: Call) -> Result:
        self.calls.append(call)
        call.course.attempts += 1
        number = len(self.calls)
        await asyncio.sleep(self.seconds)
        given = self.answer(call, number)
        if isinstance(given, Exception):
            raise given
        if isinstance(given, Result):
            return given
        response = given if isinstance(given, Response) else Response(given)
        return Result(None if response.status_code == 304 else response.body, response)


class SharedState:
    """A `StateStore` that processes of one test share: `of(name)` is one process's."""

    def __init__(self) -> None:
        self.values: dict[bytes, tuple[bytes, float]] = {}
        self.hooks: list[tuple[SharedState, str, Callable[[bytes], None]]] = []
        self.missed: list[Callable[[], None]] = []
        self.up = True
        self.deaf = False
        self.gets = 0
        self.clock = VirtualClock()

    def of(self) -> SharedState:
        """Another process's end of the same store."""
        other = SharedState()
        other.values, other.hooks = self.values, self.hooks
        return other

    async def get(self, key: bytes, /) -> bytes | None:
        self.gets += 1
        await asyncio.sleep(0.001)
        value, until = self.values.get(key, (None, 0.0))
        return value if self.up and until > self.clock.monotonic() else None

    async def set(self, key: bytes, value: bytes, ttl: float, /) -> None:
        assert ttl > 0
        if self.up:
            self.values[key] = (value, self.clock.monotonic() + ttl)

    async def delete(self, *keys: bytes) -> None:
        for key in keys if self.up else ():
            self.values.pop(key, None)

    async def announce(self, topic: str, message: bytes, /) -> None:
        for owner, listened, hook in self.hooks:
            if owner is not self and listened == topic and self.up and not owner.deaf:
                hook(message)

    def listen(self, topic: str, hook: Callable[[bytes], None], /, missed: Callable[[], None] | None = None) -> None:
        self.hooks.append((self, topic, hook))
        if missed is not None:
            self.missed.append(missed)


class Process:
    """One process with caches of `erp.order`; its parts are made in a running loop."""

    def __init__(self, *, state: SharedState | None = None, most: int = 1 << 20) -> None:
        self.clock = VirtualClock()
        self.services = FakeServices(clock=self.clock)
        self.answers = KeptAnswers(most, self.clock, self.services.metrics, state)
        self.services.answers = self.answers

    def cache(
        self, operation: FakeOperation | None = None, *, batch: Batch | None = None, more: Mapping[str, Any] | None = None, **keys: Any
    ) -> AnswerCache:
        """`keys` are those of `cache`, as they are written; `more` are further members of the binding."""
        written = msgspec.convert({"ttl": "10s", **keys}, Cache, dec_hook=decode_hook)
        config = OperationConfig(cache=written, batch=batch)
        cache = build(binding_of(operation or FakeOperation(), config, **(more or {})), self.services)
        assert cache is not None
        assert self.services.problems == []
        return cache

    def count(self, result: str) -> float:
        """Requests with that result."""
        return self.services.metrics.total("gateway_cache_requests_total", source="erp", operation="order", result=result)


def asking(
    user: str = "u1", *, seconds: float = 5.0, stale: float | None = None, limits: Mapping[str, Any] | None = None, **more: Any
) -> Call:
    """A call with so many virtual seconds left; `limits` are those of the step's `cache`, as written."""
    call = call_by(user, **more)
    call.deadline = VirtualClock().monotonic() + seconds
    call.stale = stale
    if limits is not None:
        call.limits = StepLimits(cache=msgspec.convert({"ttl": "auto", **limits}, Cache, dec_hook=decode_hook))
    return call


async def number(cache: AnswerCache, backend: CallHandler, call: Call | None = None) -> Any:
    """Which of the backend's answers a call gets, or the class of its error."""
    try:
        result = await cache(call or asking(), backend)
    except NotFound:
        return NotFound
    return result.value["number"] if isinstance(result.value, dict) else result.value
