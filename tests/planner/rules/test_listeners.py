"""Addresses to listen on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("{}", []),
        ("{port: 9090}", []),
        ("{port: 0, admin: '127.0.0.1:0'}", []),
        ("{port: 8000, admin: '127.0.0.1:8000'}", [("GW104", "'127.0.0.1:8000'")]),
        ("{host: 0.0.0.0, port: 8000, admin: '127.0.0.1:8000'}", [("GW104", "'127.0.0.1:8000'")]),
        ("{host: 10.0.0.7, port: 8000, admin: '127.0.0.1:8000'}", []),
        ("{host: '::1', admin: '[::1]:8000'}", []),
        ("{host: gateway.example.}", []),
        ("{host: 999.1.2.3}", [("GW104", "999.1.2.3")]),
        ("{host: 127.0.1}", [("GW104", "127.0.1")]),
        ("{host: '::x'}", [("GW104", "'::x'")]),
        ("{host: a..b}", [("GW104", "a..b")]),
        ("{admin: '300.0.0.1:9090'}", [("GW104", "'300.0.0.1:9090'")]),
    ],
)
def test_what_is_told(tmp_path: Path, server: str, expected: Found) -> None:
    gateway = f"gateway: shop\nidentity: [{{scenario: {{}}}}]\nserver: {server}\n"
    assert found(tmp_path, "intent: ask\noutput: 1\n", "GW104", gateway=gateway) == expected
