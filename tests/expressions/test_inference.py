from __future__ import annotations

import pytest

from gateway.expressions import Typing, infer
from gateway.expressions.inference import Inferred
from gateway.expressions.shape import ANY, TEXT, Shape, every_label, list_of, null_declared, nullable, object_of
from gateway.expressions.syntax import parse
from tests.expressions.evaluation import marked
from tests.expressions.inferring import PII, classes, fault, inferred, kinds, lists, objects, shape_of, sound

ROW = objects("sku price", sku="string", price="number", note="string", tags=lists("string"))
ROOT = objects(
    "id rows maybe_rows nested row table flag count text_or_list state",
    id="string",
    rows=lists(ROW),
    maybe_rows={**lists(ROW), "type": ["array", "null"]},
    nested=lists(lists(ROW)),
    row=ROW,
    maybe_row={**ROW, "type": ["object", "null"]},
    table={"type": "object", "additionalProperties": {"type": "number"}},
    flag="boolean",
    count="integer",
    text_or_list={"type": ["string", "array"], "items": {"type": "number"}},
    state={"enum": ["open", "done"]},
    maybe={"type": ["string", "null"]},
    mixed=lists({"type": ["array", "string"], "items": {"type": "boolean"}}),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i.id", "text"),
        ("i.row.note", "null text"),
        ("i.maybe_row.sku", "null text"),
        ("i.table.x", "null number"),
        ("i.rows[0]", "null object"),
        ("i.rows[-1].sku", "null text"),
        ("i.rows[*]", "array"),
        ("i.rows[*].sku | [0]", "null text"),
        ("i.maybe_rows[*].sku", "array null"),
        ("i.rows[?price > `1`].note", "array"),
        ("i.rows[?price > `1`] | [0].sku", "null text"),
        ("i.rows[:2].sku", "array"),
        ("i.text_or_list[*]", "array null"),
        ("i.text_or_list[]", "array null"),
        ("i.text_or_list[0]", "null number"),
        ("i.text_or_list[1:]", "array null"),
        ("i.nested[].sku | [0]", "null text"),
        ("i.nested[*][0].sku", "array"),
        ("i.mixed[] | [0]", "boolean null text"),
        ("i.table.*", "array"),
        ("i.row.*", "array"),
        ("i.table.* | [0]", "null number"),
        ("{a: i.id, b: i.count}", "object"),
        ("{a: i.id}.a", "text"),
        ("[i.id, i.count][0]", "null number text"),
        ("i.maybe_row.{a: sku}", "null object"),
        ("i.maybe_row.[sku]", "array null"),
        ("i.rows[*].{a: sku} | [0].a", "null text"),
        ("i.maybe || `1`", "number text"),
        ("i.flag && i.id", "boolean text"),
        ("i.count && i.id", "text"),
        ("i.maybe && i.count", "null number text"),
        ("!(i.id)", "boolean"),
        ("i.id == i.maybe", "boolean"),
        ("i.count > `1`", "boolean null"),
        ("i | id", "text"),
        ("x.y.z", "any"),
        ("x[0].y[*].z", "array null"),
        ("x.*", "array null"),
        ("`null` || i.id", "text"),
        ("'a'", "text"),
    ],
)
def test_shapes(text: str, expected: str) -> None:
    assert kinds(sound(text, i=ROOT, x=ANY)) == expected


def test_nulls_drop_out_of_a_projection() -> None:
    assert kinds(sound("i.rows[*].note", i=ROOT).items) == "text"
    assert kinds(sound("map(&note, i.rows)", i=ROOT).items) == "null text"


def test_constants_go_through() -> None:
    assert sound("i.state || 'none'", i=ROOT).values == {"open", "done", "none"}
    assert sound("i.count", i=ROOT).whole
    assert sound("['a', 'b']", i=ROOT).texts == ("a", "b")
    assert sound("['a', i.id]", i=ROOT).texts is None


