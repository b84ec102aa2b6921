"""What references point to."""

from __future__ import annotations

from gateway.config.schema_references import name_in, needed_by, refer_to

DEFINITIONS = {
    "b": {"properties": {"x": refer_to("c")}},
    "a": {"anyOf": [refer_to("b"), refer_to("a")]},
    "c": {"examples": [{"$ref": "other.json"}, {"$ref": 5}]},
    "unused": {},
}


def test_a_reference_and_its_name() -> None:
    assert refer_to("A") == {"$ref": "#/$defs/A"}
    assert name_in(refer_to("A")) == "A"


def test_what_is_needed_directly_and_by_others_in_order() -> None:
    assert list(needed_by({"items": [refer_to("a")]}, DEFINITIONS)) == ["a", "b", "c"]
    assert needed_by(refer_to("c"), DEFINITIONS) == {"c": DEFINITIONS["c"]}
    assert needed_by({"type": "string"}, DEFINITIONS) == {}
