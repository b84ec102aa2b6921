"""The process above workers, with workers that do as a test says: crash, hang, fail at start, outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import logging, os, select, signal, socket, sys, time
from gateway.server import supervisor
from gateway.server.channel import Beat, Channel, Gone, Stop
from gateway.server.headcount import Headcount
from gateway.server.sockets import Listeners

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
work = sys.argv[1]
supervisor.HANG, supervisor.GRACE = 0.3 if work == "hanging" else 5.0, 0.1 if work == "stubborn" else 5.0
tell = lambda text: os.write(1, (text + "\\n").encode())

def obedient(number, channel, deaf=False):
    channel.send(Beat("serving"))
    while True:
        select.select([channel], [], [], 0.1)
        try:
            channel.send(Beat("serving"))
            for message in channel.receive():
                if isinstance(message, Stop):
                    tell(f"{number} hears {message.announced} {message.at_once}")
                    if message.at_once or not deaf:
                        return 0
        except Gone:
            tell(f"{number} is alone")
            return 0

def deaf(number, channel):
    return obedient(number, channel, deaf=True)

stubborn = deaf

def hanging(number, channel):
    if number == 0 and not os.path.exists(sys.argv[2]):
        open(sys.argv[2], "w").close()
        channel.send(Beat("serving"))
        time.sleep(60)
    return obedient(number, channel)

def unusable(number, channel):
    return 3

def failing(number, channel):
    if number == 0:
        raise RuntimeError("hush")
    return 3

def crashing(number, channel):
    channel.send(Beat("serving"))
    if number == 0:
        os._exit(9)
    return obedient(number, channel)

listening = [socket.socket() for _ in range(2)]
watched = supervisor.Supervisor(2, globals()[work], listeners=Listeners(*listening), headcount=Headcount(2), drain=0.1)
code = watched.run()
tell(f"threads {len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1}, sockets {[s.fileno() for s in listening]}")
sys.exit(code)
"""


class Watched:
    """A supervisor and what it has written."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def text(self) -> str:
        return self._log.read_text()

    def until(self, text: str, times: int = 1) -> None:
        give_up = time.monotonic() + 5
        while self.text.count(text) < times:
            assert time.monotonic() < give_up, self.text
            time.sleep(0.01)

    def workers(self) -> dict[int, int]:
        return {int(line.split()[1]): int(line.split()[-1]) for line in self.text.splitlines() if " serves, process " in line}


@contextmanager
def watching(work: str, folder: Path) -> Iterator[Watched]:
    log = folder / "log"
    with log.open("w") as writing:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPT, work, str(folder / "mark")],
            stdout=writing, stderr=writing, text=True, process_group=0, cwd=ROOT,
        )  # fmt: skip
    try:
        yield Watched(process, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(("number", "announced"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_a_signal_ends_the_workers_and_then_itself(tmp_path: Path, number: signal.Signals, announced: bool) -> None:
    with watching("obedient", tmp_path) as watched:
        watched.until("serves", 2)
        watched.process.send_signal(number)
        assert watched.process.wait(5) == 0
    assert sorted(line for line in watched.text.splitlines() if "hears" in line) == [f"{n} hears {announced} False" for n in (0, 1)]
    assert watched.text.splitlines()[-1] == "threads 1, sockets [-1, -1]"


def test_a_terminals_second_signal_waits_for_nobody(tmp_path: Path) -> None:
    with watching("deaf", tmp_path) as watched:
        watched.until("serves", 2)
        os.killpg(watched.process.pid, signal.SIGINT)
        watched.until("hears False False", 2)
        os.killpg(watched.process.pid, signal.SIGINT)
        assert watched.process.wait(5) == 0
    assert watched.text.count("hears False True") == 2
    assert "killed" not in watched.text


def test_who_does_not_end_in_time_is_killed(tmp_path: Path) -> None:
    with watching("stubborn", tmp_path) as watched:
        watched.until("serves", 2)
        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(5) == 0
    assert watched.text.count("has not ended: it is killed") == 2


def test_a_killed_worker_is_replaced_and_the_other_one_left_alone(tmp_path: Path) -> None:
    with watching("obedient", tmp_path) as watched:
        watched.until("serves", 2)
        before = watched.workers()
        began = time.monotonic()
        os.kill(before[1], signal.SIGKILL)
        watched.until("serves", 3)
        assert time.monotonic() - began < 2
        after = watched.workers()
        assert (after[0], after[1] != before[1]) == (before[0], True)
        assert f"worker 1, process {before[1]}, has ended: SIGKILL" in watched.text
        assert watched.process.send_signal(signal.SIGTERM) is None
        assert watched.process.wait(5) == 0


def test_a_worker_that_gives_no_sign_of_life_is_replaced(tmp_path: Path) -> None:
    with watching("hanging", tmp_path) as watched:
        watched.until("serves", 3)
        assert "hangs: it is killed" in watched.text
        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(5) == 0


@pytest.mark.slow
def test_one_that_was_stopped_itself_does_not_blame_the_others(tmp_path: Path) -> None:
    with watching("hanging", tmp_path) as watched:
        watched.until("serves", 3)
        killed = watched.text.count("killed")
        os.killpg(watched.process.pid, signal.SIGSTOP)
        time.sleep(1.5)  # longer than a worker may give no sign of life
        os.killpg(watched.process.pid, signal.SIGCONT)
        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(5) == 0
    assert watched.text.count("killed") == killed


def test_one_that_crashes_again_and_again_is_started_ever_more_seldom(tmp_path: Path) -> None:
    with watching("crashing", tmp_path) as watched:
        watched.until("worker 0 serves", 4)
        assert watched.text.count("worker 0 serves") == 4
        assert watched.text.count("worker 1 serves") == 1
        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(5) == 0


@pytest.mark.parametrize(("work", "code"), [("unusable", 3), ("failing", 70)])
def test_where_no_worker_can_start_it_ends(tmp_path: Path, work: str, code: int) -> None:
    with watching(work, tmp_path) as watched:
        assert watched.process.wait(5) == code
    assert "no worker could be started" in watched.text
    assert ("worker 0 failed" in watched.text) is (work == "failing")


def test_workers_hear_that_it_is_gone(tmp_path: Path) -> None:
    with watching("obedient", tmp_path) as watched:
        watched.until("serves", 2)
        watched.process.kill()
        watched.process.wait(5)
        watched.until("is alone", 2)
