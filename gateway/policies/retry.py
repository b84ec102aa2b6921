"""Interceptor `retry`: another try."""

from __future__ import annotations

from gateway.sdk import Binding, Component, Interceptor, Model, Services


class RetryConfig(Model, frozen=True):
    """Nothing to set."""


def build(binding: Binding, services: Services) -> Interceptor | None:
    """Not in the chain yet."""
    del binding, services
    return None


component = Component(
    kind="interceptor",
    name="retry",
    Config=RetryConfig,
    build=build,
    summary="another try",
    example="",
)
