"""The demo's page at `/`, and the switches behind it at `/demo/backends`.

The page is one document without any outside reference; its three parts lie in `page/`. It learns everything else from the
gateway's own endpoint, as any frontend would.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.people import PEOPLE
from gateway.demo.process import BackendsGone

PARTS = Path(__file__).parent / "page"
MOST_BODY = 4 * 1024


class Switches(Protocol):
    """The backends, as far as the page cares (`gateway.demo.process.Backends`)."""

    async def states(self) -> list[dict[str, Any]]: ...
    async def turn(self, change: Mapping[str, Any]) -> list[dict[str, Any]]: ...


def routes(backends: Switches) -> list[Route]:
    """`GET /`; `GET /demo/backends` reads and `POST /demo/backends` turns a switch: `{"name", "mode", "latency_ms"?}`."""
    html, policy = document()

    async def page(_: Request) -> Response:
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        return Response(html, media_type="text/html", headers=headers)

    async def read(_: Request) -> Response:
        return await _reading(backends, None)

    async def turn(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return _problem(403, "Another site may not turn these switches.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _problem(415, "Send application/json.")
        change = await _change(request)
        return _problem(400, "Send an object with name and mode.") if change is None else await _reading(backends, change)

    return [
        Route("/", page),
        Route("/demo/backends", read, methods=["GET"]),
        Route("/demo/backends", turn, methods=["POST"]),
    ]


def document() -> tuple[bytes, str]:
    """The page, and the content security policy that permits exactly its style and script."""
    style, script = (PARTS / "style.css").read_text("utf-8"), (PARTS / "script.js").read_text("utf-8")
    people = msgspec.json.encode(PEOPLE).decode().replace("<", "\\u003c")
    html = (PARTS / "index.html").read_text("utf-8")
    for mark, part in (("/* style */", style), ("/* script */", script), ("/* people */", people)):
        html = html.replace(mark, part, 1)
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return html.encode(), policy


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


async def _change(request: Request) -> dict[str, Any] | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            return None
    try:
        return msgspec.json.decode(bytes(body), type=dict[str, Any]) or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


async def _reading(backends: Switches, change: Mapping[str, Any] | None) -> Response:
    try:
        systems = await backends.states() if change is None else await backends.turn(change)
    except ValueError as fault:
        return _problem(422, str(fault))
    except BackendsGone as fault:
        return _problem(503, str(fault))
    return Response(msgspec.json.encode({"systems": systems}), media_type="application/json", headers={"Cache-Control": "no-store"})


def _problem(status: int, detail: str) -> Response:
    body = {"type": "about:blank", "status": status, "detail": detail}
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")
