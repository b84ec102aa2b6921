"""Reads the request body of an operation and writes it from arguments.

Supported are JSON, forms (urlencoded), multipart forms of text and JSON fields, and plain text. File uploads, XML and binary
bodies are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any, Literal

import msgspec

from gateway.sdk import InvalidRequest
from gateway.sources.openapi_library import Library, Located, map_at
from gateway.sources.openapi_parameters import BodyParameter
from gateway.sources.openapi_style import Parameter, Style, query_texts
from gateway.sources.payload import FORM, JSON, encode_body, is_json, utf8
from gateway.sources.wire_text import text_of

Hidden = Literal["readOnly", "writeOnly"]

MULTIPART = "multipart/form-data"
_MAX_COMPOSITION = 16
_COMPOSED = frozenset({"properties", "allOf", "anyOf", "oneOf"})


class BodyFault(ValueError):
    """A body that can't be written."""


class Members(msgspec.Struct, frozen=True):
    """The properties of an object schema, `allOf` included; `open` where others are allowed by name."""

    properties: Mapping[str, Located]
    required: frozenset[str]
    open: bool


class Body(msgspec.Struct, frozen=True):
    """A request body: `members` by name where its schema is an object, else one value. `fields` tell how form fields are written."""

    content_type: str
    schema: Located
    required: bool
    members: Members | None
    fields: Mapping[str, Parameter] = {}

    def encode(self, value: Any) -> tuple[str, bytes]:
        """Content type and bytes; raises `InvalidRequest` for a value that doesn't fit."""
        if self.content_type == MULTIPART:
            return _multipart(value)
        if self.content_type == FORM and isinstance(value, dict):
            pairs = (pair for name, item in value.items() for pair in query_texts(self.fields.get(name) or _field(name, {}), item))
            return FORM, "&".join(pairs).encode()
        return self.content_type, encode_body(self.content_type, value)


def body_of(library: Library, operation: Located, bodies: list[BodyParameter], consumes: Iterable[str]) -> Body | None:
    """The body of an operation, None where it has none. Raises `BodyFault` for one that isn't supported."""
    if bodies:
        return _swagger_body(library, operation, bodies, list(consumes))
    request = library.follow(operation.below(operation.node.get("requestBody")))
    if request is None:
        raise BodyFault("its request body refers to something that can't be found")
    content = map_at(request.node, "content")
    if not content:
        return None
    written = _preferred(content)
    media = map_at(content, written)
    schema = request.below(media.get("schema", {}))
    required = request.node.get("required") is True
    return _body(library, _essence(written), schema, required=required, encoding=map_at(media, "encoding"))


def _swagger_body(library: Library, operation: Located, bodies: list[BodyParameter], consumes: list[str]) -> Body:
    whole = next((body for body in bodies if body.where == "body"), None)
    if whole is not None:
        content_type = _preferred(consumes) if consumes else JSON
        return _body(library, _essence(content_type), whole.part.below(whole.part.node.get("schema", {})), required=whole.required)
    only_multipart = MULTIPART in consumes and FORM not in consumes
    encoding = {body.name: body.part.node for body in bodies}
    schema = {
        "type": "object",
        "properties": {body.name: {key: value for key, value in body.part.node.items() if key != "required"} for body in bodies},
        "required": [body.name for body in bodies if body.required],
    }
    content_type = MULTIPART if only_multipart else FORM
    return _body(library, content_type, operation.below(schema), required=True, encoding=encoding)


def _body(library: Library, content_type: str, schema: Located, *, required: bool, encoding: Mapping[str, Any] | None = None) -> Body:
    members = object_members(library, schema)
    if content_type in (FORM, MULTIPART):
        if members is None and not _is_free(library, schema):
            raise BodyFault("its form has no named fields")
        for name, part in members.properties.items() if members is not None else ():
            _refuse_file(library, name, part)
    elif _is_plain_text(content_type) and not is_json(content_type) and _is_structured(library, schema):
        raise BodyFault(f"its body of type `{content_type}` has members, and only text is sent so")
    fields = {name: _field(name, written) for name, written in (encoding or {}).items()}
    return Body(content_type, schema, required, members, fields)


def _is_free(library: Library, schema: Located) -> bool:
    """Whether a schema says nothing of single fields: then the whole form is one argument, an object."""
    target = library.follow(schema)
    node = target.node if target is not None else None
    return isinstance(node, dict) and node.get("type", "object") == "object" and node.keys().isdisjoint(_COMPOSED)


