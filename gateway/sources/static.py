"""`type: static`: answers that the configuration itself holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from gateway.sdk import (
    Call,
    Compiled,
    Component,
    Effect,
    Name,
    OperationConfig,
    Reference,
    Response,
    Services,
    SourceConfig,
    Template,
    described,
)
from gateway.sources.params import check_declared, identity_of, inferred_params, used_arguments, written_params


class StaticOperationConfig(OperationConfig, frozen=True, kw_only=True):
    """One answer."""

    value: Annotated[Template, described("The answer; `${ args.x }` reads an argument.")]


class StaticConfig(SourceConfig, frozen=True, kw_only=True):
    """Answers written in the configuration."""

    operations: Annotated[dict[Name, StaticOperationConfig], msgspec.Meta(min_length=1), described("What can be called, by name.")]


class StaticOperation:
    """One answer, compiled."""

    def __init__(self, name: str, config: StaticOperationConfig, value: Compiled, params: Mapping[str, Any]) -> None:
        self.name = name
        self.effect: Effect = config.effect or "read"
        self.params = params
        self.output_schema = config.output_schema
        self.identity: frozenset[Reference] = identity_of([value])
        self.forwards: frozenset[str] = frozenset()
        self._value = value

    async def invoke(self, call: Call, /) -> Response:
        return Response(self._value({**call.context.scope, "args": call.arguments}))


class StaticSource:
    """A source without a backend."""

    def __init__(self, operations: Mapping[str, StaticOperation]) -> None:
        self._operations = operations

    def names(self) -> Iterable[str]:
        return self._operations.keys()

    def operation(self, name: str, /) -> StaticOperation | None:
        return self._operations.get(name)

    async def start(self) -> None:
        """Nothing to start."""

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        """Nothing to close."""


def build(config: StaticConfig, services: Services) -> StaticSource:
    """Compiles every value."""
    return StaticSource({name: _bind(name, operation, services) for name, operation in config.operations.items()})


def _bind(name: str, config: StaticOperationConfig, services: Services) -> StaticOperation:
    place = ("operations", name, "value")
    value = services.template(config.value, path=place)
    used = used_arguments([value])
    if config.params is None:
        return StaticOperation(name, config, value, inferred_params((), used))
    params = written_params(config.params)
    check_declared(services, used.names, params, place, "this template")
    return StaticOperation(name, config, value, params)


component = Component(
    kind="source",
    name="static",
    Config=StaticConfig,
    build=build,
    summary="Answers that the configuration itself holds.",
    example="""\
source: store
type: static
operations:
  hours:
    summary: When a store is open
    params: {type: object, properties: {city: {type: string}}}
    value:
      city: "${ args.city || 'all stores' }"
      days: [{day: monday, open: "09:00", close: "18:00"}]
""",
)
