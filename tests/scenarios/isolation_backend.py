"""A backend that marks every answer with a number of its own, and remembers what it was told when it made it."""

from __future__ import annotations

import asyncio
import random
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from gateway.testing.servers import Received, read_request, render, reset, scripted_server

Mood = Literal["well", "absent", "broken", "reset", "garbage", "slow", "late"]
MOODS: tuple[Mood, ...] = ("well", "absent", "broken", "reset", "garbage", "slow", "late")
WEIGHTS = (64, 8, 8, 2, 2, 12, 4)
SLOW, LATE = 0.004, 0.02
"""Seconds."""

OF_THE_WAY = frozenset({
    "host", "connection", "accept", "accept-encoding", "user-agent", "content-length", "content-type", "traceparent", "tracestate",
    "x-deadline-ms", "if-none-match", "if-modified-since",
})  # fmt: skip
"""Headers that tell nothing of who is asking."""

NOWHERE = "3"
"""The thing that is never there."""

SIGNED = "x-caller-identity"
OF_ONE_HEADER = frozenset({"iat", "exp", "jti", "request_id"})
"""Claims that each signed header has anew."""

GRANTS: tuple[Mapping[str, str], ...] = (
    {}, {"cache-control": "max-age=1"}, {"cache-control": "max-age=0"}, {"cache-control": "max-age=0, must-revalidate"},
    {"cache-control": "private, max-age=5"}, {"cache-control": "max-age=5", "set-cookie": "sid=1"}, {"cache-control": "no-store"},
    {"cache-control": "s-maxage=1, max-age=5"}, {"cache-control": "max-age=5", "vary": "*"},
    {"cache-control": "max-age=5", "vary": "X-Note, Authorization, Cookie"}, {"cache-control": "max-age=0, stale-if-error=5"},
    {"cache-control": "max-age=0, stale-while-revalidate=5"}, {"expires": "Thu, 01 Jan 2099 00:00:00 GMT"},
    {"cache-control": 'private="x-note", max-age=5'}, {"cache-control": 'max-age=5, "'},
)  # fmt: skip
ETAGS: tuple[Mapping[str, str], ...] = ({}, {"etag": '"same"'}, {"etag": '"same"'}, {"etag": 'W/"other"'})
"""Everybody's answers have the same: nothing but the gateway's own key tells them apart."""


class Told(msgspec.Struct, frozen=True):
    """What a request tells of who asks, and for what. `server` is the part of its address that tells servers apart."""

    server: str
    operation: str
    thing: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None


class Made(msgspec.Struct, frozen=True):
    """An answer that was made. `private`: it says that it is for one caller alone."""

    told: Told
    status: int
    private: bool


class Backend:
    """All servers. `made` are its answers by number; `calm` makes it answer well."""

    def __init__(self, drawn: random.Random) -> None:
        self.made: dict[int, Made] = {}
        self.calm = False
        self._random = drawn

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        while (request := await read_request(reader)) is not None:
            mood = "well" if self.calm else self._random.choices(MOODS, WEIGHTS)[0]
            if mood in ("slow", "late"):
                await asyncio.sleep(SLOW if mood == "slow" else LATE)
            if mood == "reset":
                reset(writer)
                return
            if mood == "garbage":
                writer.write(b"SIP/2.0 200 -\r\n\r\n")
                return
            writer.write(self._answer(mood, request))

    def _answer(self, mood: Mood, request: Received) -> bytes:
        told = told_by(request)
        status = {"absent": 404, "broken": 500}.get(mood, 404 if told.thing == NOWHERE else 200)
        headers = {"content-type": "application/json", **self._random.choice(GRANTS), **self._random.choice(ETAGS)}
        if self.calm:
            headers = {"content-type": "application/json"}
        if status == 200 and "if-none-match" in request.headers and self._random.random() < 0.7:
            return render(304, b"", headers)  # true or not
        private = "set-cookie" in headers or "private" in headers.get("cache-control", "")
        if status != 200:
            return render(status, msgspec.json.encode({"code": self._mark(Made(without_things(told), status, private))}), headers)
        value = self._rows(told, private) if told.operation.startswith("many_") else self._thing(told, private)
        return render(200, msgspec.json.encode(value), headers)

    def _thing(self, told: Told, private: bool) -> dict[str, Any]:
        mark = self._mark(Made(told, 200, private))
        return {"id": told.thing, "mark": mark, "secret": f"secret_{mark}"}

    def _rows(self, told: Told, private: bool) -> list[dict[str, Any]]:
        """One row for each thing that is asked for, as if it had been asked for alone."""
        asked = dict(told.query)["things"].split(",")
        each = (msgspec.structs.replace(without_things(told), thing=thing) for thing in asked)
        rows = [self._thing(one, private) for one in each]
        self._random.shuffle(rows)
        return rows

    def _mark(self, made: Made) -> str:
        number = len(self.made)
        self.made[number] = made
        return f"made_{number}_"


def without_things(told: Told) -> Told:
    """What a batch tells besides the things that it asks for, which are its callers' together."""
    return msgspec.structs.replace(told, query=tuple(pair for pair in told.query if pair[0] != "things"))


def told_by(request: Received) -> Told:
    """What a request tells."""
    parts = urlsplit(request.target)
    server, operation, *rest = parts.path.split("/")[1:]
    headers = {name: value for name, value in request.headers.items() if name not in OF_THE_WAY}
    if SIGNED in headers:
        headers[SIGNED] = _claims(headers[SIGNED])
    body = request.json() if request.body else None
    query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return Told(server, operation, rest[0] if rest else "", query, tuple(sorted(headers.items())), body)


def _claims(signed: str) -> str:
    coded = signed.split(".")[1]
    claims = msgspec.json.decode(urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    return canonical({name: value for name, value in claims.items() if name not in OF_ONE_HEADER})


def canonical(value: Any) -> str:
    """Equal for equal values."""
    return msgspec.json.encode(value, order="sorted").decode()


@asynccontextmanager
async def serving(drawn: random.Random) -> AsyncIterator[tuple[Backend, str]]:
    """Runs it; gives its address too."""
    backend = Backend(drawn)
    async with scripted_server(backend.serve) as url:
        yield backend, url
