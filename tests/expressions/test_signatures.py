from __future__ import annotations

import pytest

from gateway.expressions.functions import BUILTINS, NAMES
from gateway.expressions.shape import ANY, LabelReader, Shape, null_declared
from gateway.expressions.signatures import SIGNATURES, result_of
from tests.expressions.inferring import classes, fault, inferred, kinds, lists, objects, shape_of, sound

SECRET = {"type": "string", "classification": "pii"}
ROW = objects("name amount", name="string", amount="number", email=SECRET, state={"enum": ["open", "done"]}, tags=lists("string"))
ROOT = objects(
    "text number flag rows texts maybe_texts row table maybe email number_text",
    text="string",
    number="number",
    whole="integer",
    flag="boolean",
    rows=lists(ROW),
    texts=lists("string"),
    maybe_texts=lists({"type": ["string", "null"]}),
    row=ROW,
    table={"type": "object", "additionalProperties": {"type": "number"}},
    maybe={"type": ["string", "null"]},
    email=SECRET,
    number_text={"type": ["string", "number"]},
)


def of(text: str) -> Shape:
    return sound(text, i=ROOT)


def test_every_function_has_one() -> None:
    assert {*SIGNATURES} | {"default", "coalesce"} == NAMES
    for name, builtin in BUILTINS.items():
        most = max(builtin.minimum, 2) if builtin.maximum is None else builtin.maximum
        assert len(SIGNATURES[name].takes) <= most, name


def test_the_last_kinds_hold_for_all_further_arguments() -> None:
    assert SIGNATURES["concat"].taken(7) == SIGNATURES["to_json"].taken(0)
    assert SIGNATURES["substring"].taken(2) == SIGNATURES["substring"].taken(1) != SIGNATURES["substring"].taken(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add(i.number, `1`)", "number text"),
        ("add(i.number, i.maybe)", "null number text"),
        ("upper(i.text)", "text"),
        ("upper(i.maybe)", "null text"),
        ("concat(i.rows, i.text)", "text"),
        ("first(i.texts)", "null text"),
        ("max(i.texts)", "null text"),
        ("sort(i.maybe_texts) | [0]", "null text"),
        ("max_by(i.rows, &amount).name", "null text"),
        ("sort_by(i.rows, &amount)[0].name", "null text"),
        ("default(i.maybe, `1`)", "number text"),
        ("coalesce(`null`, i.text)", "text"),
        ("not_null(i.maybe, i.maybe)", "null text"),
        ("number(i.number)", "number"),
        ("number(i.text)", "null number text"),
        ("type(i.maybe)", "text"),
        ("to_json(i.maybe)", "text"),
        ("to_string(i.maybe)", "null text"),
        ("now()", "text"),
        ("starts_with(i.text, 'a')", "boolean"),
        ("contains(i.texts, i.maybe)", "boolean"),
        ("sum(i.rows[*].amount)", "number text"),
        ("avg(i.rows[*].amount)", "null number text"),
        ("split(i.text, ',')[0]", "null text"),
        ("join(', ', i.texts)", "text"),
        ("join(', ', i.maybe_texts)", "null text"),
        ("mask(i.text, 'last4')", "text"),
        ("mask(i.text, 'remove')", "null text"),
        ("mask(i.text, i.text)", "null text"),
        ("length(i.maybe)", "number"),
        ("reverse(i.texts)[0]", "null text"),
        ("reverse(i.number_text)", "text"),
        ("to_array(i.text)[0]", "null text"),
        ("to_array(i.texts)[0]", "null text"),
        ("zip(i.texts, i.rows[*].amount)[0][0]", "null number text"),
        ("range(`3`)[0]", "null number"),
        ("map(&amount, i.rows)[0]", "null number"),
        ("index_by(i.rows, &name).x.amount", "null number"),
        ("group_by(i.rows, &name).x[0].amount", "null number"),
        ("keys(i.row)[0]", "null text"),
        ("values(i.table)[0]", "null number"),
        ("merge(i.row, {new: i.text}).new", "text"),
        ("pick(i.row, ['name']).name", "text"),
        ("omit(i.row, ['name']).amount", "number"),
        ("lookup(i.table, i.text)", "null number"),
        ("lookup(i.row, i.row.state)", "null"),
        ("from_json(i.text)", "any"),
        ("date(i.text)", "null text"),
        ("date_diff(i.text, i.text, 'day')", "number"),
        ("money(i.number, 'EUR')", "text"),
        ("plural(i.number, {one: 'x', other: i.maybe})", "null text"),
        ("if(i.flag, i.text, i.number)", "number text"),
    ],
)
def test_results(text: str, expected: str) -> None:
    assert kinds(of(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper(x.y)", "null text"),
        ("add(x.y, `1`)", "null number text"),
        ("length(x.y)", "number"),
        ("x.y.{a: b}", "null object"),
        ("keys(x)", "array null"),
    ],
)
def test_what_nothing_is_known_of_may_be_null(text: str, expected: str) -> None:
    shape = sound(text, x=ANY)
    assert kinds(shape) == expected
    assert not null_declared(shape)


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("upper(i.maybe)", True),
        ("max_by(i.rows, &state).amount", False),
        ("first(i.texts)", False),
        ("number(i.text)", False),
        ("date(i.text)", False),
        ("join(', ', i.maybe_texts)", True),
        ("mask(i.text, 'remove')", True),
    ],
)
def test_a_null_that_nobody_spoke_of(text: str, declared: bool) -> None:
    assert null_declared(of(text)) is declared


