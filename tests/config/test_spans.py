"""The place of each character of a scalar, through every style that YAML has."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.config.nodes import Scalar, child
from gateway.config.spans import spans
from gateway.sdk.problem import Place
from tests.config.yaml_texts import document

CASES = {
    "plain": ("a: ${ input.x } is\n", "input.x"),
    "plain over lines": ("a: one\n  two\n\n  three ${ x }\n", "${ x }"),
    "single": ("a: 'it''s ${ x } here'\n", "${ x }"),
    "double": ('a: "tab\\t é \\u00e9 \\U0001F69A ${ x } \\"here\\""\n', "${ x }"),
    "double over lines": ('a: "one\n  two\\\n  three\n\n  ${ x }"\n', "${ x }"),
    "literal": ("a: |\n  one\n    two ${ x }\n\n  three\n", "two ${ x }"),
    "literal with a header": ("a: |2-\n    two ${ x }\n\n\n", "  two ${ x }"),
    "literal after blank lines": ("a: |\n\n\n  ${ x }\n", "${ x }"),
    "folded": ("a: >\n  one\n  two\n\n  three ${ x }\n", "three ${ x }"),
    "folded, further indented": ("a: >-\n  one\n    two ${ x }\n  three\n", "two ${ x }"),
    "folded with a header": ("a: >1+\n   two ${ x }\n\n", "two ${ x }"),
    "in a flow list": ("a: [b, 'c ${ x }', d]\n", "${ x }"),
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", CASES)
def test_the_place_of_a_part_is_where_it_is_written(name: str, line_end: str) -> None:
    text, part = CASES[name]
    found = document(text.replace("\n", line_end))
    path = ("a", 1) if isinstance(found.data["a"], list) else ("a",)
    value = found.data["a"][1] if isinstance(found.data["a"], list) else found.data["a"]
    start = value.index(part)
    assert slice_of(text, found.place_in_text(path, start, start + len(part))) == part


@pytest.mark.parametrize("text", ["a: |", "a: >", "a: |-\n", "a: >\n\n", "a: ''", 'a: ""'])
def test_an_empty_text_has_its_place(text: str) -> None:
    assert document(text).place_in_text(("a",), 0, 0).line == 1


def test_an_escape_is_one_character_of_the_value() -> None:
    found = document('a: "x\\u00e9y"')
    assert found.place_in_text(("a",), 1, 2) == Place("a.yaml", 1, 6, 12)
    assert found.place_in_text(("a",), 2, 3) == Place("a.yaml", 1, 12, 13)


def test_a_part_over_lines_is_shown_by_its_first_line() -> None:
    found = document("a: |\n  one ${ x\n  } two\n")
    assert found.place_in_text(("a",), 4, 11) == Place("a.yaml", 2, 7, 11)


def test_an_empty_part_is_an_empty_place() -> None:
    found = document("a: 'abc'")
    assert found.place_in_text(("a",), 1, 1) == Place("a.yaml", 1, 6, 6)
    assert found.place_in_text(("a",), 3, 3) == Place("a.yaml", 1, 8, 8)
    assert found.place_in_text(("a",), 99, 120) == Place("a.yaml", 1, 8, 8)


def slice_of(text: str, place: Place) -> str:
    return text.split("\n")[place.line - 1][place.column - 1 : place.end - 1]


PRINTABLE = st.text(
    st.one_of(st.sampled_from("ab: #'\"\\${}[]!,-\n\t\n  "), st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn"))), max_size=60
).filter(lambda text: "\ufeff" not in text)


@given(PRINTABLE, st.sampled_from([None, "'", '"', "|", ">"]), st.sampled_from([20, 40, 1000]), st.sampled_from([2, 4]))
@example("a\n\n b\n\nc", ">", 20, 2)
@example("  leading\n\n", "|", 20, 4)
def test_every_written_value_is_located(value: str, style: Any, width: int, indent: int) -> None:
    text = yaml.dump({"k": [{"v": value}]}, default_style=style, width=width, indent=indent, allow_unicode=True)
    found = document(text)
    assert found.data == {"k": [{"v": value}]}
    node = child(child(child(found.root, "k") or found.root, 0) or found.root, "v")
    assert isinstance(node, Scalar)
    located = spans(node)
    assert located is not None
    assert located.spells(value)
    for index, character in enumerate(value):
        start, end = located.slice(index, index + 1)
        raw = text[start:end]
        assert raw == character or raw[:1] in {"\\", "'", "\n"}


@given(st.text(alphabet="ab \n", min_size=1, max_size=40), st.booleans())
def test_offsets_only_grow(value: str, folded: bool) -> None:
    found = document(yaml.dump({"v": value}, default_style=">" if folded else '"', width=20))
    node = child(found.root, "v")
    assert isinstance(node, Scalar)
    located = spans(node)
    assert located is not None
    starts = [located.slice(index, index + 1)[0] for index in range(len(value))]
    assert starts == sorted(starts)
