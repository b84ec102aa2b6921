from __future__ import annotations

import msgspec
import pytest

from gateway.sdk.idempotency import Held

HELD = Held("f", "v", "started", "o", lease_until=100.0)


@pytest.mark.parametrize(
    ("held", "at", "running"),
    [
        (HELD, 99.9, True),
        (HELD, 100.0, False),
        (msgspec.structs.replace(HELD, state="unknown"), 0.0, False),
        (msgspec.structs.replace(HELD, state="finished"), 0.0, False),
    ],
)
def test_an_owner_is_at_work_until_its_lease_is_over(held: Held, at: float, running: bool) -> None:
    assert held.is_running(at) is running
