"""Word of circuits between processes: beside the calls, and of no harm whatever it is."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from gateway.policies.circuit_speaker import MOST, Speaker
from gateway.policies.circuit_word import Word
from gateway.policies.circuits import circuits_of
from gateway.sdk import Binding, Circuit, OperationConfig
from gateway.sdk.source_config import CircuitBreaker
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, binding_of
from tests.policies.kept_calls import SharedState

BREAKER = CircuitBreaker(failure_threshold=2)


def binding(shared: dict[str, Any]) -> Binding:
    return binding_of(FakeOperation("order"), OperationConfig(), breaker=BREAKER, shared=shared, apart=frozenset({"acme"}))


async def process(state: SharedState) -> tuple[FakeServices, Circuit]:
    """One process's circuit of all tenants that are not apart."""
    services = FakeServices()
    services.state = state  # type: ignore[assignment]
    lanes = circuits_of(binding({}), services)
    assert lanes is not None
    for start in services.starters:
        await start()
    return services, lanes.of("t1")


async def said(*processes: FakeServices) -> None:
    """What was to be told has been."""
    for services in processes:
        for close in services.closers:
            await close()


def fail(circuit: Circuit, now: float) -> None:
    for _ in range(2):
        circuit.failed(circuit.admit(now), now)


async def test_a_circuit_that_opens_here_opens_there_in_its_lane() -> None:
    state = SharedState()
    here, circuit = await process(state)
    there, other = await process(state.of())
    fail(circuit, here.clock.monotonic())
    assert other.state == "closed", "nobody waits for word"
    await said(here)
    assert other.state == "open"
    assert there.standings.told("erp")["circuit"] == "open"
    assert there.standings.told("erp")["circuits"] == [{"tenant": "acme", "state": "closed"}]
    assert there.standings.open_circuits("t1", there.clock.monotonic()) == ["erp"]
    assert there.standings.open_circuits("acme", there.clock.monotonic()) == []


async def test_what_was_heard_is_not_told_on() -> None:
    state = SharedState()
    here, circuit = await process(state)
    there, _ = await process(state.of())
    spoken: list[bytes] = []
    state.of().listen("circuit/erp", spoken.append)
    fail(circuit, here.clock.monotonic())
    await said(here, there)
    assert len(spoken) == 1


async def test_while_the_store_is_away_each_goes_by_itself() -> None:
    state = SharedState()
    here, circuit = await process(state)
    _, other = await process(state.of())
    state.up = False
    fail(circuit, here.clock.monotonic())
    await said(here)
    assert (circuit.state, other.state) == ("open", "closed")


@pytest.mark.parametrize("message", [b"", b"\xff", b"\x90", b"hush", b"\x95\xc4\x01a\xa0\xa0\xa9half_open\x01"])
async def test_word_that_is_none_changes_nothing(message: bytes, caplog: pytest.LogCaptureFixture) -> None:
    state = SharedState()
    _, circuit = await process(state)
    await state.of().announce("circuit/erp", message)
    assert circuit.state == "closed"
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, "word of a circuit can't be read")]


async def test_word_of_circuits_that_are_not_here_is_passed_over() -> None:
    state = SharedState()
    here, circuit = await process(state)
    speaker = Speaker(state.of(), "circuit/erp", lambda word, own: None, here)  # type: ignore[arg-type]
    speaker.say(Word(b"x", "elsewhere", "", "open", 5.0))
    speaker.say(Word(b"x", "", "nobody", "open", 5.0))
    await asyncio.sleep(0)
    assert circuit.state == "closed"


async def test_words_on_their_way_are_bounded() -> None:
    class Slow(SharedState):
        announced = 0

        async def announce(self, topic: str, message: bytes, /) -> None:
            self.announced += 1
            await asyncio.sleep(0)

    state, services = Slow(), FakeServices()
    speaker = Speaker(state, "circuit/erp", lambda word, own: None, services)  # type: ignore[arg-type]
    for _ in range(MOST + 50):
        speaker.say(Word(b"x", "", "", "open", 5.0))
    await said(services)
    assert state.announced == MOST


async def test_processes_that_were_forked_are_told_apart() -> None:
    services = FakeServices()
    speaker = Speaker(SharedState(), "circuit/erp", lambda word, own: None, services)  # type: ignore[arg-type]
    assert speaker.origin == b"", "it is drawn in the process that serves"
    (start,) = services.starters
    await start()
    assert len(speaker.origin) == 8
