"""Which places of a configuration decide who may do what. Nothing there is ever mended by a program: a guess could open a door."""

from __future__ import annotations

from typing import Any

from gateway.sdk.problem import Path

AUTHORITY = frozenset(
    {
        *("access", "roles", "scopes", "permissions", "allow", "deny", "inherits", "clears", "internal", "acr", "max_age", "ensure"),
        *("identity", "auth", "tenants", "tls", "pipeline", "forward", "policy"),
        *("effect", "read_only", "classification", "default_classification"),
    }
)
"""Keys that decide it, with everything below them."""


def decides_access(data: Any, path: Path, word: str) -> bool:
    """Whether writing `word` at `path` of a document with this data would change who may do what; all of a policy counts."""
    return (isinstance(data, dict) and "policy" in data) or word in AUTHORITY or not AUTHORITY.isdisjoint(path)
