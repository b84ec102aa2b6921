from __future__ import annotations

import pytest

from gateway.sdk.allowance import Allowance, Verdict
from gateway.server.limit_headers import limit_headers


@pytest.mark.parametrize(
    ("allowance", "remaining", "reset", "left", "policy"),
    [
        (Allowance("b", "default", 60, 60.0, 10), 9, 0.99, b'"default";r=9;t=1', b'"default";q=60;w=60'),
        (Allowance("b", "tenant_day", 5, 86_400.0, 5, "day"), 0, 43_200.0, b'"tenant_day";r=0;t=43200', b'"tenant_day";q=5;w=86400'),
        (Allowance("b", "slow", 0.5, 1.0, 1), 0, 1.5, b'"slow";r=0;t=2', b'"slow";q=1;w=2'),
    ],
)
def test_what_is_told(allowance: Allowance, remaining: int, reset: float, left: bytes, policy: bytes) -> None:
    assert limit_headers(Verdict(True, allowance, remaining, reset)) == ((b"ratelimit", left), (b"ratelimit-policy", policy))
