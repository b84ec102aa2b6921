"""A worker's place among others: what it tells its supervisor, and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import NamedTuple

import pytest

from gateway.server import worker as module
from gateway.server.application import Application
from gateway.server.channel import Beat, Channel, Counted, Message, Question, Replies, Reply, Stop
from gateway.server.drain import Ending
from gateway.server.headcount import Headcount
from gateway.server.worker import WorkerSeat
from tests.server.gateways import make_plan


class Sitting(NamedTuple):
    """A worker in its seat, its supervisor's side of the line, and what is asked of it."""

    seat: WorkerSeat
    channel: Channel
    ending: Ending
    application: Application
    headcount: Headcount

    async def hear(self, kind: type[Message]) -> Message:
        """The next message of a kind."""
        async with asyncio.timeout(2):
            while True:
                for message in self.channel.receive():
                    if isinstance(message, kind):
                        return message
                await asyncio.sleep(0.001)


@asynccontextmanager
async def sitting() -> AsyncIterator[Sitting]:
    ours, theirs = Channel.pair()
    headcount, ending, application = Headcount(2), Ending(), Application(make_plan())
    seat = WorkerSeat(1, theirs, headcount, lambda: b"counted")
    with closing(ours), closing(theirs), seat.sit(application, ending):
        yield Sitting(seat, ours, ending, application, headcount)


async def test_it_gives_signs_of_life_and_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 0.005)
    async with sitting() as it:
        assert [await it.hear(Beat) for _ in range(2)] == [Beat("starting")] * 2
        it.seat.stage("serving")
        await it.hear(Beat)
        assert await it.hear(Beat) == Beat("serving")


async def test_it_reports_what_it_counted() -> None:
    async with sitting() as it:
        assert await it.hear(Counted) == Counted(b"counted")
        channel = it.channel
        assert [message for message in channel.receive() if isinstance(message, Counted)] == []
        it.seat._report()
        assert await it.hear(Counted) == Counted(b"counted")


async def test_it_counts_its_connections_while_it_serves() -> None:
    async with sitting() as it:
        it.headcount.set(0, 5)
        it.seat.counted(3)
        assert it.headcount.room(0) > 0, "it does not serve yet: nobody waits for it"
        it.seat.stage("serving")
        assert it.headcount.room(0) < 0
        it.seat.counted(4)
        assert (it.headcount.room(0), it.seat.room()) == (1, 2)
        it.seat.stage("draining")
        it.seat.counted(3)
        assert it.headcount.room(0) > 1


@pytest.mark.parametrize(
    ("stop", "announced", "at_once"), [(Stop(True), True, False), (Stop(False), False, False), (Stop(False, True), False, True)]
)
async def test_it_ends_as_it_is_told(stop: Stop, announced: bool, at_once: bool) -> None:
    async with sitting() as it:
        it.channel.send(stop)
        async with asyncio.timeout(2):
            await it.ending.asked.wait()
        assert (it.ending.announced, it.ending.at_once.is_set()) == (announced, at_once)


async def test_it_ends_where_its_supervisor_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    async with sitting() as it:
        it.channel.close()
        async with asyncio.timeout(2):
            await it.ending.asked.wait()
        it.seat.stage("draining")
    assert "the supervisor is gone" in caplog.text


async def test_its_questions_are_answered_each_with_its_own() -> None:
    async with sitting() as it:
        asking = [asyncio.create_task(it.application.together.colleagues.ask("t", text)) for text in (b"a", b"b")]
        await asyncio.sleep(0.005)
        questions = [message for message in it.channel.receive() if isinstance(message, Question)]
        assert [question.body for question in questions] == [b"a", b"b"]
        it.channel.send(Replies(99, {}))
        for question in reversed(questions):
            it.channel.send(Replies(question.number, {0: question.body * 2}))
        assert [(await task).by_worker for task in asking] == [{0: b"aa"}, {0: b"bb"}]


async def test_a_supervisor_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    async with sitting() as it:
        assert (await it.seat.ask("t", b"")).by_worker == {}


async def test_it_answers_its_colleagues() -> None:
    async with sitting() as it:
        it.channel.send(Question(7, "purge", b'{"labels":["*"],"tenant":null}'))
        it.channel.send(Question(8, "no such thing", b""))
        assert await it.hear(Reply) == Reply(7, b"0")
