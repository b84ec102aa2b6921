"""State `memory`: there is nothing to share, and nothing behind the scheme."""

from __future__ import annotations

import pytest

from gateway.stores.memory import HINT, MemoryConfig, build, component
from gateway.testing import FakeServices


def test_nothing_is_shared() -> None:
    services = FakeServices()
    assert build(MemoryConfig(url="memory://", gateway="shop"), services) is None
    assert services.problems == []
    assert (component.kind, component.name) == ("state", "memory")


@pytest.mark.parametrize("url", ["memory://h", "memory:///var/x", "memory://?x"])
def test_it_has_no_place(url: str) -> None:
    services = FakeServices()
    assert build(MemoryConfig(url=url, gateway="shop"), services) is None
    assert [(problem.code, problem.hint) for problem in services.problems] == [("GW252", HINT)]
