"""A worker process's place: its share of the connections, and its line to the supervisor and by that to its colleagues."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.server.application import Application
from gateway.server.channel import Beat, Channel, Counted, Gone, Message, Question, Replies, Reply, Stage, Stop
from gateway.server.drain import Ending
from gateway.server.headcount import Headcount

BEAT = 0.5
"""Seconds between two signs of life."""

COUNT = 5.0
"""Seconds between two reports of metrics; what a killed worker has counted since the last one is lost."""

PATIENCE = 2.0
"""Seconds that colleagues have for an answer, the supervisor's limit for them included."""


class WorkerSeat:
    """Implements `gateway.server.listen.Seat` and `gateway.server.colleagues.Colleagues`. `metrics` gives what is counted, packed."""

    signals = (signal.SIGTERM,)  # a terminal's SIGINT reaches all processes, and the supervisor tells its workers what to do

    def __init__(self, number: int, channel: Channel, headcount: Headcount, metrics: Callable[[], bytes] | None) -> None:
        self.number = number
        self._channel = channel
        self._headcount = headcount
        self._metrics = metrics
        self._stage: Stage = "starting"
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[Replies]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._logger = logging.getLogger("gateway.workers")

    def room(self) -> int:
        """See `Seat.room`."""
        return self._headcount.room(self.number)

    def counted(self, connections: int) -> None:
        """See `Seat.counted`."""
        if self._stage == "serving":
            self._headcount.set(self.number, connections)

    def stage(self, name: Stage) -> None:
        """See `Seat.stage`."""
        self._stage = name
        if name == "serving":
            self._headcount.set(self.number, 0)
        else:
            self._headcount.away(self.number)
        self._send(Beat(name))

    @contextmanager
    def sit(self, application: Application, ending: Ending) -> Iterator[None]:
        """See `Seat.sit`. Where the supervisor is gone, the worker ends too."""
        self._together = application.together
        self._together.colleagues = self
        self._ending = ending
        loop = asyncio.get_running_loop()
        loop.add_reader(self._channel, self._hear)
        self._every("beat", BEAT, lambda: self._send(Beat(self._stage)))
        if self._metrics is not None:
            self._every("count", COUNT, self._report)
        try:
            yield
        finally:
            for timer in self._timers.values():
                timer.cancel()
            for task in self._answering:
                task.cancel()
            self._report()
            loop.remove_reader(self._channel)
            loop.remove_writer(self._channel)

    async def ask(self, topic: str, question: bytes, /) -> Replies:
        """See `Colleagues.ask`."""
        self._asked += 1
        number = self._asked
        future: asyncio.Future[Replies] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._send(Question(number, topic, question))
            async with asyncio.timeout(PATIENCE):
                return await future
        except TimeoutError:
            return Replies(number, {})
        finally:
            del self._waiting[number]

    def _every(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        work()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self._every, name, seconds, work)

    def _report(self) -> None:
        if self._metrics is not None:
            self._send(Counted(self._metrics()))

    def _send(self, message: Message) -> None:
        with suppress(Gone):  # which is heard as well
            self._channel.send(message)
            self._write_later()

    def _write_later(self) -> None:
        if self._channel.waiting:
            asyncio.get_running_loop().add_writer(self._channel, self._write)

    def _write(self) -> None:
        with suppress(Gone):
            self._channel.flush()
        if not self._channel.waiting:
            asyncio.get_running_loop().remove_writer(self._channel)

    def _hear(self) -> None:
        try:
            for message in self._channel.receive():
                self._follow(message)
        except Gone:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._logger.log(logging.ERROR, "the supervisor is gone: this worker ends")
            self._ending.ask(announced=False)

    def _follow(self, message: Message) -> None:
        match message:
            case Stop(at_once=True):
                self._ending.hurry()
            case Stop(announced=announced):
                self._ending.ask(announced=announced)
            case Replies(number=number) if number in self._waiting and not self._waiting[number].done():
                self._waiting[number].set_result(message)
            case Question():
                task = asyncio.get_running_loop().create_task(self._answer(message))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            case _:
                pass

    async def _answer(self, question: Question) -> None:
        self._send(Reply(question.number, await self._together.answer(question.topic, question.body)))
