"""What workers and nodes share, planned: the store that `stores.state` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from gateway.config.loaded import Parsed
from gateway.config.models import Gateway
from gateway.config.suggest import closest
from gateway.planner.compiler import Compiler
from gateway.planner.services import ComponentServices, Surroundings
from gateway.sdk import Component, Path
from gateway.sdk.state import StateStore

AT: Path = ("stores", "state")


def state_store(
    parsed: Parsed[Gateway], components: Mapping[tuple[str, str], Component], compiler: Compiler, surroundings: Surroundings
) -> StateStore | None:
    """The store; nothing is connected yet. None where each process keeps its own, and where the URL can't be used: that is reported
    without showing it."""
    url = parsed.model.stores.state
    services = ComponentServices("state", surroundings, compiler, AT)
    kinds = sorted(name for kind, name in components if kind == "state")
    scheme, colon, _ = url.partition("://")
    if not colon or scheme not in kinds:
        services.problem("GW252", "this is no kind of store for state", path=(), hint=_hint(scheme if colon else "", kinds))
        return None
    component = components["state", scheme]
    if component.build is None:
        return None
    return cast("StateStore | None", component.build(component.Config(url=url, gateway=parsed.model.gateway), services))


def _hint(scheme: str, kinds: list[str]) -> str:
    if "cluster" in scheme:
        return "name one server with `redis://…`, or sentinels with `redis+sentinel://…`: Redis Cluster comes in a later release"
    near = closest(scheme, kinds) if scheme else None
    return f"did you mean `{near}://…`?" if near else f"write {' or '.join(f'`{kind}://…`' for kind in kinds)}"
