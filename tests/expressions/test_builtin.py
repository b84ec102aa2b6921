from __future__ import annotations

import pytest

from gateway.expressions.builtin import a_list, an_object, one_of, wrong
from gateway.expressions.syntax import parse
from gateway.sdk import ExpressionFault


def test_a_fault_names_the_function_and_what_it_needs() -> None:
    assert wrong("upper", "a text").message == "upper() needs a text."


def test_arguments_of_the_right_kind_pass() -> None:
    assert a_list("x", [1]) == [1]
    assert an_object("x", {"a": 1}) == {"a": 1}
    with pytest.raises(ExpressionFault, match="needs a list"):
        a_list("x", {"a": 1})
    with pytest.raises(ExpressionFault, match="needs an object"):
        an_object("x", [1])


@pytest.mark.parametrize(
    ("text", "sound"), [("f(a, 'x')", True), ("f(a, 'z')", False), ("f(a, b)", True), ("f(a)", True), ("f(a, `1`)", False)]
)
def test_only_literals_can_be_checked(text: str, sound: bool) -> None:
    check = one_of("f", 1, frozenset({"x", "y"}), "letter")
    complaint = check(parse(text)["children"])
    assert (complaint is None) is sound
    assert complaint is None or (complaint.argument, complaint.hint) == (1, "one of x, y")
