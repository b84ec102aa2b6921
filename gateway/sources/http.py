"""`type: http`: operations written as a request line with templates (language §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from gateway.sdk import (
    Call,
    Compiled,
    Component,
    Effect,
    HttpSourceConfig,
    Name,
    OperationConfig,
    Path,
    Reference,
    Response,
    Scope,
    ServerReport,
    Services,
    Template,
    described,
)
from gateway.sources.header_rules import check_header_name, check_key_header
from gateway.sources.outbound import Outbound, Outgoing
from gateway.sources.params import check_declared, identity_of, inferred_params, used_arguments, written_params
from gateway.sources.payload import JSON, encode_body, supported
from gateway.sources.placement import Placement, Written, place_arguments
from gateway.sources.request_line import SAFE_METHODS, RequestLine, RequestLineFault, parse_request_line
from gateway.sources.wire_text import header_value, query_pairs


class HttpOperationConfig(OperationConfig, frozen=True, kw_only=True):
    """One request that the backend answers."""

    request: Annotated[str, described("Method and path, as `GET /v2/shipments/{tracking_no}`; values are percent-encoded.")]
    query: Annotated[dict[str, Template], described("Query parameters. A null is left out, a list repeats the name.")] = {}
    headers: Annotated[dict[str, Template], described("Headers of this operation. A null is left out.")] = {}
    body: Annotated[Template, described("Body, sent as JSON unless `headers` writes another Content-Type; null for none.")] = None


class HttpConfig(HttpSourceConfig, frozen=True, kw_only=True):
    """A backend reached by HTTP."""

    operations: Annotated[dict[Name, HttpOperationConfig], msgspec.Meta(min_length=1), described("What can be called, by name.")]


class Templates(msgspec.Struct, frozen=True):
    """The compiled templates of an operation."""

    query: tuple[tuple[str, Compiled], ...]
    headers: tuple[tuple[str, Compiled], ...]
    body: Compiled | None

    def __iter__(self) -> Any:
        yield from (template for _, template in self.query)
        yield from (template for _, template in self.headers)
        if self.body is not None:
            yield self.body


class HttpOperation:
    """One operation, ready to be called."""

    def __init__(
        self,
        name: str,
        config: HttpOperationConfig,
        *,
        line: RequestLine,
        templates: Templates,
        params: Mapping[str, Any],
        placement: Placement,
        outbound: Outbound,
    ) -> None:
        self.name = name
        self.method = line.method
        self.effect: Effect = config.effect or ("read" if line.method in SAFE_METHODS else "write")
        self.params = params
        self.output_schema = config.output_schema
        self.identity: frozenset[Reference] = identity_of(templates) | outbound.identity
        self._line = line
        self._templates = templates
        self._placement = placement
        self._outbound = outbound
        self._own_headers = frozenset(name.lower() for name in (*dict(templates.headers), *placement.headers))
        self._content_type = _content_type(templates)
        self._errors_meant = config.success is not None
        self._idempotency_header = config.idempotency.header if config.idempotency else None

    @property
    def forwards(self) -> frozenset[str]:
        return self._outbound.forwards

    async def invoke(self, call: Call, /) -> Response:
        """Makes the request from the call's arguments and sends it."""
        scope: Scope = {**call.context.scope, "args": call.arguments}
        body = self._body(call.arguments, scope)
        outgoing = Outgoing(
            method=self._line.method,
            target=self._target(call.arguments, scope),
            headers=tuple(self._headers(call.arguments, scope)),
            own=self._own_headers,
            body=body,
            content_type=None if body is None else self._content_type,
            repeatable=self.effect == "read",
            idempotency_header=self._idempotency_header,
            errors_meant=self._errors_meant,
        )
        return await self._outbound.send(call, outgoing)

    def _target(self, arguments: Mapping[str, Any], scope: Scope) -> str:
        pairs = list(self._line.query)
        for name, template in self._templates.query:
            pairs += query_pairs(name, template(scope))
        for name in self._placement.query:
            pairs += query_pairs(name, arguments.get(name))
        if self._placement.rest == "query":
            for name, value in self._placement.undeclared(arguments).items():
                pairs += query_pairs(name, value)
        path = self._line.path(arguments)
        return f"{path}?{'&'.join(pairs)}" if pairs else path

    def _headers(self, arguments: Mapping[str, Any], scope: Scope) -> Iterable[tuple[str, str]]:
        for name, template in self._templates.headers:
            if (value := template(scope)) is not None:
                yield name, header_value(name, value)
        for name in self._placement.headers:
            if (value := arguments.get(name)) is not None:
                yield name, header_value(name, value)

    def _body(self, arguments: Mapping[str, Any], scope: Scope) -> bytes | None:
        if self._templates.body is not None:
            return encode_body(self._content_type, self._templates.body(scope))
        if not self._placement.body and self._placement.rest != "body":
            return None
        members = {name: arguments[name] for name in self._placement.body if name in arguments}
        if self._placement.rest == "body":
            members |= self._placement.undeclared(arguments)
        return encode_body(self._content_type, members)


