"""What a base URL is taken apart into, and which ones are refused."""

from __future__ import annotations

import pytest

from gateway.net.server import Server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://Orders.Example", Server(False, "orders.example", 80, "orders.example", "")),
        ("https://orders.example:443/", Server(True, "orders.example", 443, "orders.example", "")),
        ("https://orders.example:8443/api/v2/", Server(True, "orders.example", 8443, "orders.example:8443", "/api/v2")),
        ("http://127.0.0.1:9000", Server(False, "127.0.0.1", 9000, "127.0.0.1:9000", "")),
        ("http://[::1]/a", Server(False, "::1", 80, "[::1]", "/a")),
        ("http://[fe80::1%25eth0]:81", Server(False, "fe80::1%25eth0", 81, "[fe80::1]:81", "")),
    ],
)
def test_a_url_is_taken_apart(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orders.example",
        "ftp://orders.example",
        "http://",
        "http://user:secret@orders.example",
        "http://orders.example/?secret=1",
        "http://orders.example/#secret",
        "http://orders.example:port",
        "http://orders.example:99999",
        "http://[secret",
        "http://caf\xe9.example",
        "http://orders.example/a b",
        "http://orders.example\r\nsecret: 1",
        f"http://{'a' * 64}.example",
        "http://a..example",
    ],
)
def test_another_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Server.parse(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("host", "literal"), [("127.0.0.1", True), ("::1", True), ("orders.example", False), ("127.1", False)])
def test_addresses_are_told_from_names(host: str, literal: bool) -> None:
    assert Server(False, host, 80, host, "").is_literal is literal
