from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from gateway.testing.scenario import Scenario, scenario

ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*"]}
  visitor: {}
  staff: {}
  anonymous: {}
"""
USER: dict[str, Any] = {"id": "u1", "roles": ["customer"], "customer_id": "C1"}

Make = Callable[[str, dict[str, Any]], Awaitable[Scenario]]


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes a running scenario of one specs file and what its fake operations answer; role `customer` may use every intent."""
    async with AsyncExitStack() as stack:

        async def make(specs: str, fakes: dict[str, Any]) -> Scenario:
            files = {"specs/all.yaml": specs, "policies/roles.yaml": ROLES}
            return await stack.enter_async_context(scenario(tmp_path, files, fakes))

        yield make