def _is_structured(library: Library, schema: Located) -> bool:
    target = library.follow(schema)
    node = target.node if target is not None and isinstance(target.node, dict) else {}
    return node.get("type") in ("object", "array") or "properties" in node or "allOf" in node


def _refuse_file(library: Library, name: str, part: Located) -> None:
    target = library.follow(part)
    node = target.node if target is not None and isinstance(target.node, dict) else {}
    for written in (node, map_at(node, "items")):
        media_type = str(written.get("contentMediaType", JSON))
        if written.get("type") == "file" or written.get("format") == "binary" or not is_json(media_type):
            raise BodyFault(f"`{name}` is an uploaded file, which is not supported")


def _preferred(content: Iterable[str]) -> str:
    """The media type to send: JSON, a form, a multipart form, text, in this order."""
    offered = list(content)
    for accepted in (is_json, "*/*".__eq__, "application/*".__eq__, FORM.__eq__, MULTIPART.__eq__, _is_plain_text):
        for written in offered:
            if accepted(written.partition(";")[0].strip().lower()):
                return written
    raise BodyFault(f"bodies of type `{offered[0]}` are not supported; JSON, forms and text are")


def _essence(written: str) -> str:
    """The media type as it is sent: what leaves the choice open becomes JSON."""
    media_type = written.partition(";")[0].strip().lower()
    return JSON if "*" in media_type else media_type


def _is_plain_text(media_type: str) -> bool:
    return media_type.startswith("text/")


def _field(name: str, written: Any) -> Parameter:
    """How one field of a form is written (OpenAPI 3.1 §4.8.15.1, Swagger 2.0 `collectionFormat`)."""
    options = written if isinstance(written, dict) else {}
    collection = options.get("collectionFormat")
    style: Style = "deepObject" if options.get("style") == "deepObject" else "form"
    explode = options.get("explode", collection == "multi" if "in" in options else True)
    delimiter = {"ssv": "%20", "tsv": "%09", "pipes": "%7C", "spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(
        collection or options.get("style", ""), ","
    )
    as_json = is_json(str(options.get("contentType", "")).lower())
    return Parameter(name, name, "query", style, explode is True, delimiter, as_json=as_json)


def _multipart(value: Any) -> tuple[str, bytes]:
    """RFC 7578 with text fields; objects as JSON, lists repeat the field, nulls are left out."""
    if not isinstance(value, dict):
        raise InvalidRequest("The body does not fit its content type.")
    boundary = token_hex(16)
    parts = [
        part for name, item in value.items() for one in (item if isinstance(item, list) else [item]) for part in _part(name, one, boundary)
    ]
    return f"{MULTIPART}; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(name: str, value: Any, boundary: str) -> Iterable[bytes]:
    if value is None:
        return
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    yield utf8(f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"\r\n')
    if isinstance(value, dict):
        yield b"Content-Type: application/json\r\n"
    yield b"\r\n" + utf8(text_of(value)) + b"\r\n"


def object_members(library: Library, schema: Located, hidden: Hidden = "readOnly", depth: int = 0) -> Members | None:
    """The members of an object schema; None for anything that isn't plainly one (alternatives, lists, free maps).

    Left out are those that are `hidden`: what is `readOnly` stands in no request, what is `writeOnly` in no answer.
    """
    target = library.follow(schema)
    node = target.node if target is not None else None
    if target is None or not isinstance(node, dict) or depth > _MAX_COMPOSITION:
        return None
    if "oneOf" in node or "anyOf" in node or node.get("type", "object") not in ("object", ["object"], ["object", "null"]):
        return None
    parts = node.get("allOf")
    below = [object_members(library, target.below(part), hidden, depth + 1) for part in (parts if isinstance(parts, list) else [])]
    own = map_at(node, "properties")
    if None in below or not (own or below):
        return None
    properties: dict[str, Located] = {}
    required = {name for name in node.get("required", []) if isinstance(name, str)} if isinstance(node.get("required"), list) else set()
    for members in below:
        if members is not None:
            properties.update(members.properties)
            required |= members.required
    properties.update({name: target.below(part) for name, part in own.items() if not _is_hidden(part, hidden)})
    more = node.get("additionalProperties")
    is_open = more is True or isinstance(more, dict) or any(members is not None and members.open for members in below)
    return Members(properties, frozenset(required & properties.keys()), is_open)


def _is_hidden(part: Any, hidden: Hidden) -> bool:
    return isinstance(part, dict) and part.get(hidden) is True
