"""A request's hold on its record, and what became of its writes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from gateway.net.unconnected import Unconnected
from gateway.policies.journal import Journal
from gateway.runtime.claim import NOTE, Claim, Withheld, claim_of, fate_of
from gateway.sdk import (
    BackendError,
    BadResponse,
    Call,
    CircuitOpen,
    Conflict,
    Course,
    ExpressionFault,
    GatewayError,
    InvalidRequest,
    NotFound,
    Overloaded,
    Response,
    Result,
    SystemClock,
    Timeout,
    Unavailable,
)
from gateway.sdk.idempotency import Held
from gateway.testing.calls import call_of
from gateway.testing.idempotency import Drawer, MemoryIdempotency
from gateway.testing.idempotency_contract import FIRST
from tests.policies.exchanges import make_exchange

ENTRY = msgspec.structs.replace(FIRST, kept_until=9e12)


@pytest.mark.parametrize(
    ("error", "attempts", "fate"),
    [
        (Unavailable(detail_code="audit_unavailable"), 0, "refused"),
        (Timeout(), 0, "refused"),
        (CircuitOpen(), 0, "refused"),
        (Overloaded(), 1, "refused"),
        (Unconnected(), 1, "refused"),
        (Unconnected(), 2, "unknown"),
        (Unavailable(), 1, "unknown"),
        (Timeout(), 1, "unknown"),
        (BadResponse(status_code=200), 1, "unknown"),
        (ExpressionFault(), 1, "unknown"),
        (InvalidRequest(), 1, "refused"),
        (NotFound(status_code=404), 1, "refused"),
        (Conflict(status_code=409), 1, "refused"),
        (Conflict(status_code=409), 2, "unknown"),
        (BackendError(status_code=422), 1, "refused"),
        (BackendError(status_code=408), 1, "unknown"),
        (BackendError(status_code=500), 1, "unknown"),
        (BackendError(status_code=200), 1, "failed"),
        (BackendError(status_code=302), 1, "unknown"),
        (BackendError(), 1, "unknown"),
    ],
)
def test_what_became_of_a_write(error: GatewayError, attempts: int, fate: str) -> None:
    course = Course()
    course.attempts = attempts
    assert fate_of(error, course) == fate


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
async def journal(drawer: Drawer) -> AsyncIterator[Journal]:
    opened = Journal(MemoryIdempotency(drawer), SystemClock(), logging.getLogger("gateway.testing.claim"))
    opened._clean_at = float("inf")
    yield opened
    await opened.close()


def claim(journal: Journal) -> Claim:
    return Claim("key", journal, lambda: ENTRY, lambda: 2.0)


async def test_writes_side_by_side_wait_for_one_record(journal: Journal, drawer: Drawer) -> None:
    mine = claim(journal)
    assert (mine.begun, await mine.made()) == (False, False)
    with drawer.lock:
        making = asyncio.gather(*(mine.make() for _ in range(5)))
        await asyncio.sleep(0.01)
        assert (mine.begun, making.done()) == (True, False)
    await making
    assert await mine.made()
    assert (drawer.commits, list(drawer.entries)) == (1, ["r1"])


async def test_the_record_of_another_withholds_all_of_them(journal: Journal) -> None:
    await claim(journal).make()
    mine = Claim("key", journal, lambda: msgspec.structs.replace(ENTRY, owner="o2"), lambda: 2.0)
    for _ in range(2):
        with pytest.raises(Withheld) as withheld:
            await mine.make()
        assert withheld.value.held == Held("f1", "v1", "started", "o1", ENTRY.lease_until)
    assert not await mine.made()


async def test_a_store_that_is_away_withholds_it(journal: Journal, drawer: Drawer) -> None:
    drawer.fault = "no disk"
    with pytest.raises(Withheld) as withheld:
        await claim(journal).make()
    assert withheld.value.held is None
    drawer.fault = None


async def test_who_is_cancelled_while_the_record_is_made_leaves_it_to_be_made(journal: Journal, drawer: Drawer) -> None:
    mine = claim(journal)
    with drawer.lock:
        making = asyncio.ensure_future(mine.make())
        await asyncio.sleep(0.005)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
    assert await mine.made()


async def test_what_was_taken_over_is_there_already_and_never_harmless(journal: Journal, drawer: Drawer) -> None:
    mine = claim(journal)
    assert mine.harmless
    mine.taken_over = True
    await mine.make()
    assert (mine.begun, await mine.made(), mine.harmless, drawer.commits) == (True, True, False, 0)


@pytest.mark.parametrize(
    ("outcomes", "harmless", "uncertain"),
    [
        ([], True, False),
        ([CircuitOpen()], True, False),
        ([None], False, False),
        ([BackendError(status_code=200)], False, False),
        ([CircuitOpen(), Timeout()], False, True),
        ([None, Timeout()], False, True),
        ([ZeroDivisionError()], False, True),
    ],
)
async def test_what_is_known_of_all_writes(journal: Journal, outcomes: list[Any], harmless: bool, uncertain: bool) -> None:
    mine = claim(journal)
    for outcome in outcomes:

        async def handler(call: Call, outcome: Any = outcome) -> Result:
            call.course.attempts += 1
            if outcome is not None:
                raise outcome
            return Result(1, Response(1))

        await asyncio.gather(mine.send(handler, call_of("s.o")), return_exceptions=True)
    assert (mine.harmless, mine.uncertain) == (harmless, uncertain)


async def test_what_is_under_way_is_uncertain(journal: Journal) -> None:
    mine, end = claim(journal), asyncio.Event()

    async def handler(call: Call) -> Result:
        await end.wait()
        return Result(call.operation, Response(1))

    sending = asyncio.ensure_future(mine.send(handler, call_of("s.o")))
    await asyncio.sleep(0)
    assert (mine.uncertain, mine.harmless) == (True, False)
    end.set()
    assert (await sending).value == "s.o"
    assert not mine.uncertain


def test_only_a_claim_is_one() -> None:
    exchange = make_exchange()
    assert claim_of(exchange) is None
    exchange.notes[NOTE] = "something else"
    assert claim_of(exchange) is None
