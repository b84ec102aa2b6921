from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio

from gateway.testing.servers import Route, http_server
from tests.scenarios.running import Gateway, running

Start = Callable[..., Awaitable[Gateway]]
"""`(specs, **backends)`: each backend's routes, or a URL where it is not to be served, by name."""


@pytest_asyncio.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts backends and a gateway in front of them; specs find a backend's URL in `env.<NAME>_URL`."""
    async with AsyncExitStack() as stack:

        async def make(specs: str, **backends: dict[str, Route] | str) -> Gateway:
            urls = {
                f"{name.upper()}_URL": given if isinstance(given, str) else await stack.enter_async_context(http_server(given))
                for name, given in backends.items()
            }
            return await stack.enter_async_context(running(tmp_path, specs, urls))

        yield make
