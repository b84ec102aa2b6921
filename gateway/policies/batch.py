"""Interceptor `batch`: many calls of one operation become one call of another, its rows matched by key.

Calls share a batch when all their other arguments are equal, and so is whatever else either of the two operations sends upstream
(the key rule of `gateway.sdk.sharing`), and what their steps make narrower. A key without a row gives null; two rows for one key are a
`BadResponse` for that key. A call whose key is null, or holds the text that keys are joined by, is made alone; so is one whose key only
looks like one that waits already (`1` and `"1"`), and one of another caller than the batch was sent for, where the backend says that its
answer is for one caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any, NamedTuple

from gateway.policies.freshness import for_one_caller
from gateway.sdk import (
    RESPONSE_ROOTS,
    BadResponse,
    Binding,
    Call,
    CallHandler,
    Clock,
    Compiled,
    Component,
    GatewayError,
    Response,
    Result,
    Services,
    Timeout,
    Unavailable,
)
from gateway.sdk.sharing import Sharing, canonical
from gateway.sdk.source_config import Batch


class _Gathering:
    """Keys that wait for one call."""

    __slots__ = ("call", "deadline", "exact", "futures", "group", "keys", "task", "timer", "waiting")

    def __init__(self, group: Hashable, call: Call) -> None:
        self.group = group
        self.call = call
        self.deadline = call.deadline
        self.keys: list[dict[str, Any]] = []
        self.futures: dict[str, asyncio.Future[Result]] = {}
        self.exact: dict[str, bytes] = {}
        self.timer: asyncio.Handle | None = None
        self.task: asyncio.Task[None] | None = None
        self.waiting = 0

    @property
    def whose(self) -> tuple[str, ...]:
        """Who the call is made for; all others are only given what is not for one caller alone."""
        return self.call.context.identity


class Target(NamedTuple):
    """The operation that takes many keys at once: its id, and the chain round it."""

    id: str
    handler: CallHandler


class Batcher:
    """Gathers calls of one operation."""

    def __init__(self, config: Batch, target: Target, rows: Compiled, *, sharing: Sharing, clock: Clock) -> None:
        self._config = config
        self._target = target
        self._rows = rows
        self._sharing = sharing
        self._clock = clock
        self._gathering: dict[Hashable, _Gathering] = {}

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        left = call.deadline - self._clock.monotonic()
        if left <= 0:
            raise Timeout
        key = {name: call.arguments.get(name) for name in self._config.match}
        if not self._batchable(key):
            return await proceed(call)
        others = {name: value for name, value in call.arguments.items() if name not in key}
        text = _text_key(list(key.values()))
        group = (self._sharing.key(call.context), canonical(others), id(call.limits))
        if self._only_looks_alike(group, text, key):
            return await proceed(call)
        gathering = self._join(group, call.replace(arguments=others), text, key)
        future = gathering.futures[text]
        try:
            async with asyncio.timeout(left):
                result = await asyncio.shield(future)
            alone = for_one_caller(result.response.headers)
        except TimeoutError:
            raise Timeout from None
        except GatewayError as error:
            if not error.private or gathering.whose == call.context.identity:
                raise
            alone = True
        finally:
            self._leave(gathering)
        if alone and gathering.whose != call.context.identity:
            return await proceed(call)
        call.course.follow(gathering.call.course)
        return result

    def _batchable(self, key: dict[str, Any]) -> bool:
        separator = self._config.join
        return not any(value is None or (separator and separator in _text(value)) for value in key.values())

    def _only_looks_alike(self, group: Hashable, text: str, key: dict[str, Any]) -> bool:
        gathering = self._gathering.get(group)
        return gathering is not None and gathering.exact.get(text, exact := canonical(key)) != exact

    def _join(self, group: Hashable, call: Call, text: str, key: dict[str, Any]) -> _Gathering:
        """`call` is without the key."""
        loop = asyncio.get_running_loop()
        gathering = self._gathering.get(group)
        if gathering is None:
            gathering = self._gathering[group] = _Gathering(group, call)
            start = self._start
            if self._config.wait > 0:
                gathering.timer = loop.call_later(self._config.wait, start, group)
            else:
                gathering.timer = loop.call_soon(start, group)
        gathering.waiting += 1
        gathering.deadline = max(gathering.deadline, call.deadline)
        gathering.call.timeout = max(gathering.call.timeout, call.timeout)
        if text not in gathering.futures:
            gathering.exact[text] = canonical(key)
            gathering.futures[text] = loop.create_future()
            gathering.keys.append(key)
        if len(gathering.keys) >= self._config.max:
            if gathering.timer is not None:
                gathering.timer.cancel()
            self._start(group)
        return gathering

    def _leave(self, gathering: _Gathering) -> None:
        """The last who leaves ends the call, or keeps it from being made."""
        gathering.waiting -= 1
        if gathering.waiting > 0:
            return
        if gathering.task is not None:
            gathering.task.cancel()
        else:
            del self._gathering[gathering.group]
            if gathering.timer is not None:
                gathering.timer.cancel()

    def _start(self, group: Hashable) -> None:
        gathering = self._gathering.pop(group)
        gathering.task = asyncio.get_running_loop().create_task(self._fetch(gathering))

    async def _fetch(self, gathering: _Gathering) -> None:
        """The background border of a batch: whatever happens, every waiter hears of it."""
        try:
            call = gathering.call
            arguments = {**call.arguments, self._config.param: self._parameter(gathering.keys)}
            call = call.replace(operation=self._target.id, arguments=arguments, deadline=gathering.deadline)
            result = await self._target.handler(call)
            self._hand_out(gathering, result)
        except GatewayError as error:
            _fail(gathering, error)
        except asyncio.CancelledError:
            _fail(gathering, Unavailable())
            raise
        except Exception as error:  # a background task has no other caller to tell
            _fail(gathering, error)

    def _parameter(self, keys: list[dict[str, Any]]) -> Any:
        if len(self._config.match) > 1:
            return keys
        values = [value for key in keys for value in key.values()]
        return self._config.join.join(_text(value) for value in values) if self._config.join is not None else values

    def _hand_out(self, gathering: _Gathering, result: Result) -> None:
        response = result.response
        rows = self._rows({"body": response.body, "headers": response.headers, "status_code": response.status_code})
        if not isinstance(rows, list):
            raise BadResponse("A batch answer holds no list of rows.")
        fields = list(self._config.match.values())
        found: dict[str, list[Any]] = {}
        for row in rows:
            if isinstance(row, dict) and all(row.get(field) is not None for field in fields):
                found.setdefault(_text_key([row.get(field) for field in fields]), []).append(row)
        for key, future in gathering.futures.items():
            if future.done():
                continue
            matches = found.get(key, [])
            if len(matches) > 1:
                future.set_exception(BadResponse("A batch answer holds two rows for one key."))
                future.exception()
                continue
            row = matches[0] if matches else None
            future.set_result(Result(row, Response(row, response.status_code, response.headers)))


def _fail(gathering: _Gathering, error: Exception) -> None:
    for future in gathering.futures.values():
        if not future.done():
            future.set_exception(error)
            future.exception()  # looked at, in case the waiter is gone


def _text(value: Any) -> str:
    """A key as it stands in a URL: backends hand back `7` for `"7"`."""
    return value if isinstance(value, str) else canonical(value).decode()


def _text_key(values: list[Any]) -> str:
    texts = [_text(value) for value in values]
    return "".join(f"{len(text)}:{text}" for text in texts)


def build(binding: Binding, services: Services) -> Batcher | None:
    """Where the operation has `batch`. That the operation named there exists, and reads, is for the planner to say."""
    config = binding.config.batch
    if config is None or binding.operation.effect == "write":
        return None
    rows = services.expression(config.rows, path=("batch", "rows"), roots=RESPONSE_ROOTS)
    handler = binding.sibling(config.operation)
    if handler is None:
        return None
    target = Target(f"{binding.id.partition('.')[0]}.{config.operation}", handler)
    return Batcher(config, target, rows, sharing=Sharing(*binding.involved), clock=services.clock)


component = Component(
    kind="interceptor",
    name="batch",
    Config=Batch,
    build=build,
    summary="Many calls of one operation become one call of another, matched by key.",
    example="batch: {operation: listAvailability, param: skus, join: ',', rows: body.items, match: {sku: sku}}",
)
