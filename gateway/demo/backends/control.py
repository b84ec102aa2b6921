"""How the process that started the systems works their switches: a line of JSON in, a line of JSON out.

Each line in is a `Change`, or `{}` to look; each line out is `{"systems": [Switch, …]}` or `{"error": text}`. The end of the
input means that the starter is gone, however it ended.
"""

from __future__ import annotations

import asyncio
from typing import IO

import msgspec

from gateway.demo.backends.switches import Change, Switch, Switchboard

MOST_LINE = 64 * 1024


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a line."""

    systems: list[Switch] = []
    error: str | None = None


def answer(line: bytes, board: Switchboard) -> bytes:
    """Does what `line` says and gives the line to send back."""
    try:
        if msgspec.json.decode(line) != {}:
            board.turn(msgspec.json.decode(line, type=Change))
        reading = Reading(systems=board.states())
    except KeyError:
        reading = Reading(error="There is no such system.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        reading = Reading(error=str(fault))
    return msgspec.json.encode(reading) + b"\n"


async def follow(commands: IO[bytes], answers: IO[bytes], board: Switchboard) -> None:
    """Answers each line of the pipe `commands`; ends where it ends."""
    reader = asyncio.StreamReader(limit=MOST_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), commands)
    try:
        while line := await reader.readline():
            answers.write(answer(line, board))
            answers.flush()
    except ValueError:
        pass  # a line over the limit: not our starter, so this ends as its end would
    finally:
        transport.close()
