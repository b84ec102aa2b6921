"""Laying one document over another."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.document import Document
from gateway.config.nodes import plain
from gateway.config.overlay import lay_over
from gateway.config.strict_yaml import read_yaml
from gateway.sdk.problem import Place
from tests.config.yaml_texts import document


def merged(base: str, over: str) -> Any:
    return plain(lay_over(document(base).root, document(over).root))


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("a: {b: 1, c: 2}\n", "a: {c: 3, d: 4}\n", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("a: [1, 2]\n", "a: [3]\n", {"a": [3]}),
        ("a: 1\nb: 2\n", "a: null\n", {"b": 2}),
        ("a: {b: 1}\n", "a: {b: ~}\n", {"a": {}}),
        ("a: {b: 1}\n", "a: {x: ~}\n", {"a": {"b": 1}}),
        ("a: 1\n", "a: {b: 2}\n", {"a": {"b": 2}}),
        ("a: {b: 1}\n", "a: 2\n", {"a": 2}),
        ("a: 1\n", "new: {b: null, c: [null]}\n", {"a": 1, "new": {"b": None, "c": [None]}}),
        ("a: 1\n", "b: 'null'\n", {"a": 1, "b": "null"}),
    ],
)
def test_maps_merge_lists_replace_null_removes(base: str, over: str, result: Any) -> None:
    assert merged(base, over) == result


def test_values_keep_the_place_where_they_were_written() -> None:
    base = document("gateway: x\nserver:\n  port: 80\n  host: a\n")
    over = read_yaml("over.yaml", b"server: {port: 81, tls: {}}\n").documents[0].root
    assert over is not None
    found = Document(lay_over(base.root, over), file="a.yaml")
    assert found.place(("server", "port")) == Place("over.yaml", 1, 16, 18)
    assert found.place(("server", "port"), key=True) == Place("over.yaml", 1, 10, 14)
    assert found.place(("server", "host")) == Place("a.yaml", 4, 9, 10)
    assert found.place(("server",), key=True) == Place("a.yaml", 2, 1, 7)
    assert found.place_in_text(("server", "host"), 0, 1) == Place("a.yaml", 4, 9, 10)


def test_neither_document_is_changed() -> None:
    base, over = document("a: {b: 1}\n"), document("a: {c: 2}\n")
    lay_over(base.root, over.root)
    assert (plain(base.root), plain(over.root)) == ({"a": {"b": 1}}, {"a": {"c": 2}})


JSON: st.SearchStrategy[Any] = st.recursive(
    st.integers(0, 3) | st.text(alphabet="ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


def reference(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {key: reference(base[key], over[key]) if key in base and key in over else {**base, **over}[key] for key in {**base, **over}}


@given(OBJECTS, OBJECTS)
def test_without_nulls_it_is_a_plain_deep_merge(base: Any, over: Any) -> None:
    assert merged(yaml.safe_dump(base), yaml.safe_dump(over)) == reference(base, over)
    assert merged(yaml.safe_dump(base), "{}") == base
    assert merged(yaml.safe_dump(base), yaml.safe_dump(base)) == base
