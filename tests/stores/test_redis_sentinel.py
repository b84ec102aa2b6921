"""Sentinels: who they are asked for, and that a fail-over is followed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk.allowance import Allowance, Charge
from gateway.stores import redis_sentinel
from gateway.stores.redis_faults import RedisFault
from gateway.stores.redis_sentinel import check_master, find_master
from gateway.testing.redis import RedisServer, ServerMissing, find_program, redis_server
from tests.stores.redis_places import PATIENT, Open, at, until

__all__ = ["at"]

SENTINELS = (("a", 1), ("b", 2), ("c", 3))


class Sentinel:
    """Answers as it was told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.closed = False

    async def ask(self, *words: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return await asyncio.Event().wait() if self.answer == "silence" else self.answer

    async def close(self) -> None:
        self.closed = True


async def asked(*answers: Any) -> tuple[tuple[str, int], list[Sentinel]]:
    made = [Sentinel(answer) for answer in answers]
    names = {host: each for (host, _), each in zip(SENTINELS, made, strict=False)}

    async def connect(host: str, port: int) -> Sentinel:
        return names[host]

    return await find_master(SENTINELS[: len(made)], "main", connect), made


@pytest.mark.parametrize(
    "useless",
    [None, [], [b"h"], [b"h", 5], [b"h", b"x"], [b"h", b"0"], [b"h", b"70000"], [b"\xff", b"1"], b"OK", RedisFault("gone"), "silence"],
)
async def test_the_first_that_knows_a_master_is_followed(useless: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_sentinel, "PATIENCE", 0.02)
    found, made = await asked(useless, [b"10.0.0.7", b"6379"], [b"10.0.0.8", b"6379"])
    assert found == ("10.0.0.7", 6379)
    assert [each.closed for each in made] == [True, True, False]


async def test_where_none_knows_one_that_is_a_fault() -> None:
    with pytest.raises(RedisFault, match="no sentinel names a master"):
        await asked(None, RedisFault("gone"))


@pytest.mark.parametrize(("role", "right"), [([b"master", 0, []], True), ([b"slave", b"h"], False), ([], False), (b"master", False)])
async def test_only_a_master_will_do(role: Any, right: bool) -> None:
    link = Sentinel(role)
    if right:
        await check_master(link)
    else:
        with pytest.raises(RedisFault):
            await check_master(link)
    assert link.closed is not right


@contextmanager
def sentinel_of(master: RedisServer, folder: Path) -> Iterator[RedisServer]:
    """A sentinel that takes its master for gone after 0.2 s. It writes to its configuration, so it has a file of its own."""
    config = folder / "sentinel.conf"
    config.write_text(
        f"sentinel monitor main 127.0.0.1 {master.port} 1\nsentinel down-after-milliseconds main 200\nsentinel failover-timeout main 1000\n"
    )
    server = RedisServer(shutil.which("env") or Path("env"), folder)  # type: ignore[arg-type]
    server._command = [str(find_program()), str(config), "--sentinel", "--port", str(server.port), "--bind", "127.0.0.1"]
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.service
@pytest.mark.slow
async def test_a_fail_over_is_followed(tmp_path: Path, at: Open) -> None:
    try:
        find_program()
    except ServerMissing as missing:
        pytest.skip(str(missing))
    charge = Charge(("ada",), Allowance("tier.default/m", "default", 60, 60.0, 10))
    with redis_server() as master, redis_server("--replicaof", f"127.0.0.1 {master.port}", "--repl-diskless-sync-delay", "0") as replica:
        await until(lambda: "master_link_status:up" in replica.run("INFO", "replication"))
        with sentinel_of(master, tmp_path) as sentinel:
            await until(lambda: "slaves=1" in sentinel.run("INFO", "sentinel"), 20)
            place = at(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/main", limit=PATIENT)
            first = await place.state.charge([charge])
            assert first is not None
            assert first.remaining == 9
            master.kill()

            async def back() -> bool:
                return await place.state.charge([charge]) is not None

            await until(back, 20)
            assert "role:master" in replica.run("INFO", "replication")
