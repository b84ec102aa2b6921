from __future__ import annotations

from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    INTEGER,
    NOTHING_BUT_NULL,
    NUMBER,
    OBJECT,
    TEXT,
    Label,
    Shape,
    constant,
    every_label,
    labelled,
    list_of,
    merged,
    null_declared,
    nullable,
    object_of,
    united,
)
from gateway.expressions.shape_union import bare, part_key
from tests.expressions.inferring import PII, classes, kinds, shape_of

PUBLIC = frozenset({Label("public", "there")})


def listed(**members: Shape) -> Shape:
    """An object of which a backend may send more."""
    return Shape(frozenset({"object"}), names=members, fields=members.__getitem__, listed=True)


class TestLabelled:
    def test_all_that_is_inside(self) -> None:
        shape = labelled(object_of({"a": TEXT, "b": list_of(TEXT)}), PII)
        assert (shape.member("a") or ANY).labels == PII
        assert (shape.member("b") or ANY).items.labels == PII
        assert shape.names == ("a", "b")
        assert shape.member("c") is None

    def test_a_member_with_a_class_of_its_own_too(self) -> None:
        shape = Shape(frozenset({"object"}), names=("a",), fields=lambda _: labelled(TEXT, PUBLIC), labels=PII)
        assert (labelled(shape, PII).member("a") or ANY).labels == PII | PUBLIC

    def test_further_members(self) -> None:
        table = labelled(Shape(frozenset({"object"}), rest=TEXT), PII)
        assert table.rest.labels == PII
        assert (table.member("x") or ANY).labels == PII
        assert not labelled(object_of({}), PII).open

    def test_what_may_be_missing_still_may(self) -> None:
        shape = labelled(Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, needed=()), PII)
        assert kinds(shape.member("a") or ANY) == "null text"

    def test_anything(self) -> None:
        shape = labelled(ANY, PII)
        assert not shape.known
        assert ((shape.member("x") or TEXT).items.member("y") or TEXT).labels == PII
        assert every_label(shape) == PII

    def test_nothing_new_is_nothing_made(self) -> None:
        text, deep = labelled(TEXT, PII), labelled(list_of(TEXT), PII)
        assert labelled(text, PII) is text
        assert labelled(list_of(TEXT), frozenset()).labels == frozenset()
        assert labelled(deep, PII).inside is deep.inside
        assert labelled(labelled(deep, PUBLIC), PII).items.labels == PII | PUBLIC

    def test_each_of_several(self) -> None:
        shape = labelled(united([object_of({"a": TEXT}), list_of(TEXT)]), PII)
        assert (shape.member("a") or ANY).labels == PII
        assert shape.items.labels == PII


class TestUnited:
    def test_of_none_and_of_one(self) -> None:
        assert united([]) is NOTHING_BUT_NULL
        assert united([TEXT]) is TEXT
        assert united([TEXT, TEXT]) is TEXT

    def test_kinds(self) -> None:
        assert kinds(united([TEXT, NUMBER, nullable(BOOLEAN)])) == "boolean null number text"
        assert kinds(united([TEXT, ANY])) == "any"
        assert kinds(united([Shape(frozenset()), TEXT])) == "text"

    def test_a_member_that_only_one_has_may_be_null(self) -> None:
        shape = united([object_of({"a": TEXT, "b": TEXT}), object_of({"a": NUMBER})])
        assert kinds(shape.member("a") or ANY) == "number text"
        assert kinds(shape.member("b") or ANY) == "null text"
        assert null_declared(shape.member("b") or ANY)
        assert shape.member("c") is None
        assert shape.names == ("a", "b")

    def test_a_member_that_one_need_not_have_may_be_missing(self) -> None:
        unsure = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, needed=(), vague=True)
        member = united([unsure, object_of({"a": NUMBER})]).member("a") or ANY
        assert kinds(member) == "null number text"
        assert not null_declared(member)

    def test_a_member_that_another_may_send_unasked_is_of_its_classes(self) -> None:
        other = Shape(frozenset({"object"}), names=("b",), fields=lambda _: TEXT, listed=True, labels=PII)
        assert (united([object_of({"a": TEXT}), other]).member("a") or ANY).labels == PII

    def test_an_open_one_opens_all(self) -> None:
        shape = united([object_of({"a": TEXT}), Shape(frozenset({"object"}), rest=NUMBER)])
        assert shape.open
        assert kinds(shape.member("x") or ANY) == "null number"
        assert kinds(shape.member("a") or ANY) == "null number text"

    def test_each_counts_for_its_own_kinds_only(self) -> None:
        both = Shape(frozenset({"object", "array"}), names=("a",), fields=lambda _: TEXT, items=NUMBER)
        shape = united([both.replaced(frozenset({"array"})), object_of({"b": TEXT}), TEXT])
        assert shape.names == ("b",)
        assert shape.member("a") is None
        assert kinds(shape.items) == "number"
        assert kinds(shape) == "array object text"

    def test_fewer_kinds_of_several(self) -> None:
        shape = united([object_of({"a": TEXT}), list_of(NUMBER)])
        again = united([shape.replaced(frozenset({"array"})), TEXT])
        assert again.names == ()
        assert kinds(again.items) == "number"

    def test_nothing_that_was_known_of_classes_is_lost(self) -> None:
        secret = object_of({"email": labelled(TEXT, PII)})
        for shape in (united([ANY, secret]), united([secret, ANY]), united([list_of(secret), ANY, NOTHING_BUT_NULL])):
            assert kinds(shape) == "any"
            assert every_label(shape) == PII
        assert (united([ANY, secret]).member("email") or ANY).labels == PII

    def test_of_anything_that_is_classified_the_inside_is_too(self) -> None:
        shape = united([labelled(ANY, PII), list_of(TEXT)])
        assert shape.items.labels == PII
        assert (shape.member("x") or TEXT).labels == PII

    def test_null_carries_no_class(self) -> None:
        assert united([labelled(NOTHING_BUT_NULL, PII), TEXT]).labels == frozenset()

    def test_null_is_declared_where_one_declares_it(self) -> None:
        assert null_declared(united([nullable(TEXT, declared=False), nullable(NUMBER)]))
        assert not null_declared(united([nullable(TEXT, declared=False), NUMBER]))
        assert null_declared(united([NOTHING_BUT_NULL, TEXT]))

    def test_constants(self) -> None:
        assert united([constant("a"), constant("b"), NOTHING_BUT_NULL]).values == {"a", "b"}
        assert united([constant("a"), BOOLEAN]).values == {"a"}
        assert united([constant("a"), NUMBER]).values is None
        assert united([INTEGER, TEXT]).whole
        assert not united([INTEGER, NUMBER]).whole

    def test_equal_parts_are_kept_once(self) -> None:
        node = shape_of({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}})
        one, other = node.member("a") or ANY, node.member("b") or ANY
        assert part_key(united([one, other, united([one, node])])) == part_key(node)

    def test_alternatives_are_no_conjunction(self) -> None:
        one, other = listed(a=nullable(TEXT)), listed(a=TEXT)
        alternatives, both = united([one, other]), merged(one, other)
        assert kinds(alternatives.member("a") or ANY) == "null text"
        assert kinds(both.member("a") or ANY) == "text"
        assert part_key(alternatives) != part_key(both)


