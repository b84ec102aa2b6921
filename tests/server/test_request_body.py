"""A body is received whole, inside its limits, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.sdk import Malformed, TooLarge
from gateway.server import arrival
from gateway.server.refusals import TooSlow
from gateway.server.request_body import ClientGone, receive_body


def messages(*chunks: bytes | None) -> Any:
    """A `receive`: chunks, of which None is a disconnect, then silence."""
    waiting: Iterable[bytes | None] = iter(chunks)
    left = len(chunks)

    async def receive() -> dict[str, Any]:
        nonlocal left
        for chunk in waiting:
            left -= 1
            if chunk is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": chunk, "more_body": left > 0}
        await asyncio.Event().wait()
        raise AssertionError

    return receive


@pytest.mark.parametrize("chunks", [(b"abcdef",), (b"abc", b"def"), (b"", b"a", b"bcdef", b"")])
async def test_a_body_may_come_in_pieces(chunks: tuple[bytes, ...]) -> None:
    assert await receive_body(messages(*chunks), {}, 6) == b"abcdef"


@pytest.mark.parametrize("chunks", [(b"abcdef",), (b"abc", b"def"), (b"abcdef", b"never asked for")])
async def test_too_much_is_refused_as_soon_as_it_is_there(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(TooLarge):
        await receive_body(messages(*chunks), {}, 5)


async def test_too_much_is_refused_before_it_is_there() -> None:
    with pytest.raises(TooLarge):
        await receive_body(messages(), {"content-length": "6"}, 5)


@pytest.mark.parametrize("length", ["-1", "5, 5", "0x5", "²", "", "9" * 30])
async def test_a_length_that_is_none_is_malformed(length: str) -> None:
    with pytest.raises(Malformed):
        await receive_body(messages(b"abc"), {"content-length": length}, 5)


async def test_a_client_that_hangs_up_is_noticed() -> None:
    with pytest.raises(ClientGone):
        await receive_body(messages(b"abc", None), {}, 5)


async def test_a_body_that_never_ends_to_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.01)
    with pytest.raises(TooSlow):
        await receive_body(messages(), {}, 5)


async def test_a_body_that_keeps_the_pace_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.05)
    monkeypatch.setattr(arrival, "RATE", 1000)
    pieces = iter([b"x" * 100] * 4)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.04)
        return {"type": "http.request", "body": next(pieces, b""), "more_body": True}

    with pytest.raises(TooSlow):
        await receive_body(receive, {}, 10_000)
    assert next(pieces, None) is None
