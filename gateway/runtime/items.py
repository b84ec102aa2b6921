"""`foreach`: one action per item, results in input order (language §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from gateway.runtime.calls import NothingToAsk, Turn
from gateway.runtime.ladder import obtain
from gateway.runtime.plan import CallIntent, CallOperation, ForEach, StepPlan
from gateway.sdk import BadResponse, ExpressionFault, GatewayError, Scope
from gateway.sdk.sharing import canonical

_ABSENT = object()


class _Item:
    __slots__ = ("index", "key", "value")

    def __init__(self, index: int, value: Any, key: bytes) -> None:
        self.index = index
        self.value = value
        self.key = key


async def obtain_each(turn: Turn, foreach: ForEach, action: CallOperation | CallIntent) -> list[Any]:
    """The list of values. Raises the first item's error under `item_error: fail`."""
    items = list(_select(turn.step, foreach, turn.scope))
    values: list[Any] = [_ABSENT] * len(items)
    outcomes: list[dict[str, Any]] = [{} for _ in items]

    async def one(position: int) -> None:
        values[position], outcomes[position] = await _obtain_one(turn, foreach, action, items[position])

    batched = isinstance(action, CallOperation) and action.operation.batched
    await _spread(one, len(items), len(items) if batched else foreach.concurrency)
    turn.trail.items = outcomes
    return [value for value in values if value is not _ABSENT]


def _select(step: StepPlan, foreach: ForEach, scope: Scope) -> Iterator[_Item]:
    """For reads, nulls are left out and equal items taken once; writes take every item as it is."""
    items = foreach.items(scope)
    if items is None:
        return
    if not isinstance(items, list):
        raise ExpressionFault(f"`foreach` of step `{step.id}` gave no list.")
    if len(items) > foreach.max_items:
        raise BadResponse(f"Step `{step.id}` was given more than {foreach.max_items} items.")
    seen: set[bytes] = set()
    for index, value in enumerate(items):
        if step.writes:
            yield _Item(index, value, b"%d" % index)
        elif value is not None and (key := canonical(value)) not in seen:
            seen.add(key)
            yield _Item(index, value, key)


async def _obtain_one(turn: Turn, foreach: ForEach, action: CallOperation | CallIntent, item: _Item) -> tuple[Any, dict[str, Any]]:
    try:
        value = await obtain(turn.for_item(item.index, item.key, foreach.name, item.value), action)
    except NothingToAsk:
        return _ABSENT, {"index": item.index, "status": "skipped", "code": None}
    except GatewayError as error:
        if foreach.item_error == "fail":
            raise
        turn.trail.missed(error, f"/{item.index}")
        if turn.step.ensures:
            turn.trail.left_unchecked(error)
        kept = None if foreach.item_error == "keep_null" else _ABSENT
        return kept, {"index": item.index, "status": "failed", "code": error.code}
    return value, {"index": item.index, "status": "ok", "code": None}


async def _spread(one: Callable[[int], Awaitable[None]], count: int, concurrency: int) -> None:
    """Runs `one(0..count-1)`, at most `concurrency` at a time; the first failure ends the others."""
    if count == 0:
        return
    if count == 1:
        await one(0)
        return
    positions = iter(range(count))

    async def worker() -> None:
        for position in positions:
            await one(position)

    workers = [asyncio.ensure_future(worker()) for _ in range(min(concurrency, count))]
    try:
        await asyncio.gather(*workers)
    except BaseException:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        raise
