"""`extends` for sources and intents."""

from __future__ import annotations

from typing import Any

from gateway.config.document import Document
from gateway.config.draft import Draft
from gateway.config.extends import extend
from gateway.config.kinds import kind_among
from gateway.config.nodes import plain
from gateway.config.strict_yaml import read_yaml
from gateway.sdk.problem import Place, Problem


def extended(text: str, broken: frozenset[tuple[str, str]] = frozenset()) -> tuple[list[Draft], list[Problem]]:
    yaml = read_yaml("a.yaml", text.encode())
    drafts: list[Draft] = []
    for raw in yaml.documents:
        assert raw.root is not None
        kind = kind_among(plain(raw.root))
        assert kind is not None
        drafts.append(Draft(kind, Document(raw.root, file="a.yaml"), raw.broken))
    return drafts, extend(drafts, broken)


def data(text: str) -> list[Any]:
    drafts, problems = extended(text)
    assert problems == []
    return [draft.document.data for draft in drafts]


def test_maps_merge_lists_replace_null_removes() -> None:
    base = "source: a\ntype: http\nheaders: {X: '1', Y: '2'}\nforward: [A, B]\nsummary: s\n"
    child = "source: b\nextends: a\nheaders: {Y: '3'}\nforward: [C]\nsummary: null\n"
    assert data(f"{base}---\n{child}")[1] == {"type": "http", "headers": {"X": "1", "Y": "3"}, "forward": ["C"], "source": "b"}


def test_places_are_those_of_each_value() -> None:
    drafts, _ = extended("source: a\ntype: http\ntimeout: 1s\n---\nsource: b\nextends: a\ntimeout: 2s\n")
    found = drafts[1].document
    assert found.place(("type",)) == Place("a.yaml", 2, 7, 11)
    assert found.place(("timeout",)) == Place("a.yaml", 7, 10, 12)
    assert found.place(("source",)) == Place("a.yaml", 5, 9, 10)
    assert found.place(()) == Place("a.yaml", 5, 1, 7)


def test_chains_in_any_order() -> None:
    texts = ["source: c\nextends: b\nc: 3\n", "source: a\na: 1\n", "source: b\nextends: a\nb: 2\n"]
    assert data("---\n".join(texts))[0] == {"a": 1, "b": 2, "source": "c", "c": 3}


def test_a_long_chain_needs_no_stack() -> None:
    texts = ["source: s0\ntype: http\n"] + [f"source: s{n}\nextends: s{n - 1}\n" for n in range(1, 900)]
    assert data("---\n".join(reversed(texts)))[0] == {"type": "http", "source": "s899"}


def test_kinds_are_apart() -> None:
    drafts, problems = extended("source: a\n---\nintent: b\nextends: a\n")
    assert [problem.message for problem in problems] == ["there is no intent `a` to extend"]
    assert drafts[1].failed


def test_a_version_extends_the_one_before_it() -> None:
    texts = ["version: 1\nx: 1\n", "version: 2\nx: 2\n", "version: 3\nextends: a\n"]
    found = data("---\n".join([*(f"intent: a\n{text}" for text in texts), "intent: b\nextends: a\n"]))
    assert found[2] == {"x": 2, "intent": "a", "version": 3}
    assert found[3] == {"x": 2, "intent": "b", "version": 3}


def test_unknown_names_are_told_with_what_was_meant() -> None:
    drafts, (problem,) = extended("source: orders\n---\nsource: b\nextends: order\n")
    assert (problem.code, problem.place, problem.hint) == ("GW123", Place("a.yaml", 4, 10, 15), "did you mean `orders`?")
    assert drafts[1].failed
    assert drafts[1].is_broken_at(("type",))
    assert not drafts[0].failed


def test_circles_are_told_once_and_break_what_leads_to_them() -> None:
    drafts, (problem,) = extended(
        "source: d\nextends: a\n---\nsource: a\nextends: b\n---\nsource: b\nextends: c\n---\nsource: c\nextends: a\n"
    )
    assert (problem.code, problem.message) == ("GW124", "`extends` runs in a circle: `a` → `b` → `c` → `a`")
    assert all(draft.failed for draft in drafts)


def test_itself_is_a_circle() -> None:
    _, (problem,) = extended("source: a\nextends: a\n")
    assert problem.message == "`extends` runs in a circle: `a` → `a`"
    _, (problem,) = extended("intent: a\nextends: a\n---\nintent: a\nversion: 2\n")
    assert problem.code == "GW124"


def test_what_extends_something_broken_fails_without_a_word() -> None:
    drafts, problems = extended("source: b\nextends: a\n", frozenset({("source", "a")}))
    assert (problems, drafts[0].failed) == ([], True)
    drafts, problems = extended("source: a\nx: 007\n---\nsource: b\nextends: a\n")
    assert (problems, drafts[1].failed) == ([], True)


def test_what_is_no_name_is_left_to_the_schema() -> None:
    drafts, problems = extended("source: a\nextends: [b]\n")
    assert (problems, drafts[0].failed, drafts[0].document.data) == ([], False, {"source": "a", "extends": ["b"]})


def test_extending_something_huge_many_times_is_refused() -> None:
    base = "source: a\nx: [" + "1, " * 60_000 + "]\n"
    children = "".join(f"---\nsource: b{n}\nextends: a\n" for n in range(20))
    drafts, problems = extended(base + children)
    assert {problem.code for problem in problems} == {"GW011"}
    assert [draft.failed for draft in drafts] == [False, False, *[True] * 19]
