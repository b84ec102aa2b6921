from __future__ import annotations

import pytest

from gateway.runtime.addresses import reserved


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/v1", True), ("/v1/chat", True), ("/v10", False), ("/healthz", True), ("/orders", False), ("/", False), ("/docs/x", True)],
)
def test_the_gateway_keeps_its_addresses_and_all_below_them(path: str, kept: bool) -> None:
    assert reserved(path) is kept
