"""The operators' listener: metrics and verbose readiness. It is bound to loopback unless the configuration says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.sdk import Source
from gateway.server.serving import Serving
from gateway.server.site import health, readiness

Expose = Callable[[], tuple[bytes, str]]

PATIENCE = 2.0
"""Seconds that a source has to tell whether it is ready."""


def make_admin(serving: Callable[[], Serving], *, started: Callable[[], bool], expose: Expose | None) -> Starlette:
    """`expose` gives all metrics and their content type; without it there is no `/metrics`."""

    async def ready(request: Request) -> Response:
        if "verbose" not in request.query_params:
            return readiness(started=started())
        plan = serving().plan
        return readiness(started=started(), gateway=plan.name, config=plan.digest, sources=await states(plan.sources))

    async def metrics(_: Request) -> Response:
        if expose is None:
            return PlainTextResponse("Metrics are switched off.\n", 404)
        text, content_type = expose()
        return Response(text, media_type=content_type)

    return Starlette(routes=[Route("/healthz", health), Route("/readyz", ready), Route("/metrics", metrics)])


async def states(sources: Mapping[str, Source]) -> dict[str, dict[str, bool]]:
    """Whether each source is ready, all asked at once."""
    answers = await asyncio.gather(*(_answered(source.ready()) for source in sources.values()))
    return {name: {"ready": answer} for name, answer in zip(sources, answers, strict=True)}


async def _answered(asked: Awaitable[bool]) -> bool:
    """A source that fails or is late to answer is not ready."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked is True
    except Exception:
        return False
