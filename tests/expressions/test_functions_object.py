from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.expressions.evaluation import fails, of
from tests.expressions.grammar import documents


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("keys(input.o)", ["a", "b"]),
        ("values(input.o)", [1, None]),
        ('merge(input.o, `{"b": 2}`, `{"c": 3}`)', {"a": 1, "b": 2, "c": 3}),
        ("merge(input.o, input.none)", None),
        ("lookup(input.o, 'a')", 1),
        ("lookup(input.o, 'zz')", None),
        ('lookup(`{"1": "x", "true": "y"}`, `1`)', "x"),
        ('lookup(`{"1": "x", "true": "y"}`, `true`)', "y"),
        ("pick(input.o, ['b', 'zz', 'a'])", {"b": None, "a": 1}),
        ("omit(input.o, ['b', 'zz'])", {"a": 1}),
        ("type('a')", "string"),
        ("type(`1.5`)", "number"),
        ("type(`true`)", "boolean"),
        ("type(`[]`)", "array"),
        ("type(`{}`)", "object"),
        ("type(`null`)", "null"),
        ("to_json(input.o)", '{"a":1,"b":null}'),
        ("to_json('é\"')", '"é\\""'),
        ("from_json('{\"a\": [1, 2.5, null]}')", {"a": [1, 2.5, None]}),
        ("from_json('nope')", None),
        ("from_json('')", None),
        ("from_json('NaN')", None),
        ("from_json('1e999')", None),
    ],
)
def test_values(text: str, result: Any) -> None:
    assert of(text, o={"a": 1, "b": None}) == result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keys(`[1]`)", "keys() needs an object."),
        ("values('a')", "values() needs an object."),
        ("merge(input.o, 'a')", "merge() needs an object."),
        ("lookup(`[1]`, 'a')", "lookup() needs an object."),
        ("lookup(input.o, `[1]`)", "lookup() needs a text or a number as its key."),
        ("pick(input.o, 'a')", "pick() needs an object and a list of names."),
        ("omit(input.o, `[1]`)", "omit() needs an object and a list of names."),
        ("from_json(`1`)", "from_json() needs a text."),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text, o={"a": 1}) == message


def test_arguments_are_left_as_they_were() -> None:
    scope = {"o": {"a": 1}, "p": {"b": 2}}
    assert of("merge(input.o, input.p)", **scope) == {"a": 1, "b": 2}
    assert of("omit(input.o, ['a'])", **scope) == {}
    assert scope == {"o": {"a": 1}, "p": {"b": 2}}


@pytest.mark.parametrize("hostile", ["[" * 100_000, "[" * 300 + "]" * 300, '{"a":' * 50_000, '"' + "x" * 17_000_000 + '"'])
def test_hostile_json_is_null(hostile: str) -> None:
    assert of("from_json(input.x)", x=hostile) is None


@given(documents)
def test_json_there_and_back(document: Any) -> None:
    written = of("to_json(input.x)", x=document)
    assert of("from_json(input.x)", x=written) == document
