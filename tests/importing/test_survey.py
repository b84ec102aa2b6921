from __future__ import annotations

from pathlib import Path

import pytest

from gateway.importing.survey import NoSuchOperation, select, survey_of
from gateway.sources.openapi_document import DocumentFault
from tests.importing.described import operation, surveyed, written

UPLOAD = {"content": {"application/octet-stream": {}}}


def test_operations_with_effect_and_reason(tmp_path: Path) -> None:
    paths = {
        "/pets": {"get": operation("pets/list"), "post": operation("pets/add")},
        "/photo": {"put": operation(requestBody=UPLOAD)},
        "/{bad": {"get": operation("bad")},
    }
    found = {each.name: (each.line, each.effect, each.reason) for each in surveyed(tmp_path, paths).operations}
    assert found == {
        "pets/list": ("GET /pets", "read", None),
        "pets/add": ("POST /pets", "write", None),
        "bad": ("GET /{bad", "read", "a brace in the path has no partner"),
        "put_photo": ("PUT /photo", "write", "bodies of type `application/octet-stream` are not supported; JSON, forms and text are"),
    }


def test_no_operations_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DocumentFault, match=r"`api.json` describes no operation"):
        survey_of(written(tmp_path, {}))


def test_select(tmp_path: Path) -> None:
    operations = surveyed(tmp_path, {f"/{name}": {"get": operation(name)} for name in ("a/x", "a/y", "b.x")}).operations

    def chosen(*only: str) -> list[str]:
        return [each.name for each in select(operations, only)]

    assert chosen() == ["a/x", "a/y", "b.x"]
    assert chosen("a/*") == ["a/x", "a/y"]
    assert chosen("b.x", "*/y") == ["a/y", "b.x"]
    assert chosen("b*x") == ["b.x"]
    with pytest.raises(NoSuchOperation, match="no operation is called `a/z`") as fault:
        chosen("a/*", "a/z")
    assert fault.value.hint == "did you mean `a/y`?"


def test_a_dot_in_a_pattern_is_a_dot(tmp_path: Path) -> None:
    operations = surveyed(tmp_path, {"/a": {"get": operation("b.x")}, "/b": {"get": operation("bax")}}).operations
    assert [each.name for each in select(operations, ["b.x"])] == ["b.x"]
