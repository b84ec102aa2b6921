"""The process above several workers: starts them, replaces those that end, passes on what they ask each other, and ends them.

It serves nothing itself and has neither threads nor an event loop, so that it can fork at any time: a worker begins with everything that
was loaded, in a few milliseconds, and shares that memory with the others. Whoever ends it ends the workers: they hear that it is gone.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from gateway.server.channel import Beat, Channel, Counted, Gone, Message, Question, Replies, Reply, Stage, Stop
from gateway.server.colleagues import METRICS
from gateway.server.counts import Counts
from gateway.server.headcount import Headcount
from gateway.server.inquiries import LIMIT, Inquiries, Inquiry
from gateway.server.respawn import Respawn
from gateway.server.sockets import Listeners
from gateway.telemetry.metrics import PrometheusMetrics

HANG = 10.0
"""Seconds without a sign of life after which a worker is killed."""

TURN = 0.5
"""Seconds after which it is looked at what is due."""

GRACE = 5.0
"""Seconds that workers have, beyond the time for requests in flight, to close what they opened."""

UNUSABLE, BROKEN = 3, 70
"""Exit codes: what is configured can't be used, and a fault of our own (interfaces §2)."""

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)

Work = Callable[[int, Channel], int]
"""What a worker does: called in the new process with its number and its line to the supervisor; its exit code."""


class _Member:
    """A worker that lives."""

    def __init__(self, pid: int, channel: Channel, now: float) -> None:
        self.pid = pid
        self.channel = channel
        self.began = self.heard = now
        self.stage: Stage = "starting"
        self.hung = False


