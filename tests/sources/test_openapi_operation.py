"""What an imported operation takes and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.sources.openapi_body import BodyFault
from gateway.sources.openapi_index import Entry, Version
from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_operation import answer_of, params_of, shape_of
from gateway.sources.request_line import RequestLineFault

FILE = Path("/nowhere/a.yaml")


def parts(operation: Any, method: str, path: str, **shared: Any) -> tuple[Library, Entry, Located]:
    library = Library(Path("/nowhere"), {FILE: shared})
    return library, Entry("op", method, path, Located({}, FILE), Located(operation, FILE)), Located(shared, FILE)


def params(operation: Any, method: str = "POST", path: str = "/x", **shared: Any) -> dict[str, Any]:
    library, entry, document = parts(operation, method, path, **shared)
    return params_of(library, shape_of(library, entry, document))


def answer(responses: Any, version: Version = "3.0", **shared: Any) -> Any:
    library, entry, _ = parts({"responses": responses}, "GET", "/x", **shared)
    return answer_of(library, entry, version)


def json_body(schema: Any, *, required: bool = False) -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def test_members_of_the_body_are_arguments() -> None:
    order = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "default": "A"}, "next": {"$ref": "#/Order"}}}
    operation = {
        "parameters": [{"name": "id", "in": "path", "required": True, "description": "Which", "schema": {"type": "string"}}],
        **json_body({"$ref": "#/Order"}, required=True),
    }
    schema = params(operation, path="/x/{id}", Order=order)
    assert schema["properties"] == {
        "id": {"description": "Which", "type": "string", "in": "path"},
        "sku": {"type": "string", "in": "body"},
        "next": {**schema["$defs"]["Order"], "in": "body"},
    }
    assert schema["required"] == ["id", "sku"]
    assert "default" not in str(schema)


@pytest.mark.parametrize(
    ("operation", "names", "required"),
    [
        (json_body({"properties": {"a": {}}, "required": ["a"]}), ["a"], []),
        (json_body({"type": "array"}, required=True), ["body"], ["body"]),
        ({"parameters": [{"name": "a", "in": "query", "schema": {}}], **json_body({"properties": {"a": {}}})}, ["a", "body"], []),
        ({"parameters": [{"name": "body", "in": "query", "schema": {}}], **json_body({"type": "array"})}, ["body", "request_body"], []),
    ],
)
def test_names_and_requirements(operation: Any, names: list[str], required: list[str]) -> None:
    schema = params(operation)
    assert (list(schema["properties"]), schema["required"]) == (names, required)


def test_an_open_body_takes_more_arguments() -> None:
    assert params(json_body({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}))["additionalProperties"] is True
    assert "additionalProperties" not in params(json_body({"properties": {"a": {}}}))


def test_places_in_the_path_that_nobody_described() -> None:
    schema = params({"parameters": [{"name": "gone", "in": "path", "schema": {}}]}, path="/x/{id}")
    assert schema["properties"] == {"id": {"type": "string", "in": "path"}}
    assert schema["required"] == ["id"]


def test_what_cant_be_called() -> None:
    with pytest.raises(RequestLineFault):
        params({}, path="/x/{a*}")
    with pytest.raises(BodyFault):
        params({"requestBody": {"content": {"application/xml": {}}}})


def test_the_first_good_answer_in_json() -> None:
    content = {"text/plain": {}, "application/hal+json": {"schema": {"type": "object"}}}
    assert answer({"404": {}, "202": {"content": {"application/json": {"schema": {}}}}, "201": {"content": content}}) == {"type": "object"}
    assert answer({"2XX": {"$ref": "#/Ok"}}, Ok={"content": content}) == {"type": "object"}
    assert answer({"200": {"schema": {"type": "array"}}}, "2.0") == {"type": "array"}


@pytest.mark.parametrize(
    "responses",
    [{}, None, {"204": {}}, {"200": {"content": {"text/csv": {"schema": {}}}}}, {"200": {"$ref": "#/missing"}}, {"default": {}}],
)
def test_answers_that_nothing_is_known_of(responses: Any) -> None:
    assert answer(responses) is None


def one_choice(**more: Any) -> dict[str, Any]:
    return {"name": "X-Target", "in": "header", "schema": {"type": "string", "enum": ["a"]}, **more}


def test_what_can_be_one_thing_only_is_that_by_default() -> None:
    assert params({"parameters": [one_choice(required=True)]})["properties"]["X-Target"]["default"] == "a"
    assert "default" not in params({"parameters": [one_choice()]})["properties"]["X-Target"]
    number = one_choice(required=True, schema={"type": "integer", "enum": ["1"]})
    assert "default" not in params({"parameters": [number]})["properties"]["X-Target"]


def test_the_header_that_the_gateway_fills_need_not_be_given() -> None:
    header = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    library, entry, document = parts({"parameters": [header]}, "POST", "/x")
    shape = shape_of(library, entry, document)
    assert params_of(library, shape)["required"] == ["Idempotency-Key"]
    filled = params_of(library, shape, "idempotency-key")
    assert (filled["required"], list(filled["properties"])) == ([], ["Idempotency-Key"])


def test_a_fragment_is_never_sent_and_places_behind_the_question_mark_are_queries() -> None:
    library, entry, document = parts({}, "GET", "/a/{id}?v=1&page={page}#X-Target=b")
    shape = shape_of(library, entry, document)
    assert shape.line.pieces == ("/a/", "id", "")
    assert shape.line.query == ("v=1",)
    assert [(read.parameter.name, read.parameter.where, read.required) for read in shape.parameters] == [
        ("id", "path", True),
        ("page", "query", True),
    ]
