"""Interceptor `breaker`: circuit breaker."""

from __future__ import annotations

from gateway.sdk import Binding, Component, Interceptor, Model, Services


class BreakerConfig(Model, frozen=True):
    """Nothing to set."""


def build(binding: Binding, services: Services) -> Interceptor | None:
    """Not in the chain yet."""
    del binding, services
    return None


component = Component(
    kind="interceptor",
    name="breaker",
    Config=BreakerConfig,
    build=build,
    summary="circuit breaker",
    example="",
)
