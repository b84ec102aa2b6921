"""What tests of sources share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.testing.postgres import Postgres, ServerMissing, postgres_server
from gateway.testing.services import FakeServices


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[FakeServices]:
    services = FakeServices(folder=tmp_path)
    yield services
    await services.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        with postgres_server() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))
