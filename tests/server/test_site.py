"""Health, readiness, and pages that are handed in."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.server.application import Application
from tests.server.gateways import Client, make_plan


async def test_the_process_is_there_before_it_is_ready() -> None:
    application = Application(make_plan())
    client = Client(application)
    assert (await client.get("/healthz", key=None)).json() == {"status": "ok"}
    starting = await client.get("/readyz", key=None)
    assert (starting.status, starting.json()) == (503, {"status": "not ready"})
    await application.startup()
    ready = await client.get("/readyz?verbose", key=None)
    assert (ready.status, ready.json(), ready.header("cache-control")) == (200, {"status": "ready"}, "no-store")
    await application.shutdown()
    assert (await client.get("/readyz")).status == 503


async def test_head_has_the_same_status() -> None:
    assert (await Client(Application(make_plan())).send("HEAD", "/healthz")).status == 200


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (404, 404, "not_found"),
        (403, 403, "forbidden"),
        (413, 413, "too_large"),
        (415, 415, "invalid_request"),
        (418, 400, "invalid_request"),
        (502, 503, "unavailable"),
    ],
)
async def test_what_a_page_refuses_is_a_problem(raised: int, status: int, code: str) -> None:
    def page(request: Request) -> Response:
        raise HTTPException(raised, detail="hush")

    received = await Client(Application(make_plan(), routes=[Route("/page", page)])).get("/page")
    assert (received.status, received.json()["code"]) == (status, code)
    assert b"hush" not in received.body


async def test_a_page_is_served_as_it_is() -> None:
    async def page(request: Request) -> Response:
        return JSONResponse({"query": request.query_params["q"], "who": request.path_params["who"]})

    received = await Client(Application(make_plan(), routes=[Route("/hello/{who}", page)])).get("/hello/you?q=1")
    assert received.json() == {"query": "1", "who": "you"}
