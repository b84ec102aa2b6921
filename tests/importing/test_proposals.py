from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.importing.proposals import Proposal, propose
from tests.importing.described import PET, answering, operation, path, query, surveyed

PETS = {"type": "array", "items": PET}


def proposed(folder: Path, paths: dict[str, Any]) -> list[Proposal]:
    survey = surveyed(folder, paths)
    return propose(survey, survey.operations)


def paged(folder: Path, schema: Any, *parameters: Any) -> dict[str, Any] | None:
    found = proposed(folder, {"/pets": {"get": operation("list", *parameters, responses=answering(schema))}})
    assert {(each.operation, each.key) for each in found} <= {("list", "paginate")}
    return found[0].value if found else None


def test_idempotency_of_writes(tmp_path: Path) -> None:
    key = {"name": "X-Idempotency-Key", "in": "header", "schema": {"type": "string"}}
    found = proposed(tmp_path, {"/pets": {"post": operation("add", key), "get": operation("list", key), "put": operation("set")}})
    assert found == [Proposal("add", "idempotency", {"header": "X-Idempotency-Key"}, "it takes the header X-Idempotency-Key")]


def test_cache_where_freshness_is_told(tmp_path: Path) -> None:
    paths = {"/pets": {"get": operation("list", responses=answering(PET, ETag=1, Cache_Control=1)), "post": operation("add")}}
    assert proposed(tmp_path, paths) == [Proposal("list", "cache", {"ttl": "auto"}, "its answer carries cache-control, etag")]


def test_pages(tmp_path: Path) -> None:
    size = {"name": "per_page", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 30}}
    assert paged(tmp_path, PETS, query("page", "integer"), size) == {
        "style": "page", "items": "body", "param": "page", "page_size": 100,
    }  # fmt: skip
    assert paged(tmp_path, PETS, query("page[number]", "integer")) == {"style": "page", "items": "body", "param": "page[number]"}


def test_offsets(tmp_path: Path) -> None:
    listed = {"type": "object", "properties": {"rows": PETS, "total": {"type": "integer"}}}
    found = paged(tmp_path, listed, query("$skip", "integer"), query("$top", "integer"))
    assert found == {"style": "offset", "items": "body.rows", "param": "$skip"}


def test_cursors(tmp_path: Path) -> None:
    listed = {"type": "object", "properties": {"data": PETS, "next_cursor": {"type": "string"}}}
    assert paged(tmp_path, listed, query("cursor"), query("limit", "integer")) == {
        "style": "cursor", "items": "body.data", "next": "body.next_cursor", "param": "cursor",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "parameters"),
    [
        (PET, [query("page", "integer"), query("limit", "integer")]),  # no list in the answer
        (PETS, [query("page")]),  # a page by name: of a book?
        (PETS, [query("offset", "integer")]),
        (PETS, [query("cursor")]),  # no next cursor in the answer
        (PETS, [query("name")]),
    ],
)
def test_no_pages_without_a_list_and_a_way_through_it(tmp_path: Path, schema: Any, parameters: list[Any]) -> None:
    assert paged(tmp_path, schema, *parameters) is None


def beside(folder: Path, single: Any, several: Any, key: dict[str, Any], *parameters: Any) -> list[dict[str, Any]]:
    paths = {
        f"/pets/{{{key['name']}}}": {"get": operation("one", key, responses=answering(single))},
        "/pets": {"get": operation("many", *parameters, responses=answering(several))},
    }
    return [each.value for each in proposed(folder, paths) if each.key == "batch"]


def test_batch(tmp_path: Path) -> None:
    assert beside(tmp_path, PET, PETS, path("petId", "integer"), query("ids", "array")) == [
        {"operation": "many", "param": "ids", "max": 50, "rows": "body", "match": {"petId": "id"}}
    ]
    listed = {"type": "object", "properties": {"items": PETS}}
    assert beside(tmp_path, PET, listed, path("id", "integer"), query("ids", required=True)) == [
        {"operation": "many", "param": "ids", "join": ",", "max": 50, "rows": "body.items", "match": {"id": "id"}}
    ]


def test_a_batch_asks_for_no_more_than_a_page(tmp_path: Path) -> None:
    page = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20, "maximum": 100}}
    assert [each["max"] for each in beside(tmp_path, PET, PETS, path("id", "integer"), query("ids", "array"), page)] == [20]


@pytest.mark.parametrize(
    ("single", "several", "key", "parameters"),
    [
        ({"type": "object", "properties": {"id": {"type": "integer"}, "more": {}}}, PETS, path("id", "integer"), [query("ids", "array")]),
        (PET, PETS, path("id", "string"), [query("ids", "array")]),  # the rows' keys have another type
        (PET, PETS, path("sku", "integer"), [query("skus", "array")]),  # the rows have no such key
        (PET, PETS, path("id", "integer"), [query("tags", "array")]),
        (PET, PETS, path("id", "integer"), [query("id")]),  # one id as a filter
        (PET, PETS, path("id", "integer"), [query("ids", "array"), query("region", required=True)]),
        (PET, PET, path("id", "integer"), [query("ids", "array")]),
    ],
)
def test_no_batch_where_rows_could_be_wrong(tmp_path: Path, single: Any, several: Any, key: Any, parameters: list[Any]) -> None:
    assert beside(tmp_path, single, several, key, *parameters) == []
