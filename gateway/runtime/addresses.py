"""Addresses that the gateway keeps for itself (interfaces §1)."""

from __future__ import annotations

RESERVED = ("/v1", "/healthz", "/readyz", "/channels", "/mcp", "/openapi.json", "/docs", "/admin", "/console", "/metrics")
"""No route may stand at one of these, or below."""


def reserved(path: str) -> bool:
    """Whether the gateway keeps this address for itself."""
    return any(path == taken or path.startswith(f"{taken}/") for taken in RESERVED)
