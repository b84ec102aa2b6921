"""Request bodies as documents describe them. What is sent in the end is tested in `test_openapi.py`."""

from __future__ import annotations

import email
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import InvalidRequest
from gateway.sources.openapi_body import Body, BodyFault, body_of, object_members
from gateway.sources.openapi_library import Library, Located

FILE = Path("/nowhere/a.yaml")


def library(**shared: Any) -> Library:
    return Library(Path("/nowhere"), {FILE: shared})


def body(content: Any, **shared: Any) -> Body | None:
    operation = Located({"requestBody": {"content": content}}, FILE)
    return body_of(library(**shared), operation, [], [])


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["text/xml", "application/x-www-form-urlencoded", "application/json"], "application/json"),
        (["application/*+json"], "application/json"),
        (["text/plain", "application/merge-patch+json"], "application/merge-patch+json"),
        (["*/*"], "application/json"),
        (["multipart/form-data", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded"),
        (["text/plain; charset=utf-8"], "text/plain"),
    ],
)
def test_the_type_that_is_sent(offered: list[str], chosen: str) -> None:
    made = body({kind: {"schema": {"type": "string"} if kind.startswith("text/") else {"properties": {"a": {}}}} for kind in offered})
    assert made is not None
    assert made.content_type == chosen


@pytest.mark.parametrize(
    "content",
    [
        {"application/xml": {}},
        {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        {"multipart/form-data": {"schema": {"properties": {"file": {"type": "string", "format": "binary"}}}}},
        {"multipart/form-data": {"schema": {"properties": {"files": {"type": "array", "items": {"format": "binary"}}}}}},
        {"multipart/form-data": {"schema": {"properties": {"file": {"contentMediaType": "image/png"}}}}},
        {"application/x-www-form-urlencoded": {"schema": {"type": "string"}}},
        {"application/x-www-form-urlencoded": {"schema": {"oneOf": [{"properties": {"a": {}}}]}}},
        {"text/xml": {"schema": {"$ref": "#/Order"}}},
        {"text/plain": {"schema": {"type": "array"}}},
    ],
)
def test_what_isnt_supported(content: Any) -> None:
    with pytest.raises(BodyFault):
        body(content, Order={"properties": {"id": {}}})


def test_a_form_of_unknown_fields_is_one_argument() -> None:
    made = body({"application/x-www-form-urlencoded": {"schema": {"type": "object"}}})
    assert made is not None
    assert made.members is None
    assert made.encode({"a b": [1, 2]}) == ("application/x-www-form-urlencoded", b"a%20b=1&a%20b=2")
    with pytest.raises(InvalidRequest):
        made.encode("a=b")


def test_what_answers_hide_is_not_what_requests_hide() -> None:
    schema = Located({"properties": {"id": {"readOnly": True}, "password": {"writeOnly": True}, "name": {}}}, FILE)
    asked, answered = object_members(library(), schema), object_members(library(), schema, "writeOnly")
    assert asked is not None
    assert answered is not None
    assert (list(asked.properties), list(answered.properties)) == (["password", "name"], ["id", "name"])


def test_a_lost_reference_is_a_fault_and_no_content_no_body() -> None:
    with pytest.raises(BodyFault):
        body_of(library(), Located({"requestBody": {"$ref": "#/missing"}}, FILE), [], [])
    assert body({}) is None


def test_multipart_fields() -> None:
    made = body({"multipart/form-data": {"schema": {"properties": {"a": {}, "b": {}}}}})
    assert made is not None
    content_type, raw = made.encode({'a"\r\nX: 1': "ü\r\n--", "b": [1, None, True], "c": {"d": 1}, "e": None})
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + raw)
    parts = message.get_payload()
    assert isinstance(parts, list)
    assert [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts] == [
        ("a%22%0D%0AX: 1", "ü\r\n--".encode()),
        ("b", b"1"),
        ("b", b"true"),
        ("c", b'{"d":1}'),
    ]
    assert parts[3].get_content_type() == "application/json"
    with pytest.raises(InvalidRequest):
        made.encode([1])


def test_form_fields_by_their_encoding() -> None:
    encoding = {
        "list": {"style": "form", "explode": False},
        "deep": {"style": "deepObject", "explode": True},
        "json": {"contentType": "application/json"},
    }
    made = body({"application/x-www-form-urlencoded": {"schema": {"properties": {"list": {}}}, "encoding": encoding}})
    assert made is not None
    _, raw = made.encode({"list": [1, 2], "deep": {"a": "b&c"}, "json": {"a": 1}, "plain": ["x", "y"]})
    assert raw == b"list=1,2&deep%5Ba%5D=b%26c&json=%7B%22a%22%3A1%7D&plain=x&plain=y"


def test_members_of_composed_objects() -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {}, "kind": {}}}
    node = {
        "allOf": [{"$ref": "#/Base"}, {"properties": {"name": {}}, "additionalProperties": True}],
        "properties": {"own": {}, "at": {"readOnly": True}},
        "required": ["own", "at"],
    }
    members = object_members(library(Base=base), Located(node, FILE))
    assert members is not None
    assert set(members.properties) == {"id", "kind", "name", "own"}
    assert members.required == {"id", "own"}
    assert members.open


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"type": "array"},
        {"oneOf": [{}], "properties": {"a": {}}},
        {"type": "object", "additionalProperties": True},
        {"allOf": [{"type": "string"}]},
        {"$ref": "#/loop"},
        True,
    ],
)
def test_what_is_no_plain_object(node: Any) -> None:
    assert object_members(library(loop={"allOf": [{"$ref": "#/loop"}]}), Located(node, FILE)) is None