class TestWhatIsCertain:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("i.maybe && upper(i.maybe)", "null text"),
            ("if(i.maybe, i.maybe, 'none')", "text"),
            ("if(!(i.maybe), 'none', i.maybe)", "text"),
            ("if(i.maybe_row, i.maybe_row.sku, 'none')", "text"),
            ("if(i.maybe_row.note == 'x', i.maybe_row.sku, 'none')", "text"),
            ("if(i.rows[0].note, i.rows[0].note, 'none')", "text"),
            ("if(length(i.maybe) > `0`, i.maybe, 'none')", "text"),
            ("if(length(i.maybe) >= `0`, i.maybe, 'none')", "null text"),
            ("if(i.maybe || i.flag, i.maybe, 'none')", "null text"),
            ("if(i.maybe == `null` || i.maybe == 'x', 'none', i.maybe)", "text"),
            ("i.row.{a: if(note, note, sku)}.a", "null text"),
            ("if(i.row.note, i.row.{a: note}.a, 'none')", "text"),
        ],
    )
    def test_by_a_condition(self, text: str, expected: str) -> None:
        assert kinds(sound(text, i=ROOT)) == expected

    def test_from_outside(self) -> None:
        assert kinds(inferred("i.maybe", i=ROOT, certain=frozenset({("i", "maybe")})).shape) == "text"
        typing = Typing({"a": nullable(TEXT)})
        assert typing.knowing(frozenset()) is typing
        known = typing.with_roots(b=TEXT).knowing(frozenset({("a",)}))
        assert kinds(infer("a", parse("a"), known).shape) == "text"
        assert kinds(infer("b", parse("b"), known).shape) == "text"

    def test_only_where_it_holds(self) -> None:
        assert kinds(sound("[i.maybe && `1`, i.maybe][1]", i=ROOT)) == "null number text"


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("i.maybe", True),
        ("i.rows[0].sku", False),
        ("i.maybe_rows[0].sku", True),
        ("x.y", False),
        ("i.table.x", False),
        ("i.row.note", True),
    ],
)
def test_nulls_that_somebody_spoke_of(text: str, declared: bool) -> None:
    assert null_declared(sound(text, i=ROOT, x=ANY)) is declared


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("i.idd", "GW226", "idd"),
        ("i.rows[*].skuu", "GW226", "skuu"),
        ("i.rows[?skuu].price", "GW226", "skuu"),
        ("sort_by(i.rows, &skuu)", "GW226", "skuu"),
        ("i.maybe_row.skuu", "GW226", "skuu"),
        ("steps.x", "GW220", "x"),
        ("i.rows.sku", "GW262", "sku"),
        ("i.id.x", "GW262", "x"),
        ("i.rows[*].{a: sku}.a", "GW262", "a"),  # braces end the projection, so that `.a` is read of the list
        ("i.row[*]", "GW261", "[*]"),
        ("i.id[?a]", "GW261", "[?"),
        ("i.row[]", "GW261", "[]"),
        ("i.rows.*", "GW261", ".*"),
        ("i.row[1:].sku", "GW261", "[1:]"),
        ("i.row[0]", "GW263", "[0]"),
        ("i.rows[?note][0]", "GW263", "[0]"),
        ("i.rows[?note][0].sku", "GW263", "[0]"),
        ("i.id == i.count", "GW264", "i.id == i.count"),
        ("upper(i.rows)", "GW204", "i.rows"),
    ],
)
def test_faults(text: str, code: str, where: str) -> None:
    found = fault(text, i=ROOT, steps=object_of({"a": TEXT}))
    assert (found.code, marked(text, found)) == (code, where)
    assert found.severity == "error"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("i.idd", "unknown field `idd` of `i`"),
        ("i.rows[*].skuu", "unknown field `skuu` of an item of `i.rows`"),
        ("i.rows[0].skuu", "unknown field `skuu` of `i.rows[0]`"),
        ("index_by(i.rows, &skuu)", "unknown field `skuu` of an item of `i.rows`"),
        ("i.rows[*].sku | a", "what stands before `|` is a list and has no field `a`"),
        ("i.rows[*].sku[0]", "`sku` of an item of `i.rows` is a text and has no item 0"),
    ],
)
def test_what_a_fault_names(text: str, words: str) -> None:
    assert fault(text, i=ROOT).message == words


def test_a_fault_is_told_once() -> None:
    assert len(inferred("i.nowhere.at.all[0].x[*].y", i=ROOT).faults) == 1
    assert len(inferred("i.id.at.all[0].x[*].y", i=ROOT).faults) == 1


def test_names_that_the_element_has() -> None:
    def heads(text: str) -> Inferred:
        shapes = {"rows": list_of(object_of({"user": TEXT})), "user": TEXT}
        return infer(text, parse(text), Typing(shapes))

    assert heads("rows[?user == 'a']").element_fields == {6}
    assert heads("rows[?rows]").element_fields == frozenset()
    assert [each.code for each in heads("rows[?rows]").faults] == ["GW226"]


@pytest.mark.parametrize("text", ["x.a.b", "x[?a].b", "x.*.a", "merge(x, i.row).anything", "i.table.anything", "from_json(i.id).a[0].b"])
def test_of_what_nothing_is_known_nothing_is_wrong(text: str) -> None:
    assert inferred(text, i=ROOT, x=ANY).faults == []


def test_a_member_that_isnt_known_is_of_the_objects_classes() -> None:
    secret = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, listed=True, labels=PII)
    assert classes(inferred("s.nothing", s=secret).shape.labels) == {"pii"}


def test_classes_follow_what_is_read() -> None:
    schema = objects("email name", email={"type": "string", "classification": "pii"}, name="string")
    shape = sound("{a: i.people[*].{n: name, e: email}, b: i.people[0].name}", i=objects("people", people=lists(schema)))
    assert classes(every_label(shape)) == {"pii"}
    assert every_label(shape.member("b") or ANY) == frozenset()
    people = (shape.member("a") or ANY).items
    assert classes((people.member("e") or ANY).labels) == {"pii"}
    assert (people.member("n") or ANY).labels == frozenset()


def test_a_root_that_isnt_known_is_anything() -> None:
    assert infer("nothing.at.all", parse("nothing.at.all"), Typing({})).shape is not None
    assert kinds(infer("nothing", parse("nothing"), Typing({})).shape) == "any"
    assert kinds(shape_of(True)) == "any"
