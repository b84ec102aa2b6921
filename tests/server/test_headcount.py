"""Who has many more connections than another leaves the next ones to that one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.server.headcount import AHEAD, Headcount


def made(*connections: int | None) -> Headcount:
    headcount = Headcount(len(connections))
    for worker, count in enumerate(connections):
        if count is not None:
            headcount.set(worker, count)
    return headcount


@pytest.mark.parametrize(
    ("connections", "room"),
    [
        ((0, 0), AHEAD),
        ((2, 0), AHEAD - 2),
        ((10, 0), AHEAD - 10),
        ((0, 10), AHEAD),
        ((80, 80), AHEAD + 10),
        ((90, 80, 100), AHEAD),
        ((5,), AHEAD),
        ((5, None), AHEAD),
    ],
)
def test_room_for_the_first(connections: tuple[int | None, ...], room: int) -> None:
    assert made(*connections).room(0) == room


def test_who_is_away_is_not_waited_for() -> None:
    headcount = made(50, 0)
    assert headcount.room(0) < 0
    headcount.away(1)
    assert headcount.room(0) > 0


FORKED = """
import os
from gateway.server.headcount import Headcount
headcount = Headcount(2)
headcount.set(0, 50)
headcount.set(1, 0)
pid = os.fork()
if pid == 0:
    headcount.set(1, 50)
    os._exit(0)
os.waitpid(pid, 0)
print(headcount.room(0))
"""


def test_processes_see_each_others() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=10, check=True)
    assert int(done.stdout) == AHEAD + 50 // 8
