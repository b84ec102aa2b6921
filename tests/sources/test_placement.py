"""Where arguments go that nothing mentions. What is sent in the end is tested in `test_http.py`."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sources.params import Used
from gateway.sources.placement import Placement, Written, place_arguments
from gateway.testing import FakeServices


def placed(method: str, params: dict[str, Any], **written: Any) -> tuple[Placement, list[str]]:
    services = FakeServices()
    empty: dict[str, Any] = {"path_names": (), "used": Used(), "query": frozenset(), "headers": frozenset(), "has_body": False}
    placement = place_arguments(services, Written(method=method, **{**empty, **written}), params, ())
    return placement, services.codes


@pytest.mark.parametrize(
    ("method", "where"), [("GET", "query"), ("HEAD", "query"), ("DELETE", "query"), ("POST", "body"), ("PATCH", "body")]
)
def test_the_method_decides(method: str, where: str) -> None:
    placement, codes = placed(method, {"properties": {"a": {}, "id": {}}}, path_names=("id",))
    assert (placement.query, placement.body) == ((("a",), ()) if where == "query" else ((), ("a",)))
    assert codes == []


def test_in_decides_before_the_method() -> None:
    properties = {"a": {"in": "body"}, "b": {"in": "header"}, "c": {"in": "query"}}
    placement, codes = placed("GET", {"properties": properties})
    assert (placement.body, placement.headers, placement.query, codes) == (("a",), ("b",), ("c",), [])


def test_what_a_template_uses_goes_nowhere_else() -> None:
    placement, codes = placed("POST", {"properties": {"a": {}, "b": True}}, used=Used(frozenset({"a"})))
    assert (placement.body, codes) == (("b",), [])


def test_undeclared_arguments() -> None:
    placement, _ = placed("GET", {"properties": {"a": {}}, "additionalProperties": True}, path_names=("a",))
    assert placement.rest == "query"
    assert placement.undeclared({"a": 1, "b": 2}) == {"b": 2}
    placement, codes = placed("POST", {"additionalProperties": True}, has_body=True)
    assert (placement.rest, codes) == (None, ["GW241"])


@pytest.mark.parametrize(
    ("properties", "written"),
    [
        ({"X-A": {"in": "header"}}, {"headers": frozenset({"x-a"})}),
        ({"a": {"in": "query"}}, {"query": frozenset({"a"})}),
        ({"a": {"in": "body"}}, {"has_body": True}),
        ({"a": {"in": "path"}}, {}),
        ({"a": {"in": "body"}}, {"path_names": ("a",)}),
    ],
)
def test_contradictions(properties: dict[str, Any], written: dict[str, Any]) -> None:
    placement, codes = placed("POST", {"properties": properties}, **written)
    assert codes == ["GW244"]
    assert placement.query + placement.headers + placement.body == ()


def test_a_header_that_the_gateway_sets_cant_be_an_argument() -> None:
    _, codes = placed("GET", {"properties": {"Content-Length": {"in": "header"}}})
    assert codes == ["GW243"]
