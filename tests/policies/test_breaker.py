"""What counts against a backend, what it is spared, and what callers of an open circuit get. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.policies import bulkhead, deadline
from gateway.policies.breaker import Breaker, build
from gateway.sdk import (
    ERRORS_BY_CODE,
    BackendError,
    BadResponse,
    Call,
    CallHandler,
    CircuitOpen,
    Duration,
    GatewayError,
    NotFound,
    OperationConfig,
    Overloaded,
    Result,
    SourceConfig,
    Timeout,
    Unavailable,
)
from gateway.sdk.source_config import CircuitBreaker, Hedge, SourceQueue
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of, value
from tests.policies.tries import Backend, call_with
from tests.policies.virtual_time import LoopClock, timeless

ONCE = CircuitBreaker(failure_threshold=1, recovery_timeout=Duration(10.0))


def services() -> FakeServices:
    return FakeServices(clock=LoopClock())


def breaker(written: CircuitBreaker = ONCE, given: FakeServices | None = None, **more: Any) -> Breaker:
    more.setdefault("shared", {})
    built = build(binding_of(FakeOperation(), more.pop("config", None), breaker=written, **more), given or services())
    assert built is not None
    return built


async def ended(work: Callable[[Call, CallHandler], Any], call: Call, proceed: CallHandler) -> str:
    """`ok`, or the code of the error."""
    try:
        await work(call, proceed)
    except GatewayError as error:
        return error.code
    return "ok"


def opens(error: Exception, **call: Any) -> bool:
    """Whether one such outcome opens a circuit that opens at the first failure."""

    async def run() -> bool:
        subject, asked = breaker(), call_with(**call)
        with pytest.raises(type(error)):
            await subject(asked, Backend((0.0, error)))
        assert asked.course.breaker == "closed"
        again = call_with()
        outcome = await ended(subject, again, Backend((0.0, "fine")))
        assert (outcome == "circuit_open") == (again.course.breaker == "open")
        return outcome == "circuit_open"

    return timeless(run())


def test_without_one_in_force_it_is_not_in_the_chain() -> None:
    assert build(binding_of(FakeOperation()), FakeServices()) is None


@pytest.mark.parametrize("error", [Unavailable(), Timeout(), BadResponse(), *(BackendError(status_code=code) for code in (500, 503, 599))])
def test_a_backend_that_fails_is_left_alone(error: Exception) -> None:
    assert opens(error)


SPARED = [kind() for code, kind in ERRORS_BY_CODE.items() if code not in {"unavailable", "timeout", "bad_response"}]


@pytest.mark.parametrize(
    "error", [*SPARED, BackendError(status_code=499), BackendError(status_code=200), NotFound(status_code=404)], ids=repr
)
def test_business_errors_and_what_we_refuse_ourselves_open_nothing(error: Exception) -> None:
    assert not opens(error)


def test_a_fault_of_our_own_opens_nothing() -> None:
    assert not opens(TypeError())


def test_business_errors_end_a_run_of_failures_and_refusals_of_our_own_do_not() -> None:
    async def run(between: Exception) -> str:
        subject = breaker(CircuitBreaker(failure_threshold=2))
        backend = Backend((0.0, Unavailable()), (0.0, between), (0.0, Unavailable()), (0.0, "fine"))
        for _ in range(3):
            await ended(subject, call_with(), backend)
        return await ended(subject, call_with(), backend)

    assert timeless(run(BackendError(status_code=422))) == "ok"
    assert timeless(run(Overloaded())) == "circuit_open"


def test_an_open_circuit_answers_at_once_and_calls_nobody() -> None:
    async def run() -> None:
        given, backend = services(), Backend((0.0, Unavailable()), (0.0, "fine"))
        subject = breaker(given=given)
        await ended(subject, call_with(), backend)
        await asyncio.sleep(4)
        for _ in range(50):
            with pytest.raises(CircuitOpen) as refused:
                await subject(call_with(), backend)
            assert refused.value.retry_after == pytest.approx(6.0)
            assert not refused.value.settled
        assert len(backend.calls) == 1
        assert given.metrics.total("gateway_short_circuited_total", source="erp") == 50
        await asyncio.sleep(6)
        probe = call_with()
        assert await ended(subject, probe, backend) == "ok"
        assert probe.course.breaker == "half_open"
        after = call_with()
        assert await ended(subject, after, backend) == "ok"
        assert after.course.breaker == "closed"

    timeless(run())


def test_no_more_than_the_probes_reach_a_backend_that_recovers() -> None:
    async def run() -> tuple[int, int]:
        backend = Backend((0.0, Unavailable()), (1.0, "fine"))
        subject = breaker(CircuitBreaker(failure_threshold=1, recovery_timeout=Duration(10.0), success_threshold=2))
        await ended(subject, call_with(), backend)
        await asyncio.sleep(10)
        outcomes = await asyncio.gather(*(ended(subject, call_with(), backend) for _ in range(100)))
        return len(backend.calls) - 1, outcomes.count("circuit_open")

    assert timeless(run()) == (2, 98)


def test_a_probe_that_is_cancelled_leaves_the_next_one_to_try() -> None:
    async def run() -> str:
        backend = Backend((0.0, Unavailable()), (5.0, "fine"))
        subject = breaker()
        await ended(subject, call_with(), backend)
        await asyncio.sleep(10)
        probe = asyncio.ensure_future(subject(call_with(), backend))
        await asyncio.sleep(1)
        assert await ended(subject, call_with(), backend) == "circuit_open"
        probe.cancel()
        await asyncio.wait([probe])
        return await ended(subject, call_with(), backend)

    assert timeless(run()) == "ok"


def test_callers_who_hang_up_never_open_it() -> None:
    async def run() -> str:
        backend, subject = Backend((60.0, "fine")), breaker()
        calls = [asyncio.ensure_future(subject(call_with(), backend)) for _ in range(1000)]
        for seconds in range(10):
            await asyncio.sleep(0.4)
            for call in calls[seconds * 100 : seconds * 100 + 100]:
                call.cancel()
        await asyncio.wait(calls)
        assert all(call.cancelled() for call in calls)
        return await ended(subject, call_with(), Backend((0.0, "fine")))

    assert timeless(run()) == "ok"


def test_who_waits_outside_until_the_deadline_does_not_hide_that_it_is_late() -> None:
    async def run() -> str:
        subject = breaker()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5.0):
                await subject(call_with(5.0), Backend((60.0, "fine")))
        return await ended(subject, call_with(), Backend((0.0, "fine")))

    assert timeless(run()) == "circuit_open"


@pytest.mark.parametrize(
    ("seconds", "patience", "blamed"),
    [
        (5.0, float("inf"), True),
        (2.5, float("inf"), True),
        (2.4, float("inf"), False),  # of the 5 seconds that the operation may take
        (0.9, 2.0, False),  # of the 2 seconds that the request may take
        (1.1, 2.0, True),
    ],
)
def test_one_that_had_little_of_its_time_is_not_blamed_for_being_late(seconds: float, patience: float, blamed: bool) -> None:
    async def run() -> bool:
        subject, call = breaker(), call_with(seconds)
        call.context.patience = patience
        late = deadline.Deadline(LoopClock())
        assert await ended(subject, call, lambda call: late(call, Backend((60.0, "fine")))) == "timeout"
        return await ended(subject, call_with(), Backend((0.0, "fine"))) == "circuit_open"

    assert timeless(run()) == blamed


def behind_a_queue(written: CircuitBreaker, config: OperationConfig | None = None) -> Callable[[Call, CallHandler], Any]:
    """A breaker, one place behind it, and a deadline."""
    given, shared = services(), {}
    source = SourceConfig(source="erp", type="static", concurrency=1, queue=SourceQueue(max=10, wait=Duration(100.0)))
    bound = binding_of(FakeOperation(), config, breaker=written, shared=shared, source=source)
    outer, inner, late = build(bound, given), bulkhead.build(bound, given), deadline.Deadline(LoopClock())
    assert outer is not None
    assert inner is not None

    async def whole(call: Call, backend: CallHandler) -> Result:
        return await outer(call, lambda call: inner(call, lambda call: late(call, backend)))

    return whole


def test_time_in_our_own_queue_is_not_the_backends() -> None:
    async def run() -> list[str]:
        work, backend = behind_a_queue(ONCE), Backend((4.0, "first"), (60.0, "late"), (0.0, "fine"))
        first = asyncio.ensure_future(ended(work, call_with(30), backend))
        await asyncio.sleep(0)
        second = await ended(work, call_with(5.0), backend)
        return [await first, second, await ended(work, call_with(), backend)]

    assert timeless(run()) == ["ok", "timeout", "ok"]


@pytest.mark.parametrize("hedged", [True, False])
def test_a_slow_call_is_one_that_the_backend_was_slow_with(hedged: bool) -> None:
    async def run() -> list[str]:
        written = CircuitBreaker(window=Duration(100.0), minimum_calls=4, slow_call_duration=Duration(1.5), slow_call_rate=0.5)
        config = OperationConfig(hedge=Hedge(delay=Duration(1.0))) if hedged else None
        work, backend = behind_a_queue(written, config), Backend((1.0, "fine"))
        return await asyncio.gather(*(ended(work, call_with(50), backend) for _ in range(8)))

    assert timeless(run()) == ["ok"] * 8


def test_what_waits_in_the_queue_when_it_opens_is_not_sent_any_more() -> None:
    async def run() -> tuple[list[str], int]:
        work, backend = behind_a_queue(ONCE), Backend((2.0, Unavailable()), (0.0, "fine"))
        outcomes = await asyncio.gather(*(ended(work, call_with(50), backend) for _ in range(8)))
        return outcomes, len(backend.calls)

    assert timeless(run()) == (["unavailable", *["circuit_open"] * 7], 1)


def test_a_flapping_backend_opens_it_at_most_once_in_its_recovery_time() -> None:
    async def run() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        given, most, busy = services(), 0, 0
        subject = breaker(CircuitBreaker(failure_threshold=3, recovery_timeout=Duration(1.0), success_threshold=2), given)
        began = loop.time()

        async def backend(call: Call) -> Result:
            nonlocal busy, most
            up = int((loop.time() - began) / 0.3) % 2 == 0
            busy += 1
            most = max(most, busy if call.course.breaker == "half_open" else 0)
            await asyncio.sleep(0.02)
            busy -= 1
            if not up:
                raise Unavailable
            return value("fine")

        calls = []
        for _ in range(3000):
            calls.append(asyncio.ensure_future(ended(subject, call_with(), backend)))
            await asyncio.sleep(0.01)
        await asyncio.gather(*calls)
        return given.metrics.total("gateway_circuit_transitions_total", source="erp", to="open"), most

    openings, most_probes = timeless(run())
    assert 10 <= openings <= 30
    assert most_probes <= 2
