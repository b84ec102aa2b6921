"""One operation of an API description, bound: its arguments, how they are sent, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from gateway.sdk import Call, Compiled, Effect, OperationConfig, Reference, Response, Scope
from gateway.sources.openapi_body import Body, body_of
from gateway.sources.openapi_index import Entry, Version
from gateway.sources.openapi_library import Library, Located, map_at
from gateway.sources.openapi_parameters import Read, parameters_of
from gateway.sources.openapi_path import path_of, placed
from gateway.sources.openapi_schema import SchemaTranslator
from gateway.sources.openapi_style import Parameter, Where, cookie_header, header_text, path_text, query_texts
from gateway.sources.outbound import Outbound, Outgoing
from gateway.sources.params import identity_of
from gateway.sources.payload import is_json
from gateway.sources.request_line import SAFE_METHODS, RequestLine, parse_request_line
from gateway.sources.wire_text import header_value

WHOLE_BODY = "body"


class Shape(msgspec.Struct, frozen=True):
    """What an operation takes. `whole` is the argument that is the whole body, None where its members are arguments (or there is
    no body)."""

    line: RequestLine
    parameters: tuple[Read, ...]
    body: Body | None
    whole: str | None

    def at(self, where: Where) -> list[Parameter]:
        """The parameters of one place."""
        return [read.parameter for read in self.parameters if read.parameter.where == where]


def shape_of(library: Library, entry: Entry, document: Located) -> Shape:
    """Raises `RequestLineFault` or `BodyFault` for an operation that can't be called."""
    path = path_of(entry.path)
    line = parse_request_line(f"{entry.method} {path.text}")
    parameters, bodies = parameters_of(library, entry.item, entry.operation)
    parameters = list(placed(parameters, line.names, path.behind, entry.operation))
    consumes = entry.operation.node.get("consumes", document.node.get("consumes"))
    body = None
    if bodies or "requestBody" in entry.operation.node:
        body = body_of(library, entry.operation, bodies, [str(kind) for kind in consumes] if isinstance(consumes, list) else [])
    taken = {read.parameter.argument for read in parameters}
    whole = None
    if body is not None and (body.members is None or not taken.isdisjoint(body.members.properties)):
        whole = WHOLE_BODY if WHOLE_BODY not in taken else f"request_{WHOLE_BODY}"
    return Shape(line, tuple(parameters), body, whole)


def params_of(library: Library, shape: Shape, key_header: str | None = None) -> dict[str, Any]:
    """All arguments as one JSON Schema; each says with `in:` where it goes.

    Defaults are left out: they say what the backend assumes, and sending them could overwrite what a caller didn't mention. Only
    what must be given and can be one thing is that by default. `key_header` is the header that the gateway itself fills.
    """
    translator = SchemaTranslator(library, "request")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for read in shape.parameters:
        described = {"description": read.description} if read.description else {}
        argument = {**described, **translator.schema(read.schema), "in": read.parameter.where}
        properties[read.parameter.argument] = argument
        if read.required and not (read.parameter.where == "header" and read.parameter.name.lower() == key_header):
            required.append(read.parameter.argument)
            choices = argument.get("enum", ())
            if len(choices) == 1 and argument.get("type") == "string" and isinstance(choices[0], str):
                argument["default"] = choices[0]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if shape.body is not None:
        required += _add_body(translator, shape.body, shape.whole, properties)
        if shape.whole is None and shape.body.members is not None and shape.body.members.open:
            schema["additionalProperties"] = True
    schema["required"] = required
    definitions = translator.definitions()
    return {**schema, "$defs": definitions} if definitions else schema


def _add_body(translator: SchemaTranslator, body: Body, whole: str | None, properties: dict[str, Any]) -> list[str]:
    """Gives the names that are required."""
    if whole is not None or body.members is None:
        name = whole or WHOLE_BODY
        properties[name] = {**translator.schema(body.schema), "in": "body"}
        return [name] if body.required else []
    for name, part in body.members.properties.items():
        properties[name] = {**translator.schema(part), "in": "body"}
    return sorted(body.members.required) if body.required else []


def answer_of(library: Library, entry: Entry, version: Version) -> Any:
    """The schema of the first 2xx answer that is JSON, None where there is none."""
    success = success_of(library, entry, version)
    return None if success is None else SchemaTranslator(library, "response").whole(success.schema) or None


class Success(msgspec.Struct, frozen=True):
    """The first 2xx answer that is JSON."""

    response: Located
    schema: Located


