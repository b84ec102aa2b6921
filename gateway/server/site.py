"""What Starlette serves: health, readiness, and pages that are handed in. Whatever is not there is a problem like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from gateway.sdk import Forbidden, GatewayError, Malformed, NotFound, TooLarge, Unauthorized, Unavailable
from gateway.server.outgoing import Outgoing
from gateway.server.refusals import MethodNotAllowed, UnsupportedMediaType
from gateway.server.security_headers import SafePages

Refuse = Callable[[Any, GatewayError], Awaitable[Outgoing]]
Break = Callable[[Any, Exception], Outgoing]

KINDS: dict[int, type[GatewayError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    415: UnsupportedMediaType,
}


def make_site(extra: Sequence[BaseRoute], *, started: Callable[[], bool], refuse: Refuse, fail: Break) -> ASGIApp:
    """`started` tells whether requests can be served; `refuse` and `fail` make responses of errors."""

    async def ready(_: Request) -> Response:
        return readiness(started=started())

    async def on_http_error(request: Request, error: Exception) -> Response:
        return as_response(await refuse(request.scope, _error(error)))

    async def on_fault(request: Request, error: Exception) -> Response:
        return as_response(fail(request.scope, error))

    site = Starlette(
        routes=[Route("/healthz", health), Route("/readyz", ready), *extra],
        exception_handlers={HTTPException: on_http_error, Exception: on_fault},
    )
    site.router.redirect_slashes = False
    return SafePages(site)


async def health(_: Request) -> Response:
    """The process is there; nothing else is looked at."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


def readiness(*, started: bool, **more: Any) -> Response:
    """200 once requests can be served, 503 before and while stopping."""
    status = "ready" if started else "not ready"
    return JSONResponse({"status": status, **more}, 200 if started else 503, headers={"cache-control": "no-store"})


def as_response(outgoing: Outgoing) -> Response:
    """As Starlette wants it."""
    response = Response(outgoing.body, outgoing.status)
    response.raw_headers = outgoing.all_headers()
    return response


def _error(error: Exception) -> GatewayError:
    if not isinstance(error, HTTPException):
        raise TypeError("only HTTP errors are answered here")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return MethodNotAllowed(method.strip() for method in allowed.split(",") if method.strip())
    kind = KINDS.get(error.status_code, Malformed if error.status_code < 500 else Unavailable)
    return kind()
