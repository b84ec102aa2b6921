"""Interceptor `cache`: kept answers."""

from __future__ import annotations

from gateway.sdk import Binding, Component, Interceptor, Model, Services


class CacheConfig(Model, frozen=True):
    """Nothing to set."""


def build(binding: Binding, services: Services) -> Interceptor | None:
    """Not in the chain yet."""
    del binding, services
    return None


component = Component(
    kind="interceptor",
    name="cache",
    Config=CacheConfig,
    build=build,
    summary="kept answers",
    example="",
)
