"""How messages name things."""

from __future__ import annotations

import pytest

from gateway.config.wording import dotted, either, expected, found, listed, owner, quoted, spelled
from gateway.sdk.problem import Path


@pytest.mark.parametrize(
    ("kind", "data", "path", "words"),
    [
        ("intent", {"intent": "a"}, (), "intent `a`"),
        ("intent", {}, (), "this intent"),
        ("intent", None, (), "this intent"),
        ("intent", {"intent": "a"}, ("steps", "order"), "step `order`"),
        ("intent", {"intent": "a"}, ("steps", "order", "ensure", 0), "`ensure[0]` of step `order`"),
        ("intent", {"intent": "a"}, ("access", "roles", 0), "`access.roles[0]` of intent `a`"),
        ("source", {"source": "s"}, ("operations", "get", "cache", "ttl"), "`cache.ttl` of operation `get`"),
        ("policy", {"policy": "roles"}, ("roles", "agent"), "role `agent`"),
        ("gateway", {"gateway": "g"}, ("server", "port"), "`server.port` of gateway `g`"),
        ("gateway", {"gateway": "g"}, ("tenants", "known", "acme", "hosts", 1), "`hosts[1]` of tenant `acme`"),
    ],
)
def test_owners(kind: str, data: object, path: Path, words: str) -> None:
    assert owner(kind, data, path) == words


def test_values() -> None:
    assert [found(value) for value in (None, [], {}, "x", 5, 1.5, True)] == [
        "nothing", "a list", "a mapping", "the text `x`", "the number `5`", "the number `1.5`", "`true`",
    ]  # fmt: skip
    assert [found(value, secret=True) for value in ("hush", 5, True)] == ["a text", "a number", "a number"]
    assert quoted("x" * 100) == f"`{'x' * 39}…`"
    assert spelled(10**5000) == "a very long number"
    assert dotted(("a", 0, "b")) == "a[0].b"


def test_alternatives() -> None:
    assert expected([{"type": "string"}, {"type": "array"}]) == "a text or a list"
    assert expected([{"enum": ["connect", "timeout"]}, {"type": "integer"}]) == "`connect` or `timeout` or a whole number"
    assert expected([{"x-gateway-kind": "expression", "type": "string"}]) == "an expression"
    assert either(["a"]) == "`a`"
    assert either(["a", "b", "c"]) == "`a`, `b` or `c`"
    assert listed(["a", "b"]) == "a, b"
    assert listed(map(str, range(100))).endswith(", 23, …")
