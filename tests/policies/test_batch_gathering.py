"""Gathering calls into batches: when one starts, who shares one, and who hears of its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.policies.batch import Batcher, build
from gateway.sdk import (
    BadResponse,
    Call,
    Duration,
    NotFound,
    OperationConfig,
    Reference,
    Response,
    Result,
    StepLimits,
    Timeout,
    Unavailable,
)
from gateway.sdk.source_config import Batch
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, call_by

Answer = Callable[[Call], Any]


class Fetch:
    """The operation that takes many keys: answers once it is open, and remembers."""

    def __init__(self, answer: Answer | None = None, *, waits: bool = False) -> None:
        self.calls: list[Call] = []
        self.ended = 0
        self.open = asyncio.Event()
        self._answer = answer or (lambda call: [{"sku": key, "n": number} for number, key in enumerate(call.arguments["skus"])])
        if not waits:
            self.open.set()

    @property
    def keys(self) -> list[Any]:
        return [call.arguments["skus"] for call in self.calls]

    async def __call__(self, call: Call) -> Result:
        self.calls.append(call)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.ended += 1
            raise
        body = self._answer(call)
        return Result(body, Response(body))


async def alone(call: Call) -> Result:
    raise AssertionError("this call goes into a batch")


def batcher(fetch: Fetch, *, identity: frozenset[Reference] = frozenset(), **config: Any) -> Batcher:
    batch = Batch(**{"operation": "many", "param": "skus", "match": {"sku": "sku"}, **config})
    made = build(binding_of(FakeOperation("one", identity=identity), OperationConfig(batch=batch), fetch), FakeServices())
    assert made is not None
    return made


def ask(subject: Batcher, sku: Any, **more: Any) -> asyncio.Task[Result]:
    arguments = {"sku": sku, **more.pop("arguments", {})}
    return asyncio.create_task(subject(call_by(arguments=arguments, **more), alone))


async def values(*tasks: asyncio.Task[Result]) -> list[Any]:
    return [result.value and result.value["n"] for result in await asyncio.gather(*tasks)]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_asked_in_one_go_is_one_call_and_each_key_once() -> None:
    fetch = Fetch()
    subject = batcher(fetch)
    assert await values(*(ask(subject, sku) for sku in ("a", "b", "a", "c"))) == [0, 1, 0, 2]
    assert fetch.keys == [["a", "b", "c"]]
    assert fetch.calls[0].operation == "erp.many"


async def test_a_full_batch_starts_at_once() -> None:
    fetch = Fetch()
    subject = batcher(fetch, max=2, wait=Duration(30))
    assert await values(*(ask(subject, sku) for sku in ("a", "b", "c", "d"))) == [0, 1, 0, 1]
    assert fetch.keys == [["a", "b"], ["c", "d"]]


async def test_a_batch_waits_for_others() -> None:
    fetch = Fetch()
    subject = batcher(fetch, wait=Duration(0.02))
    first = ask(subject, "a")
    await turns(20)
    assert fetch.calls == []
    assert await values(first, ask(subject, "b")) == [0, 1]
    assert fetch.keys == [["a", "b"]]


@pytest.mark.parametrize(
    ("identity", "one", "other"),
    [
        (frozenset({("user", "id")}), {"user": "alice"}, {"user": "bob"}),
        (frozenset(), {"tenant": "acme"}, {"tenant": "zeta"}),
        (frozenset(), {"arguments": {"market": "de"}}, {"arguments": {"market": "en"}}),
        (frozenset(), {"arguments": {"market": "de"}}, {}),
    ],
)
async def test_who_differs_in_anything_else_has_another_batch(identity: frozenset[Reference], one: Any, other: Any) -> None:
    fetch = Fetch(lambda call: [{"sku": key, "n": call.context.identity} for key in call.arguments["skus"]])
    subject = batcher(fetch, identity=identity)
    results = await asyncio.gather(ask(subject, "a", **one), ask(subject, "b", **other))
    assert sorted(fetch.keys) == [["a"], ["b"]]
    assert [result.value["n"] for result in results] == [call_by(**each).context.identity for each in (one, other)]
    assert [call.arguments.get("market") for call in fetch.calls] == [each.get("arguments", {}).get("market") for each in (one, other)]


async def test_others_of_the_same_kind_share() -> None:
    fetch = Fetch()
    subject = batcher(fetch)
    await values(ask(subject, "a", user="alice"), ask(subject, "b", user="bob"))
    assert fetch.keys == [["a", "b"]]


async def test_composite_keys_and_separators() -> None:
    fetch = Fetch(lambda call: [{"s": key["sku"], "z": key["size"], "n": key} for key in call.arguments["skus"]])
    subject = batcher(fetch, match={"sku": "s", "size": "z"})
    keys = [{"sku": "a", "size": 1}, {"sku": "a", "size": 2}]
    assert await values(*(ask(subject, key["sku"], arguments={"size": key["size"]}) for key in keys)) == keys
    joined = Fetch(lambda call: [])
    await values(*(ask(batcher(joined, join=";"), sku) for sku in ("a",)))
    assert joined.keys == ["a"]


async def test_an_error_is_that_of_all_who_wait() -> None:
    def fail(call: Call) -> Any:
        raise NotFound

    subject = batcher(Fetch(fail))
    found = await asyncio.gather(*(ask(subject, sku) for sku in "abc"), return_exceptions=True)
    assert [type(each) for each in found] == [NotFound] * 3


@pytest.mark.parametrize("body", [{"rows": []}, "text", None, 7])
async def test_an_answer_without_rows_is_bad(body: Any) -> None:
    subject = batcher(Fetch(lambda call: body))
    with pytest.raises(BadResponse):
        await ask(subject, "a")


async def test_a_fault_of_the_code_is_heard_too() -> None:
    def fail(call: Call) -> Any:
        raise ZeroDivisionError

    subject = batcher(Fetch(fail))
    found = await asyncio.gather(ask(subject, "a"), ask(subject, "b"), return_exceptions=True)
    assert [type(each) for each in found] == [ZeroDivisionError] * 2


async def test_missing_rows_are_null_and_two_are_a_fault_of_that_key_alone() -> None:
    rows = [{"sku": "b", "n": 1}, {"sku": "b", "n": 2}, {"sku": "c", "n": 3}, "no row", {"n": 4}]
    subject = batcher(Fetch(lambda call: rows))
    a, b, c = await asyncio.gather(*(ask(subject, sku) for sku in "abc"), return_exceptions=True)
    assert isinstance(a, Result)
    assert a.value is None
    assert isinstance(b, BadResponse)
    assert isinstance(c, Result)
    assert c.value == {"sku": "c", "n": 3}


async def test_one_who_leaves_takes_nobody_along() -> None:
    fetch = Fetch(waits=True)
    subject = batcher(fetch)
    first, second = ask(subject, "a"), ask(subject, "b")
    await turns()
    first.cancel()
    await turns()
    fetch.open.set()
    assert await values(second) == [1]
    assert first.cancelled()


async def test_the_last_to_leave_ends_the_call() -> None:
    fetch = Fetch(waits=True)
    subject = batcher(fetch)
    tasks = [ask(subject, sku) for sku in "ab"]
    await turns()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await turns()
    assert fetch.ended == 1
    assert subject._gathering == {}


async def test_if_all_leave_before_it_starts_nothing_is_called() -> None:
    fetch = Fetch()
    subject = batcher(fetch, wait=Duration(0.005))
    task = ask(subject, "a")
    await turns()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert fetch.calls == []
    assert subject._gathering == {}
    assert await values(ask(subject, "b")) == [0]


async def test_each_waits_as_long_as_it_may_and_the_call_as_the_longest() -> None:
    fetch = Fetch(waits=True)
    subject = batcher(fetch)
    short, long = ask(subject, "a", seconds=0.01), ask(subject, "b", seconds=5)
    with pytest.raises(Timeout):
        await short
    assert fetch.calls[0].deadline - asyncio.get_running_loop().time() > 4
    fetch.open.set()
    assert await values(long) == [1]
    with pytest.raises(Timeout):
        await ask(subject, "c", seconds=-1)


async def test_a_call_that_is_torn_off_is_unavailable_to_who_waits() -> None:
    def tear(call: Call) -> Any:
        raise asyncio.CancelledError

    with pytest.raises(Unavailable):
        await ask(batcher(Fetch(tear)), "a")


def test_writes_and_operations_without_a_batch_have_none() -> None:
    batch = OperationConfig(batch=Batch(operation="many", param="skus", match={"sku": "sku"}))
    assert build(binding_of(FakeOperation()), FakeServices()) is None
    assert build(binding_of(FakeOperation(effect="write"), batch, alone), FakeServices()) is None
    assert build(binding_of(FakeOperation(), batch, None), FakeServices()) is None


async def test_what_steps_make_narrower_parts_them() -> None:
    fetch = Fetch()
    subject = batcher(fetch)
    calls = [call_by(arguments={"sku": sku}) for sku in ("a", "b", "c")]
    calls[1].limits = StepLimits(stale_by_ladder=True)
    await asyncio.gather(*(subject(call, alone) for call in calls))
    assert fetch.keys == [["a", "c"], ["b"]]
    assert [call.limits.stale_by_ladder for call in fetch.calls] == [False, True]


async def test_all_of_a_batch_are_told_what_its_answer_is() -> None:
    def kept(call: Call) -> Any:
        call.course.cached = call.course.stale = True
        call.course.attempts = 1
        return [{"sku": key, "n": 0} for key in call.arguments["skus"]]

    subject, calls = batcher(Fetch(kept)), [call_by(arguments={"sku": sku}) for sku in "abc"]
    await asyncio.gather(*(subject(call, alone) for call in calls))
    assert [(call.course.cached, call.course.stale, call.course.attempts) for call in calls] == [
        (True, True, 1),
        (True, True, 0),
        (True, True, 0),
    ]
