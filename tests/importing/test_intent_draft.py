from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from gateway.importing.intent_draft import Draft, intent_draft
from tests.importing.described import PET, answering, operation, path, query, surveyed


def drafted(folder: Path, paths: dict[str, Any]) -> Draft | None:
    survey = surveyed(folder, paths)
    return intent_draft(survey, "shop", survey.operations)


def content(folder: Path, *parameters: Any, schema: Any = None, **more: Any) -> dict[str, Any]:
    one = operation("getPet", *parameters, responses=answering(schema) if schema is not None else {}, **more)
    draft = drafted(folder, {"/pets": {"get": one}})
    assert draft is not None
    assert (draft.intent, draft.operation) == ("shop_get_pet", "getPet")
    return dict(yaml.safe_load(draft.text))


def test_the_whole_of_one(tmp_path: Path) -> None:
    size = {"name": "page[size]", "in": "query", "description": "Most. Of them.", "schema": {"type": "integer", "maximum": 9, "x-a": 1}}
    assert content(tmp_path, query("petId", required=True), size, schema=PET, summary="One pet") == {
        "intent": "shop_get_pet",
        "summary": "One pet",
        "access": {"roles": []},
        "input": {
            "type": "object",
            "required": ["pet_id"],
            "additionalProperties": False,
            "properties": {"pet_id": {"type": "string"}, "page_size": {"type": "integer", "maximum": 9, "description": "Most"}},
        },
        "steps": {"answer": {"call": "shop.getPet", "with": {"petId": "${ input.pet_id }", "page[size]": "${ input.page_size }"}}},
        "output": {"id": "${ steps.answer.id }", "name": "${ steps.answer.name }"},
    }


def test_rows(tmp_path: Path) -> None:
    found = content(tmp_path, schema={"type": "array", "items": PET})
    assert found["output"] == {"items": {"$each": "steps.answer", "$as": "row", "$do": {"id": "${ row.id }", "name": "${ row.name }"}}}
    assert found["steps"] == {"answer": {"call": "shop.getPet"}}
    assert "input" not in found


def test_an_unknown_answer_is_handed_on(tmp_path: Path) -> None:
    assert content(tmp_path)["output"] == {"result": "${ steps.answer }"}


def test_fields_that_need_quoting_are_left_out_and_many_cut(tmp_path: Path) -> None:
    names = ["a-b", "$c", "d e", "x" * 2_000, *(f"f{number}" for number in range(20))]
    found = content(tmp_path, schema={"type": "object", "properties": {name: {"type": "string"} for name in names}})
    assert list(found["output"]) == [f"f{number}" for number in range(12)]


def test_few_optional_inputs_and_only_simple_ones(tmp_path: Path) -> None:
    more = [query(f"o{number}") for number in range(9)]
    found = content(tmp_path, query("tags", "array"), query("what", "object"), *more)
    assert list(found["input"]["properties"]) == ["o0", "o1", "o2", "o3"]


def test_required_ones_of_any_kind(tmp_path: Path) -> None:
    fixed = {**query("version", required=True), "schema": {"type": "string", "enum": ["1"]}}
    nested = {**query("f", required=True), "schema": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}}
    found = content(tmp_path, query("tags", "array", required=True), fixed, nested)["input"]["properties"]
    assert found == {"tags": {"type": "array", "items": {"type": "string"}}, "f": {"type": "array", "items": {"type": "array"}}}


def test_inputs_keep_apart(tmp_path: Path) -> None:
    found = content(tmp_path, query("petId", required=True), query("pet_id", required=True), query("猫", required=True))
    assert found["steps"]["answer"]["with"] == {"petId": "${ input.pet_id }", "pet_id": "${ input.pet_id_2 }", "猫": "${ input.value }"}


def test_long_choices_and_large_numbers_are_left_out(tmp_path: Path) -> None:
    many = {"type": "integer", "enum": list(range(60)), "maximum": 1 << 70, "minimum": -5}
    found = content(tmp_path, {**query("a", required=True), "schema": many})
    assert found["input"]["properties"] == {"a": {"type": "integer", "minimum": -5}}


def test_the_plainest_read_is_chosen(tmp_path: Path) -> None:
    answers = answering(PET)
    good = operation("good", path("id"), responses=answers)
    paths = {
        "/a": {"get": operation("silent"), "post": operation("writes", responses=answers)},
        "/b": {"get": operation("old", query("x", required=True), responses=answers, deprecated=True)},
        "/c": {"get": operation("hard", *(query(f"x{number}", required=True) for number in range(5)), responses=answers)},
        "/d/{id}": {"get": good},
        "/e/f/{id}": {"get": operation("deeper", path("id"), responses=answers)},
    }
    draft = drafted(tmp_path, paths)
    assert draft is not None
    assert draft.operation == "good"


def test_none_to_choose(tmp_path: Path) -> None:
    paths = {"/a": {"post": operation("a"), "get": operation("${ env.HOME }")}, "/b": {"get": operation("b", query("${x}"))}}
    assert drafted(tmp_path, paths) is None