class Supervisor:
    """`drain` are the seconds for requests in flight at a stop; `headcount` knows as many workers as there are to be."""

    def __init__(self, workers: int, work: Work, *, listeners: Listeners, headcount: Headcount, drain: float) -> None:
        self._workers = range(workers)
        self._work = work
        self._listeners = listeners
        self._headcount = headcount
        self._drain = drain
        self._logger = logging.getLogger("gateway.workers")
        self._members: dict[int, _Member] = {}
        self._respawn = [Respawn() for _ in self._workers]
        self._due = dict.fromkeys(self._workers, 0.0)
        self._served = False
        self._failed: dict[int, int] = {}
        self._until: float | None = None
        self._looked = monotonic()
        self._inquiries = Inquiries()
        self._metrics = PrometheusMetrics()
        self._metrics.gauge("gateway_workers", "Worker processes that live.", lambda: len(self._members))
        self._counts = Counts(self._metrics)

    def run(self) -> int:
        """Blocks until the end that a signal asked for, or until no worker could be started; the exit code."""
        with selectors.DefaultSelector() as self._selector, self._signals():
            while self._members or self._due:
                self._turn()
        self._listeners.close()
        return self._code()

    def _code(self) -> int:
        if self._served or len(self._failed) < len(self._workers):
            return 0
        return UNUSABLE if set(self._failed.values()) == {UNUSABLE} else BROKEN

    def _turn(self) -> None:
        """Waits until something happens or is due, and does it."""
        for key, events in self._selector.select(self._patience()):
            key.data(events)
        now = monotonic()
        if now - self._looked > 2 * TURN:  # it was stopped itself, so the others may have been
            for member in self._members.values():
                member.heard = now
        self._looked = now
        self._bury()
        for worker, due in tuple(self._due.items()):
            if now >= due:
                self._start(worker)
        for inquiry in self._inquiries.over(now):
            self._tell(inquiry)
        self._kill_late(now)

    def _patience(self) -> float:
        dues = [*self._due.values(), *filter(None, [self._inquiries.due(), self._until])]
        return max(0.0, min(TURN, *(due - monotonic() for due in dues))) if dues else TURN

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals are read from a socket, between two turns."""
        reading, writing = socket.socketpair()
        with reading, writing:
            reading.setblocking(False)
            writing.setblocking(False)
            self._woken = (reading, writing)
            before = {number: signal.signal(number, lambda *_: None) for number in HANDLED}
            wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
            self._selector.register(reading, selectors.EVENT_READ, lambda _: self._on_signals(reading.recv(4096)))
            try:
                yield
            finally:
                signal.set_wakeup_fd(wakeup)
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _on_signals(self, numbers: bytes) -> None:
        for number in numbers:
            if number == signal.SIGTERM:
                self._stop(announced=True)
            elif number == signal.SIGINT:
                self._stop(announced=False, at_once=self._until is not None)

    def _stop(self, *, announced: bool, at_once: bool = False) -> None:
        """Asks all workers for their end, and starts none any more. The sockets stay open in the workers."""
        if self._until is not None and not at_once:
            return
        self._listeners.close()
        self._due.clear()
        self._until = monotonic() + GRACE + (0 if at_once else self._drain)
        for worker in tuple(self._members):
            self._send(worker, Stop(announced, at_once))

    def _start(self, worker: int) -> None:
        """Forks a worker. Signals wait until both processes know what to do with them."""
        del self._due[worker]
        ours, theirs = Channel.pair()
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        try:
            pid = os.fork()
            if pid == 0:
                os._exit(self._live(worker, ours, theirs))
        except OSError as error:
            self._logger.log(logging.ERROR, "worker %s can't be started: %s", worker, error.strerror)
            ours.close()
            self._due[worker] = monotonic() + self._respawn[worker].wait(0.0)
            return
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            theirs.close()
        self._members[worker] = _Member(pid, ours, monotonic())
        self._selector.register(ours, selectors.EVENT_READ, lambda events: self._on_channel(worker, events))

    def _live(self, worker: int, ours: Channel, theirs: Channel) -> int:
        """In the new process: nothing of the supervisor's is left open, so that each side notices when the other is gone."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            self._selector.close()
            for woken in self._woken:
                woken.close()
            for channel in (ours, *(member.channel for member in self._members.values())):
                channel.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            return self._work(worker, theirs)
        except BaseException:
            self._logger.exception("worker %s failed", worker)
            return BROKEN

    def _on_channel(self, worker: int, events: int) -> None:
        member = self._members[worker]
        try:
            if events & selectors.EVENT_WRITE:
                member.channel.flush()
                self._watch(worker)
            for message in member.channel.receive():
                member.heard = monotonic()
                self._follow(worker, member, message)
        except Gone:
            with suppress(KeyError):
                self._selector.unregister(member.channel)

    def _follow(self, worker: int, member: _Member, message: Message) -> None:
        match message:
            case Beat(stage):
                self._staged(worker, member, stage)
            case Counted(packed):
                self._counts.told(worker, packed)
            case Question():
                self._pass_on(worker, message)
            case Reply(number, body):
                if body is not None and self._inquiries.topic(number) == METRICS:
                    self._counts.told(worker, body)
                self._inquiries.reply(number, worker, body)
            case _:
                pass

    def _staged(self, worker: int, member: _Member, stage: Stage) -> None:
        if stage == "serving" and member.stage == "starting":
            self._served = True
            self._logger.info("worker %s serves, process %s", worker, member.pid)
        member.stage = stage

    def _pass_on(self, asker: int, question: Question) -> None:
        body = question.body
        if question.topic == METRICS:
            self._counts.told(asker, body)
            body = b""
        others = set(self._members) - {asker}
        replies: dict[int, bytes | None] = {other: None for other in self._workers if other != asker}
        inquiry = Inquiry(asker, question.number, question.topic, monotonic() + LIMIT, others, replies)
        number = self._inquiries.begin(inquiry)
        for other in tuple(others):
            self._send(other, Question(number, question.topic, body))

    def _tell(self, inquiry: Inquiry) -> None:
        """What could not be asked in time is what was told last."""
        replies, besides = inquiry.replies, tuple[bytes, ...]()
        if inquiry.topic == METRICS:
            replies = {worker: self._counts.last(worker) if said is None else said for worker, said in replies.items()}
            besides = self._counts.besides()
        self._send(inquiry.asker, Replies(inquiry.number, replies, besides))

    def _send(self, worker: int, message: Message) -> None:
        member = self._members.get(worker)
        if member is not None:
            with suppress(Gone):  # which is seen when it is buried
                member.channel.send(message)
                self._watch(worker)

    def _watch(self, worker: int) -> None:
        channel = self._members[worker].channel
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if channel.waiting else 0)
        with suppress(KeyError):
            self._selector.modify(channel, events, lambda happened: self._on_channel(worker, happened))

    def _kill_late(self, now: float) -> None:
        """Who gives no sign of life, and who has not ended in time."""
        for worker, member in self._members.items():
            late = self._until is not None and now >= self._until
            if (late or now - member.heard >= HANG) and not member.hung:
                member.hung = True
                self._logger.error("worker %s, process %s, %s: it is killed", worker, member.pid, "has not ended" if late else "hangs")
                os.kill(member.pid, signal.SIGKILL)

    def _bury(self) -> None:
        """Takes note of workers that have ended."""
        for worker, member in tuple(self._members.items()):
            pid, status = os.waitpid(member.pid, os.WNOHANG)
            if pid:
                self._ended(worker, member, os.waitstatus_to_exitcode(status))

    def _ended(self, worker: int, member: _Member, code: int) -> None:
        self._on_channel(worker, selectors.EVENT_READ)  # what it said at last
        with suppress(KeyError):
            self._selector.unregister(member.channel)
        member.channel.close()
        del self._members[worker]
        self._headcount.away(worker)
        self._counts.ended(worker)
        self._inquiries.gone(worker)
        if self._until is not None:
            return
        self._count(member, code)
        self._logger.log(
            logging.ERROR if code else logging.INFO, "worker %s, process %s, has ended: %s", worker, member.pid, _described(code)
        )
        if member.stage == "starting" and not self._served and self._gives_up(worker, code):
            return
        lived = monotonic() - member.began
        self._due[worker] = monotonic() + self._respawn[worker].wait(lived)

    def _count(self, member: _Member, code: int) -> None:
        how = "hung" if member.hung else "killed" if code < 0 else "failed" if code else "ended"
        self._metrics.counter("gateway_worker_ends_total", "Workers that ended while they should serve.", how=how).inc()

    def _gives_up(self, worker: int, code: int) -> bool:
        """Where each of them has failed before any could serve, the next ones would too."""
        self._failed[worker] = code
        if len(self._failed) < len(self._workers):
            return False
        self._logger.error("no worker could be started")
        self._stop(announced=False, at_once=True)
        return True


def _described(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
