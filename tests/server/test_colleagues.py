"""A single process has no colleagues."""

from __future__ import annotations

from gateway.server.channel import Replies
from gateway.server.colleagues import Colleagues, Nobody


async def test_nobody_says_nothing() -> None:
    nobody: Colleagues = Nobody()
    assert (nobody.number, await nobody.ask("metrics", b"x")) == (0, Replies(0, {}))
