"""The ASGI application: a raw dispatcher in front of Starlette, which serves only what the dispatcher doesn't know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.sdk import GatewayError, Malformed
from gateway.server.front import Front
from gateway.server.gate import Gate
from gateway.server.outgoing import Outgoing
from gateway.server.paths import joined, segments_of
from gateway.server.refusals import MethodNotAllowed, UriTooLong
from gateway.server.router import Found
from gateway.server.serving import Serving

Hook = Callable[[], Awaitable[None]]


class Dispatcher:
    """`serving` is asked once a request, so that a new plan can take its place between two.

    Everything behind it sees `path` as it was understood here. `front` is what decides beforehand which requests come here at all,
    where the server asks it.
    """

    def __init__(
        self, serving: Callable[[], Serving], gate: Gate, site: ASGIApp, *, startup: Hook, shutdown: Hook, front: Front | None = None
    ) -> None:
        self.front = front
        self._serving = serving
        self._gate = gate
        self._site = site
        self._startup = startup
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await live(receive, send, self._startup, self._shutdown)
            else:
                await self._site(scope, receive, send)
            return
        serving = self._serving()
        try:
            segments = segments_of(scope.get("raw_path") or quote(scope["path"]).encode())
        except (Malformed, UriTooLong) as error:
            await self._refuse(scope, serving.telling(scope, send, serving.cors_at((), scope, ())), serving, error)
            return
        scope["path"] = joined(segments)
        found = serving.find(scope["method"], segments)
        cors = serving.cors_at(found, scope, segments)
        send = serving.telling(scope, send, cors)
        if isinstance(found, Found):
            await self._gate.admit(scope, receive, send, serving.plan, found)
        elif found and scope["method"] == "OPTIONS":
            preflight = cors.preflight(scope, found) if cors is not None else None
            await (preflight or Outgoing(204, headers=((b"allow", _allow(found)),))).send(send)
        elif found:
            await self._refuse(scope, send, serving, MethodNotAllowed(found))
        else:
            await self._visit(scope, receive, send)

    async def _refuse(self, scope: Scope, send: Send, serving: Serving, error: GatewayError) -> None:
        outgoing = await self._gate.refuse(scope, serving.plan, error)
        await outgoing.send(send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The border of pages: Starlette raises once more what it has already answered and had logged."""
        try:
            await self._site(scope, receive, send)
        except Exception:
            return


async def live(receive: Receive, send: Send, startup: Hook, shutdown: Hook) -> None:
    """The ASGI lifespan, for servers that start an application so."""
    await receive()
    try:
        await startup()
    except Exception as error:
        await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
        raise
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await shutdown()
    await send({"type": "lifespan.shutdown.complete"})


def _allow(methods: tuple[str, ...]) -> bytes:
    return ", ".join(sorted({*methods, "OPTIONS"})).encode()
