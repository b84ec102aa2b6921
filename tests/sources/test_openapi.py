"""`type: openapi`: documents of three versions, called over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import Call, InvalidRequest, Source
from gateway.sources import openapi
from gateway.testing import FakeServices, Route, call_of, http_server, refused_url
from gateway.testing.contracts import Example, RemoteSourceContract
from tests.sources.built import build, invoke, invoke_call
from tests.sources.documents import DELIVERY_30, ORDERS_31, PETS_20

SHIPMENT = {"state": "in_transit", "parent": None}


def written(folder: Path, document: str, name: str = "api.yaml") -> None:
    (folder / name).write_text(document, encoding="utf-8")


def source_of(services: FakeServices, url: str, **keys: Any) -> Any:
    return build(openapi.component, "source: s\ntype: openapi\nspec: api.yaml", services, servers=[url], **keys)


class TestOpenApiContract(RemoteSourceContract):
    component = openapi.component
    reading = Example("getShipment", {"tracking_no": "SH-1"}, SHIPMENT)

    @pytest.fixture
    async def source(self, services: FakeServices) -> AsyncIterator[Source]:
        written(services.folder, DELIVERY_30)
        async with http_server({"/v2/shipments/SH-1": Route(SHIPMENT), "/v2/shipments/SLOW": Route(fault="silent")}) as url:
            yield source_of(services, f"{url}/v2")
            await services.close()

    @pytest.fixture
    def gone(self, services: FakeServices) -> Source:
        written(services.folder, DELIVERY_30)
        source: Source = source_of(services, refused_url())
        return source

    @pytest.fixture
    def slow(self) -> Call:
        return call_of("getShipment", {"tracking_no": "SLOW"})

    @pytest.fixture
    def example_folder(self, tmp_path: Path) -> Path:
        paths = {f"/{name}": {"get": {"operationId": name}} for name in ("getAvailability", "listAvailability")}
        (tmp_path / "openapi").mkdir()
        written(tmp_path, json.dumps({"openapi": "3.1.0", "paths": paths}), "openapi/inventory.yaml")
        return tmp_path


@pytest.fixture
async def backend() -> AsyncIterator[tuple[Route, str]]:
    route = Route({"ok": True})
    async with http_server({"*": route}) as url:
        yield route, url


async def test_every_operation_of_a_30_document(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, DELIVERY_30)
    source = source_of(services, url)
    assert list(source.names()) == ["getShipment", "searchShipments", "redirect", "get_v2_ping"]
    search = {"state": ["a", "b&c"], "filter": {"min": 1, "max": 2}, "tags": ["x", "y"], "X-Trace": ["1", "2"], "sid": "a;b"}
    await invoke(source, "searchShipments", **search)
    await invoke(source, "redirect", tracking_no="SH/1", street="Weg 1", city=None)
    await invoke(source, "get_v2_ping")
    asked, changed, pinged = route.received
    assert asked.target == "/shipments?state=a&state=b%26c&filter%5Bmin%5D=1&filter%5Bmax%5D=2&tags=x%7Cy"
    assert (asked.headers["x-trace"], asked.headers["cookie"]) == ("1,2", "sid=a%3Bb")
    assert (changed.method, changed.target, changed.json()) == ("POST", "/shipments/SH%2F1/redirect", {"street": "Weg 1", "city": None})
    assert (pinged.method, pinged.target, pinged.body) == ("GET", "/v2/ping", b"")
    await services.close()


async def test_every_operation_of_a_31_document(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, ORDERS_31)
    source = source_of(services, url)
    await invoke(source, "createOrder", body={"id": "collides with the path"}, id="7", dry=True)
    await invoke(source, "importOrders", body=[1, 2], kind="a,b")
    await invoke(source, "note", body="Grüße")
    created, imported, noted = route.received
    assert (created.target, created.json()) == ("/orders/7?dry=true", {"id": "collides with the path"})
    assert (imported.target, imported.json()) == ("/orders;kind=a%2Cb", [1, 2])
    assert (noted.body, noted.headers["content-type"]) == ("Grüße".encode(), "text/plain")
    await services.close()


async def test_every_operation_of_a_20_document(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, PETS_20)
    source = source_of(services, url)
    assert source.operation("findPets").output_schema["type"] == "array"
    await invoke(source, "findPets", tags=["a", "b c"], states=["x", "y"])
    await invoke(source, "updatePet", petId=7, name="Rex & Co", tags=["a", "b"])
    await invoke(source, "addPet", name="Rex", parent={"name": "Max"})
    found, updated, added = route.received
    assert found.target == "/pets?tags=a%20b%20c&states=x&states=y"
    assert (updated.target, updated.body) == ("/pets/7", b"name=Rex%20%26%20Co&tags=a,b")
    assert updated.headers["content-type"] == "application/x-www-form-urlencoded"
    assert added.json() == {"name": "Rex", "parent": {"name": "Max"}}
    await services.close()


def test_circular_schemas_stay_references(services: FakeServices) -> None:
    written(services.folder, DELIVERY_30)
    schema = source_of(services, "http://a.invalid").operation("getShipment").output_schema
    assert schema["properties"]["parent"] == {"anyOf": [{"$ref": "#/$defs/Shipment"}, {"type": "null"}]}
    assert schema["$defs"]["Shipment"]["properties"]["parent"] == schema["properties"]["parent"]


async def test_decorated_operations(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, DELIVERY_30)
    operations = {
        "track": {"operation": "getShipment", "headers": {"X-User": "${ user.id }"}, "output_schema": {"type": "string"}},
        "redirect": {"effect": "read", "idempotency": {}},
    }
    source = source_of(services, url, operations=operations)
    assert services.problems == []
    track = source.operation("track")
    assert (track.name, track.output_schema, track.identity) == ("track", {"type": "string"}, {("user", "id")})
    assert {"track", "getShipment"} <= set(source.names())
    await invoke(source, "track", tracking_no="1")
    await invoke_call(source, call_of("redirect", {"tracking_no": "1"}, idempotency_key="k"))
    assert route.received[0].headers["x-user"] == "u1"
    assert route.received[1].headers["idempotency-key"] == "k"
    assert source.operation("redirect").effect == "read"
    await services.close()


async def test_a_header_that_the_operation_leaves_out_is_not_taken_from_the_caller(
    backend: tuple[Route, str], services: FakeServices
) -> None:
    route, url = backend
    parameters = [{"name": "X-Region", "in": "header"}, {"name": "pet", "in": "cookie"}]
    described = [{**each, "schema": {"type": "string"}} for each in parameters]
    written(services.folder, json.dumps({"openapi": "3.1.0", "paths": {"/me": {"get": {"operationId": "me", "parameters": described}}}}))
    operations = {"me": {"headers": {"X-Customer": "${ user.customer_id }"}}}
    forward = ["X-Customer", "X-Region", "Cookie", "X-Note"]
    source = source_of(services, url, operations=operations, forward=forward)
    assert services.problems == []
    await invoke_call(source, call_of("me", headers={name.lower(): "mine" for name in forward}))
    assert {name for name in route.received[0].headers if name in map(str.lower, forward)} == {"x-note"}
    await services.close()


def test_written_params_replace_the_documents(services: FakeServices) -> None:
    written(services.folder, DELIVERY_30)
    narrow = {"required": ["tracking_no"], "properties": {"tracking_no": {"type": "string", "pattern": "^SH-"}}}
    source = source_of(services, "http://a.invalid", operations={"track": {"operation": "getShipment", "params": narrow}})
    assert services.problems == []
    assert source.operation("track").params == {"type": "object", **narrow}


PROBLEMS: list[tuple[dict[str, Any], str, tuple[str | int, ...], str | None]] = [
    ({"spec": "missing.yaml"}, "GW245", ("spec",), None),
    ({"spec": "../api.yaml"}, "GW245", ("spec",), None),
    ({"spec": "/etc/passwd"}, "GW245", ("spec",), None),
    ({"spec": "other.yaml"}, "GW246", ("spec",), "descriptions of OpenAPI 3.0, 3.1 and Swagger 2.0 can be read"),
    (
        {"operations": {"track": {"operation": "getShipmnt"}}},
        "GW247",
        ("operations", "track", "operation"),
        "did you mean `getShipment`?",
    ),
    ({"operations": {"getshipment": {"timeout": "1s"}}}, "GW247", ("operations", "getshipment"), "did you mean `getShipment`?"),
    ({"operations": {"redirect": {"operation": "getShipment"}}}, "GW249", ("operations", "redirect"), "give it another name"),
    (
        {"operations": {"getShipment": {"params": {"properties": {"tracking_no": {}, "trace": {}}}}}},
        "GW241",
        ("operations", "getShipment", "params", "properties", "trace"),
        None,
    ),
    ({"operations": {"getShipment": {"params": {"properties": {}}}}}, "GW240", ("operations", "getShipment", "params"), None),
    ({"servers": ["ftp://a.invalid"]}, "GW254", ("servers", 0), None),
]


@pytest.mark.parametrize(("keys", "code", "path", "hint"), PROBLEMS)
def test_problems(keys: dict[str, Any], code: str, path: tuple[str | int, ...], hint: str | None, services: FakeServices) -> None:
    written(services.folder, DELIVERY_30)
    written(services.folder, "kind: Deployment", "other.yaml")
    document = {"spec": "api.yaml", "servers": ["http://a.invalid"], **keys}
    build(openapi.component, "source: s\ntype: openapi", services, **document)
    assert [(problem.code, problem.path) for problem in services.problems] == [(code, path)]
    if hint is not None:
        assert services.problems[0].hint == hint


async def test_a_broken_operation_leaves_the_others(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, PETS_20)
    source = source_of(services, url)
    assert services.problems == []
    assert source.operation("uploadPhoto") is None
    assert services.codes == ["GW248"]
    assert "uploaded file" in services.problems[0].message
    await invoke(source, "findPets")
    assert route.count == 1
    await services.close()


def test_a_repeated_operation_id_is_a_warning(services: FakeServices) -> None:
    written(services.folder, "openapi: 3.0.0\npaths:\n  /a: {get: {operationId: x}}\n  /b: {get: {operationId: x}}")
    source = source_of(services, "http://a.invalid")
    assert list(source.names()) == ["x", "get_b"]
    assert [(problem.code, problem.severity) for problem in services.problems] == [("GW249", "warning")]


async def test_path_values_stay_values(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    written(services.folder, DELIVERY_30)
    source = source_of(services, url)
    for value in ("", "..", None, "a/../b"):
        with pytest.raises(InvalidRequest):
            await invoke(source, "getShipment", tracking_no=value)
    assert route.count == 0
    await services.close()
