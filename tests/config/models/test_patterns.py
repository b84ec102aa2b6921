"""Patterns of the models, and the words for what they ask."""

from __future__ import annotations

import re

import pytest

from gateway.config.kind_schema import branches_of, schema_for
from gateway.sdk.fields import NAME_PATTERN, form
from tests.config.written import COMPONENTS


def test_words_get_into_the_schema() -> None:
    assert form("a thing").extra_json_schema == {"x-gateway-form": "a thing"}


@pytest.mark.parametrize("kind", ["gateway", "intent", "route", "policy", "transform", "test"])
def test_every_pattern_of_a_model_has_words(kind: str) -> None:
    """A message never shows a regular expression where it could show words."""
    for branch in branches_of(kind, COMPONENTS):
        schema = schema_for(kind, branch.choice.name if branch.choice else None, COMPONENTS)
        waiting = [schema[part] for part in ("properties", "$defs")]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                if isinstance(item.get("pattern"), str) and item["pattern"] != NAME_PATTERN and "x-gateway-kind" not in item:
                    assert "x-gateway-form" in item, item
                waiting.extend(item.values())


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("call", ["sap.order", "intent.help", "inventory.getAvailability", "a.b.c"], ["sap", ".b", "Sap.order", "a. b", "a."]),
        ("path", ["/", "/orders/{order_id}", "/files/**", "/a/*/b"], ["orders", "/a?b", "/{Bad}", "/a b", "/a{b}"]),
        ("admin", ["127.0.0.1:9090", "localhost:0", "[::1]:65535"], ["9090", "localhost", "::1:9090", "a:b", "a:65536", "a:99999"]),
        ("permission", ["intent:track_order", "intent:*", "trace", "release:pin", "admin:*"], ["intents foo", "Intent:x", "intent:"]),
    ],
)
def test_what_they_ask(name: str, good: list[str], bad: list[str]) -> None:
    pattern = {
        "call": schema_for("intent", None, COMPONENTS)["$defs"]["Step"]["properties"]["call"],
        "path": schema_for("route", None, COMPONENTS)["$defs"]["Match"]["properties"]["path"],
        "admin": schema_for("gateway", None, COMPONENTS)["$defs"]["Server"]["properties"]["admin"],
        "permission": schema_for("policy", "roles", COMPONENTS)["$defs"]["Role"]["properties"]["allow"]["items"],
    }[name]["pattern"]
    assert [text for text in good if not re.search(pattern, text)] == []
    assert [text for text in bad if re.search(pattern, text)] == []
