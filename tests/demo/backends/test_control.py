"""The lines by which the switches are worked."""

from __future__ import annotations

import asyncio
import io
import os

import msgspec
import pytest

from gateway.demo.backends.control import answer, follow
from gateway.demo.backends.switches import Switch, Switchboard


@pytest.fixture
def board() -> Switchboard:
    return Switchboard([Switch("erp", latency_ms=18), Switch("hr")])


def test_an_empty_object_looks(board: Switchboard) -> None:
    assert msgspec.json.decode(answer(b"{}", board)) == {
        "systems": [{"name": "erp", "mode": "ok", "latency_ms": 18}, {"name": "hr", "mode": "ok", "latency_ms": 0}]
    }


def test_a_change_turns_one_switch(board: Switchboard) -> None:
    answer(b'{"name": "erp", "mode": "down"}', board)
    answer(b'{"name": "hr", "mode": "slow", "latency_ms": 7}', board)
    assert board.states() == [Switch("erp", "down", 18), Switch("hr", "slow", 7)]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"name": "erp"}',
        b'{"name": "erp", "mode": "broken"}',
        b'{"name": "crm", "mode": "ok"}',
        b'{"name": "erp", "mode": "ok", "latency_ms": -1}',
        b'{"name": "erp", "mode": "ok", "latency_ms": 10001}',
        b'{"name": "erp", "mode": "down", "extra": 1}',
        b"[" * 10_000,
    ],
)
def test_nonsense_changes_nothing_and_is_answered(board: Switchboard, line: bytes) -> None:
    before = msgspec.structs.asdict(board.states()[0])
    assert set(msgspec.json.decode(answer(line, board))) == {"error"}
    assert msgspec.structs.asdict(board.states()[0]) == before


@pytest.mark.parametrize("sent", [b"{}\n{}\n", b"{}\n{}\n" + b"x" * 200_000])
async def test_follow_ends_with_its_input(board: Switchboard, sent: bytes) -> None:
    reading, writing = os.pipe()
    answers = io.BytesIO()
    with os.fdopen(reading, "rb") as commands:
        following = asyncio.create_task(follow(commands, answers, board))
        await asyncio.to_thread(write_and_close, writing, sent)
        await following
    assert answers.getvalue().count(b"\n") == 2


def write_and_close(pipe: int, sent: bytes) -> None:
    try:
        while sent:
            sent = sent[os.write(pipe, sent) :]
    except BrokenPipeError:
        pass
    finally:
        os.close(pipe)
