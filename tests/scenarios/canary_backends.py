"""The backends of the canary test as servers. They know the company's data, break often, and then tell as much as they can.

They also look at what reaches them: no system may get the credential of another, or another tenant's data.
"""

from __future__ import annotations

import asyncio
import random
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from gateway.testing.servers import Handler, Received, first_half, read_request, render, reset, scripted_server
from tests.scenarios.canary_company import OWN, SHARED, TENANTS, Business, unpadded
from tests.scenarios.canary_words import INPUT, SYSTEM, Canary, Lookout, canary

Mood = Literal["well", "tells", "repeats", "page", "reset", "close", "garbage", "truncated", "hangs", "late"]
MOODS: tuple[Mood, ...] = ("well", "tells", "repeats", "page", "reset", "close", "garbage", "truncated", "hangs", "late")
BAD_DAY = (70, 8, 5, 2, 2, 2, 2, 2, 1, 6)
STATUSES = (200, 202, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504)
HANG_SECONDS, LATE_SECONDS = 3.0, 0.02
JSON = {"content-type": "application/json"}
STACK = 'Traceback (most recent call last):\n  File "/srv/app/orders.py", line 7\nOperationalError: SELECT * FROM invoice_lines at '


class Backend:
    """One system, of one tenant or of all. `moods` are how often it behaves how."""

    def __init__(self, system: str, tenant: str | None, lookout: Lookout, drawn: random.Random) -> None:
        self.system = system
        self.tenant = tenant
        self.moods: tuple[int, ...] = (1, *(0,) * (len(MOODS) - 1))
        self.served = 0
        self._lookout = lookout
        self._random = drawn
        self._business = Business(tenant)

    @property
    def handler(self) -> Handler:
        """Serves one connection."""

        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while (request := await read_request(reader)) is not None:
                self.served += 1
                self._inspect(request)
                mood = self._random.choices(MOODS, self.moods)[0]
                if not await self._answer(mood, request, writer):
                    return

        return connection

    def _inspect(self, request: Received) -> None:
        headers = "\n".join(f"{name}: {_readable(value)}" for name, value in request.headers.items() if name != "host")
        where = f"request to {self.system} of {self.tenant}"
        for seen in (headers, urlsplit(request.target).query, request.body):
            self._lookout.look(seen, where, self._may_get)

    def _may_get(self, word: Canary) -> bool:
        if word.owner == SYSTEM:
            return word.subject == self.system
        return word.owner == INPUT or self.tenant in (None, word.owner)

    async def _answer(self, mood: Mood, request: Received, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        if mood in ("hangs", "late"):
            await asyncio.sleep(HANG_SECONDS if mood == "hangs" else LATE_SECONDS)
        if mood in ("reset", "close"):
            if mood == "reset":
                reset(writer)
            return False
        answer = self._bytes(mood, request)
        writer.write(first_half(answer) if mood == "truncated" else answer)
        await writer.drain()
        return mood not in ("garbage", "truncated")

    def _bytes(self, mood: Mood, request: Received) -> bytes:
        told = f"{request.method} {request.target} {dict(request.headers)} {canary(SYSTEM, self.system, 'other')}"
        if mood == "garbage":
            return f"SIP/2.0 {told}\r\n\r\n".encode("latin-1", "replace")
        if mood == "page":
            page = f"<html><pre>{STACK}{told}</pre></html>"
            return render(self._random.choice(STATUSES), page.encode(), {"content-type": "text/html", **self._echo(request)})
        status, value = self._business.answer(self.system, request)
        if mood == "tells":
            status = self._random.choice(STATUSES)
            value = {"error": {"code": f"E-{told}", "message": STACK + told}, "message": told, "details": [STACK, told]}
        elif mood == "repeats" and self.system != "token":
            value = _everywhere(value, " ".join(self._credentials(request)) or "none")
        headers = JSON if mood == "well" else {**JSON, **self._echo(request)}
        return render(status, msgspec.json.encode(value), headers)

    def _echo(self, request: Received) -> dict[str, str]:
        return {f"x-was-{name}": value for name, value in request.headers.items()} | {"location": f"http://127.0.0.1{request.target}"}

    def _credentials(self, request: Received) -> list[str]:
        """What of a request is secret."""
        names = ("authorization", "x-crm-key", "x-tickets-key", "x-inventory-key", "x-caller-identity")
        return [request.headers[name] for name in names if name in request.headers]


def _readable(value: str) -> str:
    """What a header says that is in base64: the password of `Basic`, the claims of a token."""
    kind, _, coded = value.partition(" ")
    if kind == "Basic":
        return b64decode(coded).decode()
    return unpadded(coded.split(".")[1]).decode() if kind == "Bearer" and coded.count(".") == 2 else value


def _everywhere(value: Any, word: str) -> Any:
    """A sound answer, with a word behind every text that doesn't decide anything."""
    if isinstance(value, dict):
        kept = ("customer", "order_id", "sku", "employee_id", "manager_id", "tracking_no", "code", "since", "delivery_status", "requested")
        return {name: member if name in kept else _everywhere(member, word) for name, member in value.items()}
    if isinstance(value, list):
        return [_everywhere(item, word) for item in value]
    return f"{value} {word}" if isinstance(value, str) else value


class Backends:
    """All systems that run; `urls` by (system, tenant), the tenant being None for those that all share."""

    def __init__(self, lookout: Lookout, drawn: random.Random) -> None:
        places = [(system, tenant) for tenant in TENANTS for system in OWN] + [(system, None) for system in SHARED]
        self.all = {(system, tenant): Backend(system, tenant, lookout, drawn) for system, tenant in places}
        self.urls: dict[tuple[str, str | None], str] = {}

    def behave(self, moods: tuple[int, ...]) -> None:
        """All but the authorisation server, which nothing works without."""
        for backend in self.all.values():
            if backend.system != "token":
                backend.moods = moods

    @property
    def served(self) -> int:
        """Requests so far."""
        return sum(backend.served for backend in self.all.values())


@asynccontextmanager
async def serving(lookout: Lookout, drawn: random.Random) -> AsyncIterator[Backends]:
    """Starts every system. The lookout knows their addresses."""
    backends = Backends(lookout, drawn)
    async with AsyncExitStack() as stack:
        for place, backend in backends.all.items():
            url = await stack.enter_async_context(scripted_server(backend.handler))
            backends.urls[place] = f"{url}/{canary(SYSTEM, backend.system, 'path')}"
            lookout.forbid([f":{url.rpartition(':')[2]}"])
        yield backends
