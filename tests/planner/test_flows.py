from __future__ import annotations

import time

from gateway.expressions import Label, Shape
from gateway.expressions.shape import ANY, LOST, OBJECT, TEXT, labelled, list_of, object_of, united
from gateway.planner.flows import Flow, flows_of

PII, SECRET = Label("pii", "crm: email"), Label("confidential", "crm: note")
EMAIL = labelled(TEXT, frozenset({PII}))


def found(shape: Shape) -> set[tuple[tuple[str, ...], frozenset[Label]]]:
    return {(flow.member, flow.labels) for flow in flows_of(shape, ("output",))}


def test_a_flow_is_where_a_class_begins() -> None:
    assert list(flows_of(EMAIL, ("output",))) == [Flow(("output",), (), frozenset({PII}))]
    note = labelled(TEXT, frozenset({SECRET}))
    shape = object_of({"id": TEXT, "mail": EMAIL, "notes": list_of(object_of({"text": note})), "both": labelled(note, frozenset({PII}))})
    assert found(shape) == {
        (("mail",), frozenset({PII})),
        (("notes", "[]", "text"), frozenset({SECRET})),
        (("both",), frozenset({PII, SECRET})),
    }


def test_what_is_in_a_classified_object_is_told_where_it_has_a_further_class() -> None:
    shape = labelled(object_of({"mail": EMAIL, "note": labelled(TEXT, frozenset({SECRET}))}), frozenset({PII}))
    assert found(shape) == {((), frozenset({PII})), (("note",), frozenset({SECRET}))}


def test_members_that_are_not_named() -> None:
    assert found(Shape(frozenset({"object"}), rest=EMAIL)) == {(("*",), frozenset({PII}))}
    assert found(united([list_of(EMAIL), TEXT])) == {(("[]",), frozenset({PII}))}
    assert found(ANY) == found(OBJECT) == found(TEXT) == set()


def test_equal_parts_are_told_under_each_of_their_names() -> None:
    """A mask may be for one of them only."""
    contact = object_of({"mail": EMAIL})
    assert {member for member, _ in found(object_of({"sender": contact, "payer": contact}))} == {("sender", "mail"), ("payer", "mail")}
    lists = object_of({"sent": list_of(contact), "paid": list_of(contact)})
    assert {member for member, _ in found(lists)} == {("sent", "[]", "mail"), ("paid", "[]", "mail")}
    classified = labelled(object_of({"in": contact}), frozenset({PII}))
    assert {member for member, _ in found(object_of({"a": classified, "in": contact}))} == {("a",), ("in", "mail")}


def test_what_contains_itself_has_an_end() -> None:
    def node(name: str) -> Shape:
        return EMAIL if name == "mail" else tree

    tree = Shape(frozenset({"object"}), names=("mail", "left", "right"), fields=node)
    assert {member[-1] for member, _ in found(tree)} == {"mail"}


def test_what_is_too_large_to_follow_counts_as_of_a_class_that_nobody_is_cleared_for() -> None:
    def endless() -> Shape:
        return Shape(frozenset({"object"}), names=("a", "b"), fields=lambda _: endless())

    started = time.process_time()
    assert LOST in {label for _, labels in found(endless()) for label in labels}
    assert time.process_time() - started < 1
