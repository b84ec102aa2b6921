"""The operators' listener: metrics and verbose readiness. It is bound to loopback unless the configuration says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.sdk import ServerReport, Source
from gateway.sdk.standings import Standings
from gateway.server.site import health, readiness

Expose = Callable[[], Awaitable[tuple[bytes, str] | None]]
Report = Callable[[], Awaitable[tuple[bool, dict[str, Any]]]]


@runtime_checkable
class HasServers(Protocol):
    """A source that knows several servers apart, by their numbers."""

    def servers(self) -> tuple[ServerReport, ...]: ...


PATIENCE = 2.0
"""Seconds that a source has to tell whether it is ready."""


def make_admin(report: Report, *, started: Callable[[], bool], expose: Expose, more: Sequence[BaseRoute] = ()) -> Starlette:
    """`report` tells readiness in full; `expose` gives all metrics and their content type, None where there are none. `more` are what
    operators can do."""

    async def ready(request: Request) -> Response:
        if "verbose" not in request.query_params:
            return readiness(started=started())
        any_started, told = await report()
        return readiness(started=any_started, **told)

    async def metrics(_: Request) -> Response:
        exposed = await expose()
        if exposed is None:
            return PlainTextResponse("Metrics are switched off.\n", 404)
        text, content_type = exposed
        return Response(text, media_type=content_type)

    return Starlette(routes=[Route("/healthz", health), Route("/readyz", ready), Route("/metrics", metrics), *more])


async def states(sources: Mapping[str, Source], standings: Standings) -> dict[str, dict[str, Any]]:
    """Whether each source is ready, all asked at once, and what else is known of it. No host and no URL is shown."""
    answers = await asyncio.gather(*(_answered(source.ready()) for source in sources.values()))
    return {
        name: {"ready": answer, **standings.told(name), **_servers(source)}
        for (name, source), answer in zip(sources.items(), answers, strict=True)
    }


def _servers(source: Source) -> dict[str, Any]:
    if not isinstance(source, HasServers):
        return {}
    return {"servers": [{"server": each.number, "state": each.state, "in_flight": each.in_flight} for each in source.servers()]}


async def _answered(asked: Awaitable[bool]) -> bool:
    """A source that fails or is late to answer is not ready."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked is True
    except Exception:
        return False
