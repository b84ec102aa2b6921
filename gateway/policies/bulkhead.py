"""Interceptor `bulkhead`: calls at once and in a second."""

from __future__ import annotations

from gateway.sdk import Binding, Component, Interceptor, Model, Services


class BulkheadConfig(Model, frozen=True):
    """Nothing to set."""


def build(binding: Binding, services: Services) -> Interceptor | None:
    """Not in the chain yet."""
    del binding, services
    return None


component = Component(
    kind="interceptor", name="bulkhead", Config=BulkheadConfig, build=build, summary="calls at once and in a second", example=""
)
