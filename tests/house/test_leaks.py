"""A test that leaves a task or a socket behind fails, and one that cleans up does not."""

from __future__ import annotations

import pytest

from tests import leaks

pytest_plugins = ["pytester"]

CONFTEST = """
from tests.leaks import no_sockets_left, no_tasks_left, watch_tasks

def pytest_collection_modifyitems(items):
    watch_tasks(items)
"""
LOOPS = "-o", "asyncio_default_fixture_loop_scope=function"
LEAVING = """
import asyncio, pytest, socket
from hypothesis import given, strategies as st

kept = []

@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end():
    yield
    for thing in kept:
        if isinstance(thing, socket.socket):
            thing.close()

async def test_task_left():
    kept.append(asyncio.create_task(asyncio.sleep(60)))

async def test_task_cancelled_but_not_awaited():
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()

async def test_task_done():
    await asyncio.create_task(asyncio.sleep(0))

@given(st.just(1))
async def test_task_left_by_an_example(one):
    kept.append(asyncio.create_task(asyncio.sleep(60)))

def test_socket_left():
    kept.append(socket.socket())

def test_socket_closed():
    socket.socket().close()

async def test_server_closed():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    server.close()
    await server.wait_closed()
"""


def test_leaks_are_found(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "PATIENCE_SECONDS", 0.02)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(LEAVING)
    result = pytester.runpytest_inprocess("--asyncio-mode=auto", *LOOPS, "-rE")
    failed = {line.split("::")[1].split(" ")[0] for line in result.outlines if line.startswith("ERROR ") and "::" in line}
    assert failed == {"test_task_left", "test_task_left_by_an_example", "test_socket_left"}
    result.assert_outcomes(passed=7, errors=3)
    result.stdout.fnmatch_lines(["the test left these tasks running:", "the test left 1 sockets open: *"])