class HttpSource:
    """A backend whose operations are written in the configuration."""

    def __init__(self, operations: Mapping[str, HttpOperation], outbound: Outbound) -> None:
        self._operations = operations
        self._outbound = outbound

    def names(self) -> Iterable[str]:
        return self._operations.keys()

    def operation(self, name: str, /) -> HttpOperation | None:
        return self._operations.get(name)

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


def build(config: HttpConfig, services: Services) -> HttpSource:
    """Binds every operation; what is wrong with one is reported and leaves the others usable."""
    outbound = Outbound(config, services)
    bound = ((name, _bind(name, operation, outbound, services)) for name, operation in config.operations.items())
    return HttpSource({name: operation for name, operation in bound if operation is not None}, outbound)


def _bind(name: str, config: HttpOperationConfig, outbound: Outbound, services: Services) -> HttpOperation | None:
    path: Path = ("operations", name)
    templates = _compile(config, services, path)
    check_key_header(services, config, path)
    try:
        line = parse_request_line(config.request)
    except RequestLineFault as fault:
        services.problem("GW242", fault.message, path=(*path, "request"), hint=fault.hint)
        return None
    used = used_arguments(templates)
    if config.params is None:
        params = inferred_params(line.names, used)
    else:
        params = written_params(config.params)
        check_declared(services, line.names, params, (*path, "request"), "the path")
        _check_templates(services, templates, params, path)
    written = Written(
        method=line.method,
        path_names=line.names,
        used=used,
        query=frozenset(config.query),
        headers=frozenset(header.lower() for header in config.headers),
        has_body=templates.body is not None,
    )
    placement = place_arguments(services, written, params, path)
    return HttpOperation(name, config, line=line, templates=templates, params=params, placement=placement, outbound=outbound)


def _compile(config: HttpOperationConfig, services: Services, path: Path) -> Templates:
    query = tuple((key, services.template(value, path=(*path, "query", key))) for key, value in config.query.items())
    headers = tuple(
        (key, services.template(value, path=(*path, "headers", key)))
        for key, value in config.headers.items()
        if check_header_name(services, key, (*path, "headers", key))
    )
    body = None if config.body is None else services.template(config.body, path=(*path, "body"))
    templates = Templates(query, headers, body)
    if body is not None and not supported(_content_type(templates)):
        message = "a body of this content type can't be written; JSON, forms and text can"
        services.problem("GW243", message, path=(*path, "headers"))
    return templates


def _check_templates(services: Services, templates: Templates, params: Mapping[str, Any], path: Path) -> None:
    placed = [((*path, "query", key), template) for key, template in templates.query]
    placed += [((*path, "headers", key), template) for key, template in templates.headers]
    if templates.body is not None:
        placed.append(((*path, "body"), templates.body))
    for place, template in placed:
        check_declared(services, used_arguments([template]).names, params, place, "this template")


def _content_type(templates: Templates) -> str:
    """The Content-Type that `headers` writes as a constant text, else JSON."""
    for name, template in templates.headers:
        if name.lower() == "content-type" and template.constant:
            return str(template({}))
    return JSON


component = Component(
    kind="source",
    name="http",
    Config=HttpConfig,
    build=build,
    summary="A backend reached by HTTP; each operation is a request line with templates.",
    example="""\
source: delivery
type: http
servers: ["https://delivery.example/api"]
forward: [Accept-Language]
timeout: 800ms
operations:
  track:
    summary: Where a shipment is
    request: GET /v2/shipments/{tracking_no}
    query: {fields: "state,eta,events", lang: "${ ctx.locale }"}
    params:
      type: object
      required: [tracking_no]
      properties:
        tracking_no: {type: string, pattern: "^[A-Z0-9-]{1,40}$"}
        since: {type: string, format: date, in: query}
  redirect:
    request: POST /v2/shipments/{tracking_no}/redirect
    idempotency: {header: Idempotency-Key}
    body: {to: "${ args.address }", by: "${ user.id }"}
    params:
      type: object
      required: [tracking_no, address]
      properties:
        tracking_no: {type: string}
        address: {type: object}
""",
)
