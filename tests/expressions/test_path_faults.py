from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.expressions.path_faults import Current, no_field, no_item, unknown, written, wrong_projection
from gateway.expressions.shape import LIST, TEXT, nullable, object_of
from gateway.expressions.syntax import Node, parse
from tests.expressions.evaluation import marked

PROJECTIONS = ("flatten", "projection", "value_projection", "filter_projection")
ORDER = object_of({"b": TEXT, "a": TEXT})


def nodes(tree: Node) -> Iterator[Node]:
    """All nodes, the innermost first."""
    for child in tree["children"]:
        yield from nodes(child) if isinstance(child, dict) else ()
    yield tree


@pytest.mark.parametrize(("path", "text"), [(("a",), "a"), (("a", "b"), "a.b"), (("a", 0, "b"), "a[0].b"), (("a", -1), "a[-1]")])
def test_a_path_as_it_is_written(path: tuple[str | int, ...], text: str) -> None:
    assert written(path) == text


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (Current(TEXT, ("steps", "a")), "`steps.a`"),
        (Current(TEXT, None, "an item"), "an item"),
        (Current(TEXT), "what stands before it"),
    ],
)
def test_what_a_value_is_called(at: Current, words: str) -> None:
    assert at.called == words


def test_an_unknown_field() -> None:
    fault = unknown("c", Current(ORDER, ("input",)), (6, 7))
    assert (fault.code, fault.message, fault.name, fault.known) == ("GW226", "unknown field `c` of `input`", "c", ("b", "a"))
    assert unknown("c", Current(ORDER), (0, 1)).message == "unknown field `c`"
    assert unknown("c", Current(ORDER, ("steps",)), (0, 1)).code == "GW220"
    assert unknown("c", Current(ORDER, ("steps", "s")), (0, 1)).code == "GW226"


def test_a_field_of_what_has_none() -> None:
    fault = no_field("c", Current(LIST, ("rows",)), (5, 6), root=False)
    assert (fault.code, fault.message) == ("GW262", "`rows` is a list and has no field `c`")
    assert fault.hint == "take one of its items (`[0].c`) or that of each (`[*].c`)"
    assert no_field("c", Current(TEXT, ("x",)), (0, 1), root=True).hint is None
    assert "is no root" in (no_field("c", Current(TEXT), (0, 1), root=True).hint or "")


@pytest.mark.parametrize(("text", "start", "where"), [("a.b[0]", 3, "[0]"), ("a['x'][-1]", 6, "[-1]"), ("a", 1, "a")])
def test_an_item_of_what_has_none(text: str, start: int, where: str) -> None:
    fault = no_item(text, 0, Current(nullable(TEXT), ("a", "b")), start)
    assert (fault.code, fault.message) == ("GW263", "`a.b` is a text or null and has no item 0")
    assert marked(text, fault) == where
    assert "pipe" in (no_item(text, 0, Current(TEXT, None, "`b` of an item"), start).hint or "")


@pytest.mark.parametrize(
    ("text", "where"), [("a.b[*].c", "[*]"), ("a.b[]", "[]"), ("a.b[1:2]", "[1:2]"), ("a.b[?c]", "[?"), ("a.b.*", ".*"), ("a.b .*.c", ".*")]
)
def test_all_items_of_what_has_none(text: str, where: str) -> None:
    kind = "object" if "*" in text and "[" not in text else "array"
    node = next(each for each in nodes(parse(text)) if each["type"] in PROJECTIONS)
    fault = wrong_projection(text, node, Current(TEXT, ("a", "b")), kind)  # type: ignore[arg-type]
    assert fault.code == "GW261"
    assert marked(text, fault) == where
    assert ("items" if kind == "array" else "values") in fault.message


def test_the_field_that_holds_the_list_is_to_be_taken() -> None:
    fault = wrong_projection("a[*]", parse("a[*]"), Current(ORDER, ("a",)), "array")
    assert fault.hint == "take the field that holds the list"