def success_of(library: Library, entry: Entry, version: Version) -> Success | None:
    """None where no 2xx answer has a JSON schema."""
    responses = map_at(entry.operation.node, "responses")
    for status in sorted(name for name in responses if name.upper() == "2XX" or (len(name) == 3 and name.startswith("2"))):
        response = library.follow(entry.operation.below(responses[status]))
        if response is None:
            continue
        schema = response.node.get("schema") if version == "2.0" and isinstance(response.node, dict) else _json_schema(response)
        if isinstance(schema, dict):
            return Success(response, response.below(schema))
    return None


def _json_schema(response: Located) -> Any:
    for media_type, media in map_at(response.node, "content").items():
        if is_json(media_type.partition(";")[0].strip().lower()) and isinstance(media, dict):
            return media.get("schema")
    return None


class OpenApiOperation:
    """An operation, ready to be called. `params` and `output_schema` are translated when they are first asked for."""

    def __init__(
        self,
        name: str,
        config: OperationConfig,
        *,
        entry: Entry,
        shape: Shape,
        library: Library,
        version: Version,
        headers: tuple[tuple[str, Compiled], ...],
        outbound: Outbound,
    ) -> None:
        self.name = name
        self.method = entry.method
        self.effect: Effect = config.effect or ("read" if entry.method in SAFE_METHODS else "write")
        self.identity: frozenset[Reference] = identity_of(template for _, template in headers) | outbound.identity
        self._config = config
        self._entry = entry
        self._shape = shape
        self._library = library
        self._version: Version = version
        self._templates = headers
        self._outbound = outbound
        self._path = {parameter.name: parameter for parameter in shape.at("path")}
        self._query, self._headers, self._cookies = shape.at("query"), shape.at("header"), shape.at("cookie")
        written = (*(parameter.name for parameter in self._headers), *dict(headers), *(["Cookie"] if self._cookies else []))
        self._own_headers = frozenset(name.lower() for name in written)
        self._sent_elsewhere = frozenset(read.parameter.argument for read in shape.parameters)
        self._errors_meant = config.success is not None
        self._idempotency_header = config.idempotency.header if config.idempotency else None

    @cached_property
    def params(self) -> Mapping[str, Any]:
        return params_of(self._library, self._shape, self._idempotency_header and self._idempotency_header.lower())

    @cached_property
    def output_schema(self) -> Any:
        return answer_of(self._library, self._entry, self._version) if self._config.output_schema is None else self._config.output_schema

    @property
    def forwards(self) -> frozenset[str]:
        return self._outbound.forwards

    async def invoke(self, call: Call, /) -> Response:
        """Makes the request from the call's arguments and sends it."""
        content_type, body = self._body(call.arguments)
        outgoing = Outgoing(
            method=self._entry.method,
            target=self._target(call.arguments),
            headers=tuple(self._all_headers(call)),
            own=self._own_headers,
            body=body,
            content_type=content_type,
            repeatable=self.effect == "read",
            idempotency_header=self._idempotency_header,
            errors_meant=self._errors_meant,
        )
        return await self._outbound.send(call, outgoing)

    def _target(self, arguments: Mapping[str, Any]) -> str:
        pieces = [
            path_text(self._path[piece], arguments.get(self._path[piece].argument)) if index % 2 else piece
            for index, piece in enumerate(self._shape.line.pieces)
        ]
        pairs = list(self._shape.line.query)
        for parameter in self._query:
            pairs += query_texts(parameter, arguments.get(parameter.argument))
        return f"{''.join(pieces)}?{'&'.join(pairs)}" if pairs else "".join(pieces)

    def _all_headers(self, call: Call) -> Iterator[tuple[str, str]]:
        for parameter in self._headers:
            if (value := call.arguments.get(parameter.argument)) is not None:
                yield parameter.name, header_text(parameter, value)
        cookie = cookie_header((parameter, call.arguments.get(parameter.argument)) for parameter in self._cookies)
        if cookie is not None:
            yield "Cookie", cookie
        if self._templates:
            scope: Scope = {**call.context.scope, "args": call.arguments}
            for name, template in self._templates:
                if (value := template(scope)) is not None:
                    yield name, header_value(name, value)

    def _body(self, arguments: Mapping[str, Any]) -> tuple[str | None, bytes | None]:
        body, whole = self._shape.body, self._shape.whole
        if body is None:
            return None, None
        if whole is not None:
            return body.encode(arguments[whole]) if whole in arguments else (None, None)
        members = {name: value for name, value in arguments.items() if name not in self._sent_elsewhere}
        return body.encode(members) if members or body.required else (None, None)
