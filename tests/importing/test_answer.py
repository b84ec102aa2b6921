from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.importing.answer import Answer, Rows, answer_of, type_of
from tests.importing.described import PET, answering, offered, operation, surveyed


def looked(folder: Path, schema: Any, **headers: Any) -> Answer:
    survey = surveyed(folder, {"/a": {"get": operation("a", responses=answering(schema, **headers))}})
    return answer_of(survey, offered(survey, "a"))


def test_an_object(tmp_path: Path) -> None:
    answer = looked(tmp_path, PET, ETag=1, X_Rate=1)
    assert list(answer.members) == ["id", "name"]
    assert (answer.rows, answer.headers) == (None, {"etag", "x-rate"})


def test_a_list(tmp_path: Path) -> None:
    rows = looked(tmp_path, {"type": "array", "items": PET}).rows
    assert rows is not None
    assert (rows.field, list(rows.members)) == (None, ["id", "name"])


def test_the_only_list_of_an_object(tmp_path: Path) -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    one = looked(tmp_path, {"type": "object", "properties": {"tags": texts, "items": {"type": "array", "items": PET}}})
    assert isinstance(one.rows, Rows)
    assert one.rows.field == "items"
    pets = {"type": "array", "items": PET}
    assert looked(tmp_path, {"type": "object", "properties": {"cats": pets, "dogs": pets}}).rows is None


def test_what_is_called_an_object_is_no_list(tmp_path: Path) -> None:
    assert looked(tmp_path, {"type": "object", "items": PET}) == Answer()


def test_nothing_is_said(tmp_path: Path) -> None:
    survey = surveyed(tmp_path, {"/a": {"get": operation("a")}})
    assert answer_of(survey, offered(survey, "a")) == Answer()


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["null", "integer"]}, "integer"),
        ({"type": ["string", "integer"]}, None),
        ({}, None),
        (True, None),
    ],
)
def test_type_of(tmp_path: Path, schema: Any, kind: str | None) -> None:
    survey = surveyed(tmp_path, {"/a": {"get": operation("a")}})
    assert type_of(survey.library, survey.document.below(schema)) == kind
