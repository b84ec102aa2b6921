"""The demo's page: one document that needs nothing else, and switches that only the page may turn."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.demo.page import document, routes
from gateway.demo.process import BackendsGone

STATES = [{"name": "erp", "mode": "ok", "latency_ms": 18}]


class FakeSwitches:
    """Keeps what it was asked; `fault` is raised instead of an answer."""

    def __init__(self) -> None:
        self.changes: list[Mapping[str, Any]] = []
        self.fault: Exception | None = None

    async def states(self) -> list[dict[str, Any]]:
        if self.fault is not None:
            raise self.fault
        return STATES

    async def turn(self, change: Mapping[str, Any]) -> list[dict[str, Any]]:
        self.changes.append(change)
        return await self.states()


@pytest.fixture
def switches() -> FakeSwitches:
    return FakeSwitches()


@pytest.fixture
async def client(switches: FakeSwitches) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=routes(switches)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


def test_nothing_is_fetched_from_outside() -> None:
    html = document()[0].decode()
    assert re.findall(r"(?:https?:)?//[a-z]", re.sub(r"^\s*//.*$", "", html, flags=re.MULTILINE)) == []
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:,)""", html) == []
    assert re.search(r"@import|url\(", html) is None


def test_all_parts_are_filled_in() -> None:
    html = document()[0].decode()
    assert "demo-customer-1001" in html
    for mark in ("/* style */", "/* script */", "/* people */"):
        assert mark not in html


def test_the_script_makes_no_markup_of_data() -> None:
    html = document()[0].decode()
    assert re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc", html) is None


def test_every_control_has_a_label() -> None:
    html = document()[0].decode()
    for control in re.findall(r'<(?:input|select)[^>]* ?id="([^"]+)"', html):
        named = f'for="{control}"' in html
        inside = re.search(rf'<label[^>]*>(?:(?!</label>).)*id="{control}"', html, re.DOTALL)
        assert named or inside, control


async def test_the_page_forbids_what_it_does_not_need(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_switches_are_read_and_turned(client: httpx2.AsyncClient, switches: FakeSwitches) -> None:
    assert (await client.get("/demo/backends")).json() == {"systems": STATES}
    change = {"name": "erp", "mode": "down"}
    assert (await client.post("/demo/backends", json=change)).json() == {"systems": STATES}
    assert switches.changes == [change]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, b'{"name": "erp", "mode": "down"}', 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, b'{"name": "erp", "mode": "down"}', 403),
        ({"Content-Type": "text/plain"}, b'{"name": "erp", "mode": "down"}', 415),
        ({}, b'{"name": "erp", "mode": "down"}', 415),
        ({"Content-Type": "application/json"}, b"", 400),
        ({"Content-Type": "application/json"}, b"{}", 400),
        ({"Content-Type": "application/json"}, b"[]", 400),
        ({"Content-Type": "application/json"}, b"\xff", 400),
        ({"Content-Type": "application/json"}, b'{"a": ' + b"[" * 4_000, 400),
        ({"Content-Type": "application/json"}, b'{"name": "' + b"x" * 5_000 + b'"}', 400),
    ],
)
async def test_senseless_and_foreign_changes_turn_nothing(
    client: httpx2.AsyncClient, switches: FakeSwitches, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/demo/backends", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert switches.changes == []


@pytest.mark.parametrize(("fault", "status"), [(ValueError("There is no such system."), 422), (BackendsGone("gone"), 503)])
async def test_faults_of_the_backends_are_told(client: httpx2.AsyncClient, switches: FakeSwitches, fault: Exception, status: int) -> None:
    switches.fault = fault
    answer = await client.post("/demo/backends", json={"name": "x", "mode": "ok"})
    assert (answer.status_code, answer.json()["detail"]) == (status, str(fault))
