"""Lines of several processes are not torn apart, and nobody is kept from logging by who died."""

from __future__ import annotations

import subprocess
import sys

WRITERS = """
import os, signal
from gateway.telemetry.log_turns import Turns

def forked(work):
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return pid

def holding():
    with turns:
        os.write(ready, b"!")
        signal.pause()

def writing(letter):
    for _ in range(3):
        with turns:
            left = letter * 100_000 + b"\\n"
            while left:
                left = left[os.write(1, left[:5000]):]

turns = Turns()
waiting, ready = os.pipe()
holder = forked(holding)
os.read(waiting, 1)
pids = [forked(lambda letter=letter: writing(letter)) for letter in (b"a", b"b", b"c")]
os.kill(holder, signal.SIGKILL)
for pid in (holder, *pids):
    os.waitpid(pid, 0)
turns.close()
"""
"""A pipe holds less than one of their lines, so that writers get in each other's way. One dies while it is its turn."""


def test_processes_take_turns_and_a_dead_one_gives_way() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", WRITERS], capture_output=True, timeout=10, check=True)
    lines = done.stdout.splitlines()
    assert (len(lines), done.stderr) == (9, b"")
    assert all(len(set(line)) == 1 and len(line) == 100_000 for line in lines)
