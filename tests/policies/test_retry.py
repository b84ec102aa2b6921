"""Further tries: of what, how often, how late, and what is left when none helps. In virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.policies.retry import Retrying, Told, build, is_retried
from gateway.policies.retry_budget import RetryBudget
from gateway.sdk import (
    BackendError,
    BadResponse,
    CircuitOpen,
    Conflict,
    Duration,
    DurationRange,
    GatewayError,
    NotFound,
    OperationConfig,
    Overloaded,
    SourceConfig,
    Timeout,
    Unavailable,
)
from gateway.sdk.source_config import Idempotency, Retry
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of
from tests.policies.tries import Backend, call_with
from tests.policies.virtual_time import LoopClock, timeless

EXACT = DurationRange((0.1, 0.1))


def answered(status: int, *, retry_after: float | None = None) -> BackendError:
    error = BackendError(status_code=status)
    error.retry_after = retry_after
    return error


class Tried:
    """What became of one call with further tries."""

    def __init__(
        self, *script: tuple[float, Any], retry: Retry, call: dict[str, Any] | None = None, keyed: bool = False, calls_before: int = 0
    ) -> None:
        self.backend = Backend(*script)
        self.services = FakeServices()
        self.result: Any = None
        self.error: GatewayError | None = None
        timeless(self._run(retry, call or {}, keyed, calls_before))

    async def _run(self, retry: Retry, call: dict[str, Any], keyed: bool, calls_before: int) -> None:
        budget, loop = RetryBudget(), asyncio.get_running_loop()
        for _ in range(calls_before):
            budget.called(loop.time())
        told = Told(binding_of(FakeOperation()), self.services)
        interceptor = Retrying(retry, keyed=keyed, lanes=lambda _: budget, clock=LoopClock(), told=told, draw=lambda: 1.0)
        began = loop.time()
        try:
            self.result = (await interceptor(call_with(**call), self.backend)).value
        except GatewayError as error:
            self.error = error
        self.took = round(loop.time() - began, 6)

    def told(self, outcome: str) -> float:
        return self.services.metrics.total("gateway_retries_total", source="erp", operation="order", outcome=outcome)


def test_a_call_that_works_is_made_once() -> None:
    tried = Tried((0.2, "fine"), retry=Retry(max=3))
    assert (tried.result, len(tried.backend.calls), tried.took) == ("fine", 1, 0.2)
    assert (tried.told("ok"), tried.told("failed"), tried.told("denied")) == (0, 0, 0)


def test_one_that_fails_is_tried_again() -> None:
    tried = Tried((0.0, answered(503)), (0.0, Unavailable()), (0.0, "fine"), retry=Retry(max=2, backoff=DurationRange((0.1, 1.0))))
    assert tried.result == "fine"
    assert tried.backend.waits == [0.3, 0.9]  # drawn to the full: three times the shortest, three times that
    assert (tried.told("ok"), tried.told("failed")) == (1, 1)


def test_the_last_error_is_settled_when_all_tries_are_used() -> None:
    tried = Tried((0.0, Unavailable()), (0.0, answered(502)), (0.0, answered(503)), retry=Retry(max=2))
    assert tried.error is not None
    assert (tried.error.status_code, tried.error.settled) == (503, True)
    assert (len(tried.backend.calls), tried.told("failed")) == (3, 2)


@pytest.mark.parametrize(
    ("error", "codes", "again"),
    [
        (Unavailable(), None, True),
        (Unavailable(), [503], False),
        (Timeout(), None, False),
        (Timeout(), ["timeout"], True),
        (answered(503), None, True),
        (answered(500), None, False),
        (answered(500), [500], True),
        (answered(429), None, False),
        (answered(429), [429], True),
        (answered(408), [408], True),
        (NotFound(status_code=404), None, False),
        (Conflict(status_code=409), ["connect", "timeout"], False),
        (BadResponse(), ["connect", "timeout", 502], False),
        (CircuitOpen(), ["connect", "timeout", 503], False),
        (Overloaded(), ["connect", "timeout", 503], False),
        (BackendError(status_code=200), None, False),
        (BackendError(), None, False),
    ],
)
def test_what_is_tried_again(error: GatewayError, codes: Any, again: bool) -> None:
    assert is_retried(error, Retry(codes=codes)) is again
    tried = Tried((0.0, error), (0.0, "fine"), retry=Retry(codes=codes))
    assert len(tried.backend.calls) == 1 + again
    if not again:
        assert tried.error is error
        assert not error.settled  # that is for others to say


def test_what_is_settled_elsewhere_stays_so() -> None:
    error = answered(503)
    error.settled = True
    tried = Tried((0.0, error), (0.0, "fine"), retry=Retry(max=3))
    assert (tried.error, len(tried.backend.calls)) == (error, 1)


def test_a_circuit_that_opens_between_two_tries_ends_them() -> None:
    tried = Tried((0.0, answered(503)), (0.0, CircuitOpen()), (0.0, "fine"), retry=Retry(max=3))
    assert isinstance(tried.error, CircuitOpen)
    assert tried.error.settled
    assert len(tried.backend.calls) == 2


def test_a_fault_of_our_own_is_nothing_to_try_again() -> None:
    with pytest.raises(ZeroDivisionError):
        Tried((0.0, ZeroDivisionError()), retry=Retry(max=3))


def test_each_try_has_its_own_time_inside_that_of_all() -> None:
    tried = Tried((0.4, Timeout()), (0.4, "fine"), retry=Retry(codes=["timeout"], backoff=EXACT), call={"seconds": 0.7, "timeout": 0.4})
    begun = tried.backend.began
    assert [round(call.deadline - at, 6) for call, at in zip(tried.backend.calls, begun, strict=True)] == [0.4, 0.2]
    assert len({id(call.course) for call in tried.backend.calls}) == 1


@pytest.mark.parametrize(("seconds", "tries"), [(0.3, 1), (0.31, 2)])
def test_a_try_that_could_not_end_in_time_is_not_begun(seconds: float, tries: int) -> None:
    tried = Tried((0.2, Unavailable()), retry=Retry(max=1, backoff=EXACT), call={"seconds": seconds})
    assert len(tried.backend.calls) == tries
    assert isinstance(tried.error, Unavailable)
    assert tried.error.settled
    assert tried.told("denied") == 0
    if tries == 1:
        assert tried.took == 0.2  # and nobody waits for it


@pytest.mark.parametrize(
    ("retry_after", "waits"),
    [(3.0, [3.0]), (0.0, [0.1]), (None, [0.1]), (9.9, [9.9]), (10.0, []), (3600.0, [])],
)
def test_a_backend_that_says_when_is_asked_then(retry_after: float | None, waits: list[float]) -> None:
    error = answered(503, retry_after=retry_after)
    tried = Tried((0.0, error), (0.0, "fine"), retry=Retry(backoff=EXACT), call={"seconds": 10.0})
    assert tried.backend.waits == waits
    if not waits:
        assert (tried.error, tried.took, error.settled) == (error, 0.0, True)


def test_a_budget_that_is_used_up_refuses_at_once() -> None:
    tried = Tried((0.0, Unavailable()), retry=Retry(max=9))
    assert isinstance(tried.error, Unavailable)
    assert tried.error.settled
    assert (len(tried.backend.calls), tried.told("failed"), tried.told("denied")) == (4, 3, 1)
    tried = Tried((0.0, Unavailable()), retry=Retry(max=9), calls_before=100)
    assert (len(tried.backend.calls), tried.told("failed"), tried.told("denied")) == (10, 9, 0)


@pytest.mark.parametrize(
    ("step", "tries", "waits"),
    [
        (None, 4, [0.3, 0.9, 1.0]),
        (Retry(max=1), 2, [0.3]),
        (Retry(max=9), 4, [0.3, 0.9, 1.0]),
        (Retry(max=0), 1, []),
        (Retry(max=3, codes=[503]), 1, []),
        (Retry(max=2, backoff=DurationRange((0.01, 0.02))), 3, [0.02, 0.02]),
    ],
)
def test_a_step_only_narrows(step: Retry | None, tries: int, waits: list[float]) -> None:
    own = Retry(max=3, codes=["connect", 503], backoff=DurationRange((0.1, 1.0)))
    tried = Tried((0.0, Unavailable()), retry=own, call={"retry": step})
    assert (len(tried.backend.calls), tried.backend.waits) == (tries, waits)
    assert tried.error is not None
    assert tried.error.settled is (tries > 1)  # a step that wants no further try leaves that to others


@pytest.mark.parametrize(("key", "tries"), [("k1", 2), (None, 1)])
def test_a_write_is_tried_again_with_its_key_only(key: str | None, tries: int) -> None:
    tried = Tried((0.0, Unavailable()), retry=Retry(), call={"key": key, "timeout": 1.0}, keyed=True)
    assert len(tried.backend.calls) == tries
    assert {call.idempotency_key for call in tried.backend.calls} == {key}
    assert round(tried.backend.calls[0].deadline - tried.backend.began[0], 6) == 1.0
    assert tried.error is not None
    assert tried.error.settled is (tries > 1)


@pytest.mark.parametrize("after", [0.1, 0.35, 0.5, 0.75])
def test_who_hangs_up_leaves_nothing_behind(after: float) -> None:
    """In the first try, in the first wait, in the second try, in the second wait."""
    backend = Backend((0.3, Unavailable()))
    services = FakeServices()

    async def run() -> None:
        budget = RetryBudget()
        told = Told(binding_of(FakeOperation()), services)
        retrying = Retrying(Retry(max=3, backoff=EXACT), keyed=False, lanes=lambda _: budget, clock=LoopClock(), told=told)
        task = asyncio.ensure_future(retrying(call_with(), backend))
        await asyncio.sleep(after)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        made = len(backend.calls)
        await asyncio.sleep(5)
        assert (len(backend.calls), backend.under_way) == (made, 0)

    timeless(run())


WRITE = FakeOperation(effect="write")
THRICE = Retry(max=3)


@pytest.mark.parametrize(
    ("operation", "config", "source", "there"),
    [
        (FakeOperation(), OperationConfig(retry=THRICE), None, True),
        (FakeOperation(), OperationConfig(), THRICE, True),
        (FakeOperation(), OperationConfig(retry=Retry(max=0)), THRICE, False),
        (FakeOperation(), OperationConfig(), None, False),
        (WRITE, OperationConfig(retry=THRICE), None, False),
        (WRITE, OperationConfig(idempotency=Idempotency()), THRICE, True),
    ],
)
def test_it_is_there_where_further_tries_are_written(
    operation: FakeOperation, config: OperationConfig, source: Retry | None, there: bool
) -> None:
    owner = SourceConfig(source="erp", type="static", retry=source, timeout=Duration(1.0))
    assert (build(binding_of(operation, config, source=owner, shared={}), FakeServices()) is not None) is there


def test_tenants_with_servers_of_their_own_have_their_own_budget() -> None:
    async def tries_of(retrying: Retrying, tenant: str) -> int:
        backend = Backend((0.0, Unavailable()))
        with pytest.raises(Unavailable):
            await retrying(call_with(tenant=tenant), backend)
        return len(backend.calls)

    async def run() -> list[int]:
        binding = binding_of(FakeOperation(), OperationConfig(retry=THRICE), apart=frozenset({"acme"}), shared={})
        built = build(binding, FakeServices(clock=LoopClock()))
        assert built is not None
        return [await tries_of(built, tenant) for tenant in ("zeta", "other", "acme", "acme")]

    assert timeless(run()) == [4, 1, 4, 1]
