"""One run of the demo's backends for all tests that only read, and its company, founded on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from gateway.demo.company import Company
from gateway.demo.founding import found_company
from gateway.demo.process import Backends


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with Backends.start() as running:
        yield running


@pytest.fixture(scope="session")
def company() -> Company:
    return found_company(date(2026, 11, 20))
