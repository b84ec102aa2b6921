"""The systems, asked without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from gateway.demo.backends.switches import Switch
from gateway.demo.backends.system import SYSTEMS, system_app
from gateway.demo.company import Company


class Ask:
    """Asks any system by name."""

    def __init__(self, clients: dict[str, httpx2.AsyncClient]) -> None:
        self._clients = clients

    async def get(self, system: str, target: str) -> httpx2.Response:
        return await self._clients[system].get(target)

    async def post(self, system: str, target: str, **options: Any) -> httpx2.Response:
        return await self._clients[system].post(target, **options)


@pytest.fixture
async def ask(company: Company) -> AsyncIterator[Ask]:
    apps = {kind.name: system_app(kind, company, Switch(kind.name)) for kind in SYSTEMS}
    clients = {name: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://backend") for name, app in apps.items()}
    yield Ask(clients)
    for client in clients.values():
        await client.aclose()
