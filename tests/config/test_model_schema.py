"""Models as JSON Schema: defaults, rules, no null."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.config.model_schema import model_schemas
from gateway.sdk import Duration, Expr, JsonSchema, Model, default, described


class Part(Model, frozen=True, kw_only=True):
    """A part."""

    exactly_one = (("a", "b"),)
    only_with = {"c": ("a",)}

    a: Annotated[int | None, described("A.")] = None
    b: Annotated[str | list[str] | None, described("B.")] = None
    c: Annotated[Literal["x", "y"] | None, described("C.")] = None


class Whole(Model, frozen=True, kw_only=True):
    """A whole."""

    examples: Annotated[list[Part] | None, described("A key called like a keyword.")] = None
    wait: Annotated[Duration, described("W.")] = default(Duration.parse, "5s")
    folders: Annotated[list[str], described("F.")] = msgspec.field(default_factory=lambda: ["specs"])
    part: Annotated[Part, described("P.")] = msgspec.field(default_factory=Part)
    named: Annotated[dict[str, tuple[Part, Expr]], described("N.")] = {}
    schema: Annotated[JsonSchema | None, described("S.")] = None
    needed: Annotated[Any, described("X.")]


def test_a_model() -> None:
    (reference,), definitions = model_schemas([Whole])
    assert reference == {"$ref": "#/$defs/Whole"}
    keys = definitions["Whole"]["properties"]
    assert definitions["Whole"]["required"] == ["needed"]
    assert definitions["Whole"]["additionalProperties"] is False
    assert keys["examples"] == {"type": "array", "items": {"$ref": "#/$defs/Part"}, "description": "A key called like a keyword."}
    assert keys["wait"]["default"] == "5s"
    assert keys["folders"]["default"] == ["specs"]
    assert keys["part"] == {"$ref": "#/$defs/Part", "description": "P."}
    assert keys["schema"]["x-gateway-kind"] == "json_schema"
    assert keys["needed"] == {"description": "X."}


def test_nothing_may_be_null() -> None:
    """A key with nothing behind it is a mistake, and behind `guard` a dangerous one."""
    _, definitions = model_schemas([Whole])
    assert '"null"' not in str(definitions).replace("'", '"')
    assert definitions["Part"]["properties"]["a"] == {"type": "integer", "description": "A."}
    assert [choice["type"] for choice in definitions["Part"]["properties"]["b"]["anyOf"]] == ["string", "array"]


def test_rules_of_a_model() -> None:
    _, definitions = model_schemas([Whole])
    assert definitions["Part"]["x-gateway-exactly-one"] == [["a", "b"]]
    assert definitions["Part"]["x-gateway-only-with"] == {"c": ["a"]}
    assert "x-gateway-exactly-one" not in definitions["Whole"]


def test_models_of_one_name_stay_apart() -> None:
    other = msgspec.defstruct("Part", [("z", Duration, default(Duration.parse, "1s"))], module="elsewhere", kw_only=True)
    references, definitions = model_schemas([Whole, other])
    assert len({reference["$ref"] for reference in references}) == 2
    assert [item["properties"]["z"]["default"] for item in definitions.values() if "z" in item["properties"]] == ["1s"]
