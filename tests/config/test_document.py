"""Places in a document: values, keys, what is missing, and every value of generated documents."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.document import Document
from gateway.sdk.problem import Path, Place
from tests.config.yaml_texts import document

TEXT = """\
# the intent
intent: track_order
"quoted key": 'v'
steps:
  order:
    call: erp.order
    with: {id: 1, list: [a, "b"]}
    ensure:
    - check: x
      deny: not_found
    note:
"""


def shown(path: Path, *, key: bool = False, text: str = TEXT) -> tuple[int, str]:
    place = document(text).place(path, key=key)
    return place.line, text.split("\n")[place.line - 1][place.column - 1 : place.end - 1]


@pytest.mark.parametrize(
    ("path", "line", "part"),
    [
        (("intent",), 2, "track_order"),
        (("quoted key",), 3, "'v'"),
        (("steps", "order", "call"), 6, "erp.order"),
        (("steps", "order", "with"), 7, '{id: 1, list: [a, "b"]}'),
        (("steps", "order", "with", "list", 1), 7, '"b"'),
        (("steps", "order", "ensure", 0, "deny"), 10, "not_found"),
        (("steps",), 5, "order"),
        (("steps", "order", "ensure"), 9, "check"),
        (("steps", "order", "note"), 11, "note"),
    ],
)
def test_values(path: Path, line: int, part: str) -> None:
    assert shown(path) == (line, part)


@pytest.mark.parametrize(
    ("path", "line", "part"),
    [
        (("quoted key",), 3, '"quoted key"'),
        (("steps",), 4, "steps"),
        (("steps", "order", "with", "id"), 7, "id"),
        (("steps", "order", "ensure", 0), 9, "check"),
        ((), 2, "intent"),
    ],
)
def test_keys(path: Path, line: int, part: str) -> None:
    assert shown(path, key=True) == (line, part)


@pytest.mark.parametrize(
    ("path", "line", "part"),
    [
        ((), 2, "intent"),
        (("version",), 2, "intent"),
        (("output", "a", 0), 2, "intent"),
        (("steps", "order", "timeout"), 5, "order"),
        (("steps", "delivery", "call"), 4, "steps"),
        (("steps", "order", "ensure", 0, "missing"), 9, "check"),
        (("steps", "order", "ensure", 7), 8, "ensure"),
        (("steps", "order", "call", "deeper"), 6, "call"),
        (("steps", "order", "with", "list", 9, "x"), 7, "list"),
    ],
)
def test_what_is_missing_is_shown_at_its_owner(path: Path, line: int, part: str) -> None:
    assert shown(path) == (line, part)
    assert shown(path, key=True) == (line, part)


def test_a_route_is_named_by_its_route_not_by_its_intent() -> None:
    assert shown((), text="intent: track_order\nroute: by_id\n") == (2, "route")


def test_a_document_without_a_name_is_shown_by_its_first_key() -> None:
    assert shown(("x",), text="a: 1\nb: 2\n") == (1, "a")


def test_a_block_text_is_shown_by_its_header() -> None:
    assert shown(("a",), text="a: |-\n  text\n") == (1, "|-")


def test_a_part_of_what_is_no_text_is_shown_as_the_whole() -> None:
    assert document(TEXT).place_in_text(("steps", "order", "with"), 0, 3) == document(TEXT).place(("steps", "order", "with"))
    assert document(TEXT).place_in_text(("steps", "nothing"), 0, 3) == document(TEXT).place(("steps", "nothing"))


def test_data_may_differ_from_what_is_written() -> None:
    found = document("url: ${ secret.x }\n")
    filled = Document(found.root, file=found.file, data={"url": "hidden-value"})
    assert filled.data == {"url": "hidden-value"}
    assert filled.place(("url",)) == Place("a.yaml", 1, 6, 19)
    assert filled.place_in_text(("url",), 3, 11) == Place("a.yaml", 1, 9, 17)
    assert "hidden" not in repr(filled)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.text(alphabet="abc é𝕏:#{}'\"-", max_size=8),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abé ", min_size=1, max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["intent", "steps", "a b", "é"]), VALUES, min_size=1), st.sampled_from([None, False, True]))
def test_every_scalar_is_where_its_place_says(data: dict[str, Any], flow: bool | None) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, width=1000, default_flow_style=flow, sort_keys=False)
    found = document(text)
    assert found.data == data
    for path, value in leaves(data):
        place = found.place(path)
        part = text.split("\n")[place.line - 1][place.column - 1 : place.end - 1]
        assert part == "!!null" or yaml.safe_load(part) == value


def leaves(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, (*path, index))]
    return [(path, value)]


@given(VALUES, st.lists(st.one_of(st.sampled_from(["a", "steps", "b", "intent"]), st.integers(-2, 3)), max_size=5), st.booleans())
def test_any_path_has_a_place(value: Any, path: list[str | int], key: bool) -> None:
    text = yaml.safe_dump({"a": value}, allow_unicode=True)
    place = document(text).place(tuple(path), key=key)
    assert 1 <= place.line <= len(text.split("\n"))
    assert 1 <= place.column <= place.end
    assert document(text).place_in_text(tuple(path), 0, 3).file == "a.yaml"
    assert msgspec.json.encode(place)