def test_a_result_is_no_longer_one_of_the_values() -> None:
    assert of("reverse(i.row.state)").values is None
    assert of("first(i.rows).state").values == {"open", "done"}
    assert of("number(i.whole)").whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper(i.email)", {"pii"}),
        ("concat(i.text, i.row)", {"pii"}),
        ("to_json(i.rows)", {"pii"}),
        ("starts_with(i.email, 'a')", {"pii"}),
        ("if(i.email, 'a', 'b')", {"pii"}),
        ("if(i.email == 'a', 'a', 'b')", set()),
        ("index_by(i.rows, &email).x.amount", {"pii"}),
        ("index_by(i.rows, &name).x.amount", set()),
        ("lookup(i.table, i.email)", {"pii"}),
        ("pick(i.row, ['name'])", set()),
        ("omit(i.row, ['name'])", {"pii"}),
        ("sort_by(i.rows, &email)[0].name", set()),
        ("plural(i.number, {one: i.email, other: 'x'})", {"pii"}),
        ("sha256(i.email)", set()),
        ("mask(i.email, 'last4')", set()),
        ("length(i.email)", set()),
        ("contains(i.texts, i.email)", set()),
        ("reverse(i.email)", {"pii"}),
        ("values(i.row)[0]", {"pii"}),
        ("keys(i.row)[0]", {"pii"}),
    ],
)
def test_classes_of_data(text: str, expected: set[str]) -> None:
    assert classes(of(text).labels) | classes(LabelReader().of(of(text))) == expected


def test_of_a_plugins_function_nothing_is_known_but_the_classes_of_its_arguments() -> None:
    shape = result_of("theirs", [shape_of(ROW)], LabelReader())
    assert kinds(shape) == "any"
    assert classes(shape.labels) == {"pii"}


@pytest.mark.parametrize(
    "text",
    ["upper(i.rows)", "add(i.flag, `1`)", "keys(i.text)", "length(i.number)", "sum(i.rows)", "join(',', i.rows)", "join(i.rows, i.texts)"],
)
def test_arguments_that_it_cant_take(text: str) -> None:
    assert fault(text, i=ROOT).code == "GW204"


def test_arguments_that_it_may_be_able_to_take() -> None:
    assert inferred("sum([i.number_text, x.y])", i=ROOT, x=ANY).faults == []
