"""A whole import: what is written loads, works, and holds nothing but what was meant."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app import build, prepare
from gateway.config.nodes import plain
from gateway.config.strict_yaml import read_yaml
from gateway.importing.files import NewFile, write
from gateway.importing.openapi import Imported, import_openapi
from gateway.sources.openapi_document import DocumentFault
from gateway.testing import Route, http_server
from tests.house.tree import ROOT
from tests.importing.described import PET, answering, operation, path, query, written
from tests.sources.documents import DELIVERY_30, ORDERS_31, PETS_20

ROOT_DOCUMENT = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n"


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "gateway.yaml").write_text(ROOT_DOCUMENT, encoding="utf-8")
    return folder


def imported(file: Path, folder: Path, *only: str, name: str = "shop") -> Imported:
    result = import_openapi(file, folder=folder, name=name, only=only)
    write(folder, result.files, force=False)
    return result


def errors(folder: Path) -> list[str]:
    return [f"{each.code} {each.message}" for each in prepare(folder, environ={}).problems if each.severity == "error"]


@pytest.mark.parametrize("document", [DELIVERY_30, ORDERS_31, PETS_20])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_every_version_and_form(tmp_path: Path, document: str, form: str) -> None:
    text = document if form == "yaml" else json.dumps(yaml.safe_load(document), default=str)
    (tmp_path / f"api.{form}").write_text(text, encoding="utf-8")
    folder = fresh(tmp_path / "config")
    result = imported(tmp_path / f"api.{form}", folder)
    assert result.spec == f"openapi/api.{form}"
    assert errors(folder) == []
    prepared = prepare(folder, environ={})
    assert prepared.plan is not None
    assert set(prepared.plan.sources["shop"].names()) >= {offered.name for offered in result.operations}


def test_the_demos_own_description(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "config")
    result = imported(ROOT / "openapi" / "inventory.yaml", folder)
    written_batch = yaml.safe_load((ROOT / "specs" / "sources" / "inventory.yaml").read_text())["operations"]["availability"]["batch"]
    assert [(each.operation, each.key, each.value) for each in result.proposals] == [("getAvailability", "batch", written_batch)]
    assert result.draft is not None
    assert result.draft.operation == "searchProducts"
    assert [(problem.code, problem.message) for problem in prepare(folder, environ={}).problems if problem.severity == "error"] == []


def test_only(tmp_path: Path) -> None:
    paths = {"/a": {"get": operation("things/list"), "post": operation("things/add")}, "/b": {"get": operation("b")}}
    folder = fresh(tmp_path / "config")
    result = imported(written(tmp_path, paths), folder, "things/*")
    assert [offered.name for offered in result.operations] == ["things/list", "things/add"]
    assert result.draft is not None
    assert "call: shop.things/list" in result.draft.text
    assert errors(folder) == []


def test_names_with_spaces_dots_and_slashes_are_called_by_them(tmp_path: Path) -> None:
    for number, name in enumerate(("List all pets", "pets.list", "pets/list-all", "Ünïcode", "a: b #c", "'quoted'")):
        folder = fresh(tmp_path / "config")
        result = imported(written(tmp_path, {"/a": {"get": operation(name)}}), folder, name=f"s{number}")
        assert result.draft is not None
        assert errors(folder) == [], name


async def test_a_draft_answers_once_somebody_may_use_it(tmp_path: Path) -> None:
    target = {"name": "X-Target", "in": "header", "required": True, "schema": {"type": "string", "enum": ["Issues.List"]}}
    listed = answering({"type": "array", "items": PET})
    one = operation("issues/list-for-repo", path("repo"), query("per page", "integer"), query("state"), target, responses=listed)
    folder = fresh(tmp_path / "config")
    result = imported(written(tmp_path, {"/repos/{repo}/issues#list": {"get": one}}), folder)
    assert result.draft is not None
    draft = folder / "specs" / "intents" / f"{result.draft.intent}.yaml"
    draft.write_text(draft.read_text().replace("roles: []", "roles: [anonymous]"))
    route = Route([{"id": 1, "name": "Rex", "more": True}])
    async with http_server({"*": route}) as url:
        served = build(folder, environ={"SHOP_URL": f"{url}/v3"})
        await served.startup()
        try:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(served.asgi), base_url="http://gateway") as client:
                answer = await client.post(f"/v1/intents/{result.draft.intent}", json={"repo": "a/b", "per_page": 5})
        finally:
            await served.shutdown()
    assert answer.status_code == 200
    assert answer.json()["data"] == {"items": [{"id": 1, "name": "Rex"}]}
    (asked,) = route.received
    assert (asked.target, asked.headers["x-target"]) == ("/v3/repos/a%2Fb/issues?per%20page=5", "Issues.List")


def test_notes(tmp_path: Path) -> None:
    paths = {
        "/a": {"post": operation("same"), "put": operation("same"), "servers": [{"url": "https://b.example"}]},
        "/b": {"post": operation("b", requestBody={"$ref": "gone.json"})},
    }
    result = imported(written(tmp_path, paths), fresh(tmp_path / "config"))
    assert result.draft is None
    assert result.notes == (
        "operationIds that are there twice (same): the later ones are called by method and path",
        "2 operations name servers of their own, which are not used: they need a source each",
        "the description refers to `gone.json`, which is not beside it: what it stands for is taken for anything",
        "no plain GET among these operations, so no intent was drafted",
    )
    assert {offered.name: offered.reason is None for offered in result.operations} == {"same": True, "put_a": True, "b": False}


def test_a_description_in_several_files_still_works(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "pet.yaml").write_text("type: object\nproperties: {id: {type: integer}}\n")
    folder = fresh(tmp_path / "config")
    result = imported(written(tmp_path, {"/a": {"get": operation("a", responses=answering({"$ref": "parts/pet.yaml"}))}}), folder)
    assert [file.name for file in result.files[:2]] == ["openapi/shop/api.json", "openapi/shop/parts/pet.yaml"]
    assert result.draft is not None
    assert "id: ${ steps.answer.id }" in result.draft.text
    assert errors(folder) == []


EVIL = st.sampled_from([
    "${ env.HOME }", "${ secret.key }", "a\nintent: evil", "a\n---\nsource: evil", "x: y", "# no", "a #b", "\x1b[31mred", "\u2028", "\x85",
    '"', "'", "' || env.HOME || '", "{", "}", "[", "*a", "&a", "!!python/object", "|", ">", "%", "@", "`",
    "<<", "null", "on", "1e9", "007", "\\",
    "../../etc/passwd", "$each", "$literal", "\u202egnp", "\x00", "a" * 2_000, "", " ", "-", "?", "猫",
])  # fmt: skip
TEXT = st.one_of(EVIL, st.tuples(EVIL, st.text(max_size=4)).map("".join), st.text(max_size=6)).filter(
    lambda text: text.encode("utf-8", "ignore").decode() == text
)


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """A description in which every text that its author chooses is hostile."""
    text = lambda: draw(TEXT)  # noqa: E731 - drawn anew each time
    schema = {"type": "object", "properties": {text(): {"type": "string", "description": text(), "enum": [text()]}, text(): PET}}
    field = {"name": text(), "in": draw(st.sampled_from(["query", "header", "path", "cookie"])), "required": draw(st.booleans())}
    listed = query("page", "integer", description=text())
    responses = {
        "200": {"headers": {text(): {}, "ETag": {}}, "content": {"application/json": {"schema": {"type": "array", "items": schema}}}}
    }
    one = operation(text(), {**field, "description": text(), "schema": schema}, listed, responses=responses, summary=text())
    key = {"name": f"Idempotency-Key{text()}", "in": "header", "schema": {"type": "string"}}
    scheme = {"type": draw(st.sampled_from(["apiKey", "http", "oauth2", text()])), "in": "header", "name": text(), "scheme": text()}
    return {
        "openapi": "3.1.0",
        "info": {"title": text(), "version": text()},
        "servers": [{"url": text()}, {"url": f"https://a.example/{text()}", "variables": {text(): {"default": text()}}}],
        "paths": {f"/{text()}": {"get": one, "description": text()}, "/x/{id}": {"post": operation(text(), path("id"), key)}},
        "components": {"securitySchemes": {text(): scheme, text(): {**scheme, "flows": {"clientCredentials": {"tokenUrl": text()}}}}},
    }


def documents(file: NewFile) -> list[Any]:
    read = read_yaml(file.name, file.content)
    assert read.problems == []
    assert all(line.isprintable() for line in file.content.decode().split("\n"))
    return [plain(document.root) for document in read.documents if document.root is not None]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(descriptions())
def test_hostile_texts_stay_texts(tmp_path: Path, description: dict[str, Any]) -> None:
    """One document a file, of our kind and name; it loads; no expression but ours; no line that a terminal would act on."""
    file = tmp_path / "api.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    folder = fresh(tmp_path / "config")
    result = imported(file, folder)
    for made in (each for each in result.files if each.name.startswith("specs/")):
        (document,) = documents(made)
        assert (document.get("source") or document["intent"]).startswith("shop")
        assert [text for text in _expressions(document) if not _OURS.fullmatch(text)] == []
        assert document.get("call") is None
    assert errors(folder) == []


_OURS = re.compile(r"\$\{ (?:(?:input|row|steps\.answer)(?:\.[A-Za-z_][A-Za-z0-9_]*)?|env\.SHOP_URL \|\| 'https?://[^'{}$]*') \}")


def _expressions(value: Any, key: str = "") -> set[str]:
    """Every text in which `${ }` would be evaluated; JSON Schemas are exempt (language §2.3)."""
    if key == "input":
        return set()
    if isinstance(value, dict):
        return set().union(*(_expressions(item, name) for name, item in value.items()))
    if isinstance(value, list):
        return set().union(*(_expressions(item) for item in value))
    return {value} if isinstance(value, str) and "${" in value.replace("$${", "") else set()


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", '{"openapi": "3.1.0", "paths": ' + "[" * 100_000),
        ("deep.yaml", "openapi: 3.1.0\npaths: " + "[" * 5_000),
        ("bomb.yaml", BOMB),
        ("self.yaml", "openapi: &o 3.1.0\npaths: &p {a: *p}"),
        ("truncated.json", '{"openapi": "3.1.0", "paths": {"/a"'),
        ("nothing.json", ""),
        ("binary.json", "\x00\x01"),
    ],
)  # fmt: skip
def test_hostile_files_are_faults(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DocumentFault):
        import_openapi(tmp_path / name, folder=tmp_path, name="shop")


def test_endless_references_end(tmp_path: Path) -> None:
    loops = {
        "a": {"$ref": "#/components/schemas/b"},
        "b": {"$ref": "#/components/schemas/a"},
        "c": {"allOf": [{"$ref": "#/components/schemas/c"}]},
    }
    paths = {
        f"/{name}": {"get": operation(name, {**query("q"), "schema": part}, responses=answering(part))}
        for name, part in ((name, {"$ref": f"#/components/schemas/{name}"}) for name in loops)
    }
    folder = fresh(tmp_path / "config")
    result = imported(written(tmp_path, paths, components={"schemas": loops}), folder)
    assert [offered.reason for offered in result.operations] == [None, None, None]
    assert errors(folder) == []
