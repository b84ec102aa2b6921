"""`fields`: what is kept, and what is refused as unknown."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.selection import check, narrow, selection
from gateway.sdk import Malformed

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {}, "price": {"type": "number"}}}},
        "ship_to": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"city": {}}}]},
        "extra": {"type": "object", "additionalProperties": True},
        "anything": {},
    },
}
DATA = {
    "id": "1",
    "lines": [{"sku": "A", "price": 1, "tax": 0}, {"sku": "B", "price": 2, "tax": 0}],
    "ship_to": None,
    "extra": {"a": {"b": 1, "c": 2}},
}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id"], {"id": "1"}),
        (["lines.sku"], {"lines": [{"sku": "A"}, {"sku": "B"}]}),
        (["lines.sku", "lines"], {"lines": DATA["lines"]}),
        (["lines", "lines.sku"], {"lines": DATA["lines"]}),
        (["ship_to.city"], {"ship_to": None}),
        (["extra.a.c", "id"], {"id": "1", "extra": {"a": {"c": 2}}}),
        ([], {}),
    ],
)
def test_only_wanted_members_are_kept(names: list[str], expected: Any) -> None:
    assert narrow(DATA, selection(names)) == expected


@pytest.mark.parametrize("data", [None, "text", 3, [1, 2]])
def test_what_has_no_members_stays(data: Any) -> None:
    assert narrow(data, selection(["id"])) == data


@pytest.mark.parametrize("names", [["id"], ["lines.price"], ["ship_to.city"], ["extra.a.b.c"], ["anything.at.all"]])
def test_known_fields_pass(names: list[str]) -> None:
    check(selection(names), ORDER)


@pytest.mark.parametrize("name", ["idd", "lines.colour", "ship_to.country", "id.part", "", "id."])
def test_unknown_fields_are_refused(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        check(selection(["lines", name] if name.startswith("id") else ["id", name]), ORDER)
    assert refused.value.details == ({"pointer": "/fields", "message": f"unknown field `{name}`"},)


@pytest.mark.parametrize("schema", [None, True, {}, {"type": "object"}])
def test_where_the_shape_is_unknown_every_field_may_be(schema: Any) -> None:
    check(selection(["a.b"]), schema)