class TestMerged:
    def test_members_of_either_are_known(self) -> None:
        shape = merged(listed(a=TEXT), listed(b=NUMBER))
        assert shape.names == ("a", "b")
        assert kinds(shape.member("a") or ANY) == "text"
        assert shape.member("c") is None
        assert shape.listed

    def test_kinds_of_both(self) -> None:
        assert kinds(merged(nullable(TEXT), TEXT)) == "text"
        assert kinds(merged(TEXT, NUMBER)) == "any"
        assert kinds(merged(listed(a=nullable(TEXT)), listed(a=TEXT)).member("a") or ANY) == "text"

    def test_what_one_needs_is_there(self) -> None:
        one = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, needed=(), listed=True)
        other = Shape(frozenset({"object"}), needed=("a",), rest=ANY, listed=True)
        assert kinds(merged(one, other).member("a") or ANY) == "text"
        assert kinds(merged(other, one).member("a") or ANY) == "text"
        assert null_declared(merged(one, one).member("a") or ANY)

    def test_of_what_nothing_is_known_only_new_classes_count(self) -> None:
        shape = object_of({"a": TEXT})
        assert merged(ANY, shape) is shape
        assert merged(shape, ANY) is shape
        assert (merged(labelled(ANY, PII), shape).member("a") or ANY).labels == PII
        own = Shape(frozenset({"object"}), names=("a",), fields=lambda _: labelled(TEXT, PUBLIC), labels=PII)
        assert (merged(labelled(ANY, PII), own).member("a") or ANY).labels == PUBLIC

    def test_one_that_refuses_more_closes_both(self) -> None:
        shape = merged(object_of({"a": TEXT}), Shape(frozenset({"object"}), rest=TEXT))
        assert not shape.open
        assert not shape.listed
        assert shape.member("x") is None

    def test_more_in_so_many_words_is_more(self) -> None:
        shape = merged(listed(a=TEXT), Shape(frozenset({"object"}), rest=NUMBER))
        assert shape.open
        assert not shape.listed
        assert kinds(shape.member("x") or ANY) == "null number"

    def test_where_neither_says_anything_more_may_be_there(self) -> None:
        vague = Shape(frozenset({"object"}), rest=ANY, listed=True)
        shape = merged(vague, Shape(frozenset({"object"}), rest=ANY, listed=True))
        assert (shape.open, shape.listed) == (True, True)
        assert not merged(vague, listed(a=TEXT)).open

    def test_a_class_of_further_members_holds_for_those_that_the_other_names(self) -> None:
        shape = merged(listed(a=TEXT), Shape(frozenset({"object"}), rest=labelled(TEXT, PII)))
        assert (shape.member("a") or ANY).labels == PII

    def test_items_and_constants(self) -> None:
        assert kinds(merged(list_of(nullable(TEXT)), list_of(TEXT)).items) == "text"
        assert merged(constant("a"), TEXT).values == {"a"}
        assert merged(TEXT, constant("a")).values == {"a"}
        assert merged(constant("a"), constant("b")).values is None
        assert merged(INTEGER, NUMBER).whole

    def test_contradictions_say_nothing(self) -> None:
        shape = merged(OBJECT, list_of(labelled(TEXT, PII)))
        assert kinds(shape) == "any"
        assert classes(every_label(shape)) == {"pii"}


def test_bare() -> None:
    assert bare(ANY)
    assert bare(labelled(ANY, PII))
    assert not bare(united([ANY, OBJECT]))
    assert not bare(OBJECT)
