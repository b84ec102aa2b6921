"""`type: openapi`: every operation of an API description can be called (language §3).

`servers` of the configuration are the base URLs; those of the document (and Swagger's `basePath`) are not used. An operation without
operationId is called by method and path: `GET /orders/{id}` is `get_orders_id`. Members of a JSON or form body are arguments of
their own, unless one has the name of a parameter: then the whole body is the argument `body`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from gateway.sdk import Compiled, Component, HttpSourceConfig, OperationConfig, Path, ServerReport, Services, Template, described
from gateway.sources.header_rules import check_header_name, check_key_header
from gateway.sources.openapi_body import BodyFault
from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_index import Entry, Index, index_of
from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_operation import OpenApiOperation, shape_of
from gateway.sources.outbound import Outbound
from gateway.sources.params import check_declared, properties_of, used_arguments, written_params
from gateway.sources.request_line import RequestLineFault
from gateway.sources.suggestion import did_you_mean


class OpenApiOperationConfig(OperationConfig, frozen=True, kw_only=True):
    """What is added to an operation of the document."""

    operation: Annotated[str | None, described("The operationId; this key's own name where unset.")] = None
    headers: Annotated[dict[str, Template], described("Headers besides those of the document. A null is left out.")] = {}


class OpenApiConfig(HttpSourceConfig, frozen=True, kw_only=True):
    """A backend with an API description."""

    spec: Annotated[str, described("File with the description (OpenAPI 3.0, 3.1 or Swagger 2.0), in the configuration's folder.")]
    operations: Annotated[dict[str, OpenApiOperationConfig], described("New names and further keys for some operations.")] = {}


class OpenApiSource:
    """A backend whose operations are bound when they are first asked for."""

    def __init__(self, config: OpenApiConfig, services: Services, library: Library, document: Located, index: Index) -> None:
        self._config = config
        self._services = services
        self._library = library
        self._document = document
        self._index = index
        self._outbound = Outbound(config, services)
        self._bound: dict[str, OpenApiOperation | None] = {}

    def names(self) -> Iterable[str]:
        return dict.fromkeys([*self._config.operations, *self._index.entries])

    def operation(self, name: str, /) -> OpenApiOperation | None:
        if name not in self._bound:
            self._bound[name] = self._bind(name)
        return self._bound[name]

    async def start(self) -> None:
        """Nothing: connections are opened when they are needed, and health checks are begun by the client."""

    async def ready(self) -> bool:
        """False where every server is down by its health checks; without these nothing is known before a call is made."""
        return self._outbound.ready()

    def servers(self) -> tuple[ServerReport, ...]:
        """Its servers, for operators."""
        return self._outbound.servers()

    async def close(self) -> None:
        """Nothing: the gateway closes the client."""

    def _bind(self, name: str) -> OpenApiOperation | None:
        config = self._config.operations.get(name)
        path: Path = ("spec",) if config is None else ("operations", name)
        entry = self._entry(name, config)
        if entry is None:
            return None
        try:
            shape = shape_of(self._library, entry, self._document)
        except (BodyFault, RequestLineFault) as fault:
            message = f"`{entry.name}` ({entry.method} {entry.path}) can't be called: {fault}"
            self._services.problem("GW248", message, path=path, key=config is not None)
            return None
        config = config or OpenApiOperationConfig()
        headers = self._headers(config, path)
        check_key_header(self._services, config, path)
        bound = OpenApiOperation(
            name,
            config,
            entry=entry,
            shape=shape,
            library=self._library,
            version=self._index.version,
            headers=headers,
            outbound=self._outbound,
        )
        self._narrow(bound, config, headers, path)
        return bound

    def _entry(self, name: str, config: OpenApiOperationConfig | None) -> Entry | None:
        wanted = name if config is None or config.operation is None else config.operation
        entry = self._index.entries.get(wanted)
        if config is None:
            return entry
        path: Path = ("operations", name)
        if entry is None:
            written = config.operation is not None
            place = (*path, "operation") if written else path
            hint = did_you_mean(wanted, self._index.entries)
            self._services.problem("GW247", f"the document has no operation `{wanted}`", path=place, hint=hint, key=not written)
        elif wanted != name and name in self._index.entries:
            message = f"`{name}` is an operation of the document already, and this would hide it"
            self._services.problem("GW249", message, path=path, hint="give it another name", key=True)
        return entry

    def _headers(self, config: OpenApiOperationConfig, path: Path) -> tuple[tuple[str, Compiled], ...]:
        return tuple(
            (header, self._services.template(value, path=(*path, "headers", header)))
            for header, value in config.headers.items()
            if check_header_name(self._services, header, (*path, "headers", header))
        )

    def _narrow(self, bound: OpenApiOperation, config: OpenApiOperationConfig, headers: Iterable[tuple[str, Compiled]], path: Path) -> None:
        """A written `params` replaces the document's; its names must be arguments that the document knows."""
        imported = bound.params if config.params is not None or headers else {}
        if config.params is not None:
            written = written_params(config.params)
            self._check_names(written, imported, path)
            bound.params = written
        for header, template in headers:
            check_declared(self._services, used_arguments([template]).names, bound.params, (*path, "headers", header), "this template")

    def _check_names(self, written: Mapping[str, Any], imported: Mapping[str, Any], path: Path) -> None:
        known = properties_of(imported)
        for name in properties_of(written):
            if name not in known and imported.get("additionalProperties") is not True:
                place = (*path, "params", "properties", name)
                message = f"the document's operation has no argument `{name}`"
                self._services.problem("GW241", message, path=place, hint=did_you_mean(name, known), key=True)
        for name in imported.get("required", []):
            if name not in properties_of(written) and known[name].get("in") == "path":
                self._services.problem("GW240", f"the path needs the argument `{name}`", path=(*path, "params"), key=True)


def build(config: OpenApiConfig, services: Services) -> OpenApiSource:
    """Reads the document's outline and binds the operations that the configuration names."""
    library = Library(services.folder)
    document = Located({}, services.folder)
    index = Index("3.1", {}, ())
    code = "GW245"
    try:
        document = library.open(config.spec)
        code = "GW246"
        index = index_of(library, document)
    except DocumentFault as fault:
        services.problem(code, fault.message, path=("spec",), hint=fault.hint)
        config = msgspec.structs.replace(config, operations={})  # nothing can be said of them
    for name in index.repeated:
        message = f"the document has the operationId `{name}` more than once; the others are called by method and path"
        services.problem("GW249", message, path=("spec",), severity="warning")
    source = OpenApiSource(config, services, library, document, index)
    for name in config.operations:
        source.operation(name)
    return source


component = Component(
    kind="source",
    name="openapi",
    Config=OpenApiConfig,
    build=build,
    summary="A backend with an API description; every operationId can be called.",
    example="""\
source: inventory
type: openapi
spec: openapi/inventory.yaml
servers: ["https://inventory.example/v1"]
timeout: 800ms
operations:
  availability:
    operation: getAvailability
    batch: {operation: listAvailability, param: skus, join: ",", max: 50, rows: body.items, match: {sku: sku}}
""",
)
