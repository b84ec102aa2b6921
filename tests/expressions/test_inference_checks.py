from __future__ import annotations

import pytest

from tests.expressions.evaluation import marked
from tests.expressions.inferring import fault, inferred, lists, objects

ROOT = objects(
    "text number flag texts numbers row rows maybe state both nothing",
    text="string",
    number="number",
    flag="boolean",
    texts=lists("string"),
    numbers=lists("number"),
    row=objects("a", a="string"),
    rows=lists(objects("a", a="string")),
    maybe={"type": ["string", "null"]},
    state={"enum": ["open", "done", 1]},
    states=lists({"enum": ["open", "done"]}),
    both={"type": ["string", "number"]},
    nothing={"type": "null"},
    switch={"enum": ["auto", True]},
    anything=True,
)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("i.text == i.number", "this compares a text with a number and never holds", "make a text of the number with to_string(…)"),
        ("i.text != i.number", "this compares a text with a number and is always true", "make a text of the number with to_string(…)"),
        ("i.text > `5`", "this compares a text with a number and never holds", "make a number of the text with number(…)"),
        ("i.flag == 'true'", "this compares a truth value with a text and never holds", "a truth value is written in backticks: `true`"),
        ("i.row == 'x'", "this compares an object with a text and never holds", None),
        ("i.maybe == `1`", "this compares a text with a number and never holds", "make a text of the number with to_string(…)"),
        ("i.flag < i.flag", "this compares a truth value with a truth value and never holds", None),
        ("i.number == `true`", "this compares a number with a truth value and never holds", None),
        ("contains(i.texts, `1`)", "this looks for a number among items that are a text and never holds", None),
    ],
)
def test_comparisons_that_never_hold(text: str, message: str, hint: str | None) -> None:
    found = fault(text, i=ROOT)
    assert (found.code, found.message, found.severity) == ("GW264", message, "error")
    assert found.hint == hint or text.startswith("contains")


@pytest.mark.parametrize(
    "text",
    [
        "i.text == i.maybe",
        "i.both == i.number",
        "i.both > `1`",
        "i.anything == i.number",
        "i.maybe == `null`",
        "i.nothing == i.number",
        "i.rows == i.texts",
        "contains(i.texts, i.both)",
        "contains(i.anything, `1`)",
        "contains(i.text, i.text)",
        "i.state == 'open'",
        "i.state == `1.0`",
        "i.switch == `true`",
        "i.switch == `false`",
        "i.text == 'anything'",
        "i.state == i.text",
    ],
)
def test_comparisons_that_may_hold(text: str) -> None:
    assert inferred(text, i=ROOT).faults == []


@pytest.mark.parametrize(
    ("text", "where", "known"),
    [
        ("i.state == 'opne'", "'opne'", ("1", "done", "open")),
        ("'opne' != i.state", "'opne'", ("1", "done", "open")),
        ("i.state == `2`", "`2`", ("1", "done", "open")),
        ("i.switch == 'atuo'", "'atuo'", ("auto",)),
        ("contains(i.states, 'opne')", "'opne'", ("done", "open")),
    ],
)
def test_a_constant_that_it_is_never_declared_to_be(text: str, where: str, known: tuple[str, ...]) -> None:
    found = fault(text, i=ROOT)
    assert (found.code, found.severity, found.known) == ("GW265", "warning", known)
    assert found.name == where.strip("'`")
    assert marked(text, found) == where


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("upper(i.row)", "i.row", "upper() takes a text, a number or a truth value here, and this is an object"),
        ("add(`1`, i.flag)", "i.flag", "add() takes a text or a number here, and this is a truth value"),
        ("sum(i.rows)", "i.rows", "sum() takes a list of items that are a text or a number, and these are an object"),
        ("keys(i.maybe)", "i.maybe", "keys() takes an object here, and this is a text"),
    ],
)
def test_arguments_of_the_wrong_kind(text: str, where: str, message: str) -> None:
    found = fault(text, i=ROOT)
    assert (found.code, found.message) == ("GW204", message)
    assert marked(text, found) == where


def test_of_objects_one_field_can_be_taken() -> None:
    assert fault("sum(i.rows)", i=ROOT).hint == "take one field of each item: `[*].<field>`"
    assert fault("sum([`true`])", i=ROOT).hint is None


@pytest.mark.parametrize("text", ["upper(i.nothing)", "upper(i.anything)", "upper(i.both)", "concat(i.rows)", "sort_by(i.rows, &a)"])
def test_arguments_that_may_be_right(text: str) -> None:
    assert inferred(text, i=ROOT).faults == []


def test_contains_on_a_text_proves_nothing() -> None:
    found = inferred("contains(i.text, 'a')", i=ROOT, authorisation=True).faults
    assert [each.code for each in found] == ["GW210"]
    assert inferred("contains(i.texts, 'a')", i=ROOT, authorisation=True).faults == []
    assert inferred("contains(i.both, 'a')", i=ROOT, authorisation=True).faults == []
    assert inferred("contains(i.text, 'a')", i=ROOT).faults == []
