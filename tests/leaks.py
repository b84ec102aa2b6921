"""Fails a test that leaves asyncio tasks or sockets behind.

A leak is often only on its way out: a cancelled task needs a turn of the loop, a peer's closed connection needs to be noticed.
Both checks therefore wait a moment before they complain; a test that leaves nothing pays nothing for it.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import stat
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
import pytest_asyncio

PATIENCE_SECONDS = 0.3
DESCRIPTORS = "/dev/fd"


def watch_tasks(items: Sequence[pytest.Item]) -> None:
    """Gives every asynchronous test the task check, as its first fixture: set up first, torn down last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(unwrapped(item)):
            item.fixturenames.insert(0, "no_tasks_left")


def unwrapped(item: pytest.Function) -> object:
    """The test as written: hypothesis hides it behind a wrapper."""
    function = inspect.unwrap(item.obj)
    given = getattr(function, "hypothesis", None)
    return getattr(given, "inner_test", function)


@pytest_asyncio.fixture
async def no_tasks_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=PATIENCE_SECONDS)
    if left:
        pytest.fail("the test left these tasks running:\n" + "\n".join(sorted(map(repr, left))), pytrace=False)


@pytest.fixture(autouse=True)
def no_sockets_left() -> Iterator[None]:
    before = open_sockets()
    yield
    left = open_sockets() - before
    give_up = time.monotonic() + PATIENCE_SECONDS
    while left and time.monotonic() < give_up:
        gc.collect()  # an unreachable socket closes here, with the ResourceWarning that fails the test
        time.sleep(0.01)
        left = open_sockets() - before
    if left:
        pytest.fail(f"the test left {len(left)} sockets open: {sorted(left)}", pytrace=False)


def open_sockets() -> frozenset[tuple[int, int]]:
    """Descriptor and inode of this process's sockets; empty where the system has no list of descriptors."""
    if not os.path.isdir(DESCRIPTORS):
        return frozenset()
    return frozenset(found for name in os.listdir(DESCRIPTORS) if (found := socket_behind(int(name))) is not None)


def socket_behind(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return (descriptor, status.st_ino) if stat.S_ISSOCK(status.st_mode) else None
