"""The models: every field explained, every default in force, nothing open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from gateway.config.kind_schema import MODELS
from gateway.config.model_schema import model_schemas
from gateway.config.models import POLICIES, Intent, Reply, ReplyPart, Step
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import Model

EVERY = [*MODELS.values(), *(model for _, model, _ in POLICIES)]


def structs(models: list[type]) -> Iterator[type[Model]]:
    """Every struct that the models are made of, found in what msgspec knows of them."""
    seen: set[type] = set()
    waiting: list[Any] = list(inspect.multi_type_info(models))
    while waiting:
        item = waiting.pop()
        if isinstance(item, inspect.StructType):
            if item.cls in seen:
                continue
            seen.add(item.cls)
            yield item.cls
            waiting.extend(field.type for field in item.fields)
        elif isinstance(item, inspect.UnionType | inspect.TupleType):
            waiting.extend(item.types if isinstance(item, inspect.UnionType) else item.item_types)
        elif isinstance(item, inspect.Metadata | inspect.CollectionType | inspect.DictType):
            waiting.extend(getattr(item, part) for part in ("type", "item_type", "value_type") if hasattr(item, part))


@pytest.mark.parametrize("struct", list(structs(EVERY)), ids=lambda struct: struct.__name__)
def test_every_model_is_frozen_closed_and_explained(struct: type[Model]) -> None:
    config = struct.__struct_config__
    assert issubclass(struct, Model)
    assert (config.frozen, config.forbid_unknown_fields) == (True, True)
    assert struct.__doc__
    assert "Struct" not in struct.__doc__
    _, definitions = model_schemas([struct])
    for key, schema in definitions[struct.__name__]["properties"].items():
        assert schema.get("description", "").endswith((".", "`", ")")), (struct, key)


@pytest.mark.parametrize("struct", list(structs(EVERY)), ids=lambda struct: struct.__name__)
def test_rules_name_keys_that_exist(struct: type[Model]) -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert {key for group in struct.exactly_one for key in group} <= keys
    assert {key for key, needed in struct.only_with.items() for key in (key, *needed)} <= keys


def test_no_key_is_a_boolean_to_other_readers() -> None:
    """No key is ever called `on`, `off`, `yes`, `no` (language §1)."""
    keys = {field.encode_name for struct in structs(EVERY) for field in msgspec.structs.fields(struct)}
    assert not keys & {"on", "off", "yes", "no", "y", "n", "true", "false", "null"}


def test_null_and_absent_are_told_apart() -> None:
    absent = msgspec.convert({"call": "a.b"}, Step)
    null = msgspec.convert({"call": "a.b", "output": None}, Step)
    assert (absent.output, null.output) == (msgspec.UNSET, None)


def test_defaults_of_the_language() -> None:
    intent = msgspec.convert({"intent": "a"}, Intent, dec_hook=decode_hook)
    assert (intent.deadline, intent.version, intent.mode) == (10.0, 1, "sync")
    step = msgspec.convert({"call": "a.b", "ensure": [{"check": "x"}]}, Step)
    assert step.ensure is not None
    assert (step.required, step.item_error, step.ensure[0].deny) == (True, "fail", "forbidden")


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("hi", "hi"),
        ({"en": "hi"}, {"en": "hi"}),
        ([{"text": "hi"}], [ReplyPart(text="hi")]),
        ([{"text": {"de": "x"}}], [ReplyPart(text={"de": "x"})]),
    ],
)
def test_forms_of_a_reply(written: object, model: object) -> None:
    assert msgspec.convert(written, Reply) == model  # type: ignore[call-overload]
