"""Interceptor `breaker`: leaves a failing backend alone for a while, then lets single calls try it (`gateway.sdk.circuit`).

What counts against a backend: it can't be reached, is late, can't be understood, or answers with a status from 500 on that `success`
doesn't accept. Business errors are good answers. What says nothing about it counts neither way: a caller who hangs up, a refusal of our
own, a request that was never sent.
"""

from __future__ import annotations

import asyncio

from gateway.policies.circuits import circuits_of, refusal
from gateway.sdk import (
    BackendError,
    BadResponse,
    Binding,
    Call,
    CallHandler,
    Circuit,
    Clock,
    Component,
    Conflict,
    Counter,
    GatewayError,
    NotFound,
    Result,
    Services,
    Timeout,
    Unavailable,
)
from gateway.sdk.deadlines import EARLY
from gateway.sdk.lanes import Lanes
from gateway.sdk.source_config import CircuitBreaker

SERVER_ERROR = 500


class Breaker:
    """Round each call that is to be sent. `tells_apart`: calls that wait in our queue may share one `Call`, or are timed."""

    def __init__(self, circuits: Lanes[Circuit], clock: Clock, refused: Counter, *, tells_apart: bool) -> None:
        self._circuits = circuits
        self._time = clock.monotonic
        self._refused = refused
        self._tells_apart = tells_apart

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        circuit, started = self._circuits.of(call.context.identity[0]), self._time()
        ticket = circuit.admit(started)
        call.course.breaker = circuit.state
        if not ticket:
            self._refused.inc()
            raise refusal(circuit, started)
        if self._tells_apart:
            call = call.replace()
        failed: bool | None = None
        try:
            result = await proceed(call)
            failed = False
        except GatewayError as error:
            failed = _blames(error) and (_had_time(call, started) if isinstance(error, Timeout) else True)
            raise
        except asyncio.CancelledError:
            # Who waits outside until the same deadline may cancel a moment before the call is told that it is late.
            if self._time() >= call.deadline - EARLY:
                failed = _had_time(call, started)
            raise
        finally:
            ended = self._time()
            if failed is None:
                circuit.left(ticket)
            elif failed:
                circuit.failed(ticket, ended, ended - started - call.waited)
            else:
                circuit.succeeded(ticket, ended, ended - started - call.waited)
        return result


def _blames(error: GatewayError) -> bool | None:
    """Whether an error is the backend's failure (True), its answer (False), or says nothing about it (None)."""
    if isinstance(error, Unavailable | Timeout | BadResponse):
        return True
    if isinstance(error, BackendError):
        return error.status_code is not None and error.status_code >= SERVER_ERROR
    return False if isinstance(error, NotFound | Conflict) else None


def _had_time(call: Call, started: float) -> bool | None:
    """True where a late backend is to blame, None where it had too little time for that."""
    return True if call.deadline - started - call.waited >= call.fair else None


def build(binding: Binding, services: Services) -> Breaker | None:
    """Where a circuit breaker is in force for the operation."""
    circuits = circuits_of(binding, services)
    if circuits is None or binding.breaker is None:
        return None
    source = binding.id.partition(".")[0]
    refused = services.metrics.counter("gateway_short_circuited_total", "Calls that an open circuit refused.", source=source)
    tells_apart = binding.breaker.slow_call_duration is not None or binding.config.hedge is not None
    return Breaker(circuits, services.clock, refused, tells_apart=tells_apart)


component = Component(
    kind="interceptor",
    name="breaker",
    Config=CircuitBreaker,
    build=build,
    summary="Leaves a failing backend alone for a while.",
    example="circuit_breaker: {failure_threshold: 5, recovery_timeout: 60s}",
)
