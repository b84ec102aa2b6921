"""Interceptor `hedge`: a second read beside a slow one."""

from __future__ import annotations

from gateway.sdk import Binding, Component, Interceptor, Model, Services


class HedgeConfig(Model, frozen=True):
    """Nothing to set."""


def build(binding: Binding, services: Services) -> Interceptor | None:
    """Not in the chain yet."""
    del binding, services
    return None


component = Component(
    kind="interceptor", name="hedge", Config=HedgeConfig, build=build, summary="a second read beside a slow one", example=""
)
