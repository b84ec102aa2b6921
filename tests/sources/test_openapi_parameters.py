"""Parameters as documents describe them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_parameters import parameters_of


def read(*parameters: Any, item: Any = ()) -> Any:
    file = Path("/nowhere/a.yaml")
    library = Library(Path("/nowhere"), {file: {"shared": {"name": "s", "in": "query", "type": "string"}}})
    return parameters_of(library, Located({"parameters": list(item)}, file), Located({"parameters": list(parameters)}, file))


def one(**written: Any) -> Any:
    return read({"name": "x", "in": "query", **written})[0][0].parameter


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"schema": {}}, ("form", True, ",")),
        ({"schema": {}, "explode": False}, ("form", False, ",")),
        ({"schema": {}, "style": "spaceDelimited"}, ("form", False, "%20")),
        ({"schema": {}, "style": "pipeDelimited", "explode": True}, ("form", True, "%7C")),
        ({"schema": {}, "style": "deepObject"}, ("deepObject", False, ",")),
        ({"schema": {}, "style": "nonsense"}, ("form", False, ",")),
        ({"schema": {}, "in": "path"}, ("simple", False, ",")),
        ({"schema": {}, "in": "path", "style": "matrix", "explode": True}, ("matrix", True, ",")),
        ({"schema": {}, "in": "header"}, ("simple", False, ",")),
        ({"schema": {}, "in": "cookie"}, ("form", True, ",")),
        ({"type": "array"}, ("form", False, ",")),
        ({"type": "array", "collectionFormat": "multi"}, ("form", True, ",")),
        ({"type": "array", "collectionFormat": "tsv"}, ("form", False, "%09")),
        ({"type": "array", "collectionFormat": "pipes", "in": "header"}, ("simple", False, "|")),
    ],
)
def test_styles(written: dict[str, Any], expected: tuple[str, bool, str]) -> None:
    parameter = one(**written)
    assert (parameter.style, parameter.explode, parameter.delimiter) == expected


def test_the_operation_replaces_what_its_path_says() -> None:
    parameters, _ = read(
        {"name": "a", "in": "query", "schema": {"type": "integer"}},
        item=[{"name": "a", "in": "query", "required": True, "schema": {}}, {"name": "b", "in": "query", "schema": {}}],
    )
    assert [(p.parameter.name, p.required, p.schema.node) for p in parameters] == [("a", False, {"type": "integer"}), ("b", False, {})]


def test_one_name_in_two_places() -> None:
    parameters, _ = read({"name": "id", "in": "query", "schema": {}}, {"name": "id", "in": "path", "schema": {}})
    assert [(p.parameter.argument, p.parameter.where, p.required) for p in parameters] == [
        ("id", "path", True),
        ("query_id", "query", False),
    ]


def test_references_content_and_nonsense() -> None:
    parameters, bodies = read(
        {"$ref": "#/shared"},
        {"$ref": "#/missing"},
        {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
        {"name": "Accept", "in": "header", "schema": {}},
        {"name": 5, "in": "query"},
        {"name": "n", "in": "nowhere"},
        "text",
        {"name": "p", "in": "body", "required": True, "schema": {}},
    )
    assert [p.parameter.name for p in parameters] == ["s", "filter"]
    assert parameters[1].parameter.as_json
    assert [(body.name, body.where, body.required) for body in bodies] == [("p", "body", True)]


def test_what_isnt_a_list_is_nothing() -> None:
    file = Path("/nowhere/a.yaml")
    assert parameters_of(Library(Path()), Located({}, file), Located({"parameters": {"a": 1}}, file)) == ([], [])
