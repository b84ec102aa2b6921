"""Names of operations, and versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_index import index_of, version_of
from gateway.sources.openapi_library import Library, Located


def located(node: Any) -> Located:
    return Located(node, Path("/nowhere/a.yaml"))


@pytest.mark.parametrize(
    ("node", "version"),
    [
        ({"swagger": "2.0"}, "2.0"),
        ({"swagger": 2.0}, "2.0"),
        ({"openapi": "3.0.4"}, "3.0"),
        ({"openapi": 3.1}, "3.1"),
        ({"openapi": "3.1.1"}, "3.1"),
    ],
)
def test_versions(node: Any, version: str) -> None:
    assert version_of(located(node)) == version


@pytest.mark.parametrize("node", [None, [], "x", {}, {"openapi": "4.0.0"}, {"openapi": "3.10"}, {"swagger": "1.2"}, {"asyncapi": "3.0.0"}])
def test_other_documents(node: Any) -> None:
    with pytest.raises(DocumentFault, match=r"a\.yaml"):
        version_of(located(node))


def test_names() -> None:
    paths = {
        "/orders/{id}": {"get": {"operationId": "getOrder"}, "delete": {}, "parameters": [], "x-note": {}, "trace": {"operationId": "no"}},
        "/orders/{id}/": {"get": {"operationId": " "}},
        "/orders-{id}": {"get": {}},
        "/": {"post": {"operationId": 7}},
        "/twice": {"put": {"operationId": "getOrder"}},
        "/broken": "text",
        "x-extension": {"get": {"operationId": "no"}},
        "/taken": {"get": {"operationId": "get_orders_id"}},
    }
    index = index_of(Library(Path()), located({"openapi": "3.0.0", "paths": paths}))
    assert {name: (entry.method, entry.path) for name, entry in index.entries.items()} == {
        "getOrder": ("GET", "/orders/{id}"),
        "get_orders_id": ("GET", "/taken"),
        "delete_orders_id": ("DELETE", "/orders/{id}"),
        "get_orders_id_2": ("GET", "/orders/{id}/"),
        "get_orders_id_3": ("GET", "/orders-{id}"),
        "post": ("POST", "/"),
        "put_twice": ("PUT", "/twice"),
    }
    assert all(entry.name == name for name, entry in index.entries.items())
    assert index.repeated == ("getOrder",)


def test_paths_may_be_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text('openapi: 3.1.0\npaths: {/a: {$ref: "a.yaml"}, /b: {$ref: "missing.yaml"}}')
    (tmp_path / "a.yaml").write_text("get: {operationId: getA}")
    library = Library(tmp_path)
    index = index_of(library, library.open("api.yaml"))
    assert list(index.entries) == ["getA"]
    assert index.entries["getA"].operation.file.name == "a.yaml"


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", ".hidden", "x" * 201, "", "  ", 7, None])
def test_a_name_that_call_could_not_take_is_made_from_the_path(name: Any) -> None:
    document = located({"openapi": "3.1.0", "paths": {"/a/{b}": {"get": {"operationId": name}}}})
    assert list(index_of(Library(Path("/nowhere")), document).entries) == ["get_a_b"]


@pytest.mark.parametrize("name", ["issues/list", "List all pets", "a.b", "Ünï", "${ x }", "x" * 200])
def test_other_names_stay_as_they_are(name: str) -> None:
    document = located({"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": f" {name} "}}}})
    assert list(index_of(Library(Path("/nowhere")), document).entries) == [name]


def test_made_names_are_bounded() -> None:
    paths = {f"/{'a' * 5_000}/{number}": {"get": {}} for number in range(2)}
    document = located({"openapi": "3.1.0", "paths": paths})
    assert list(index_of(Library(Path("/nowhere")), document).entries) == [f"get_{'a' * 196}", f"get_{'a' * 196}_2"]
