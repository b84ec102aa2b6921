"""Which kind a document is."""

from __future__ import annotations

import pytest

from gateway.config.kinds import Family, kind_among, kind_problem
from tests.config.yaml_texts import document


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("intent: a\nsteps: {}\n", "intent"),
        ("intent: a\nroute: b\n", "route"),
        ("route: b\nintent: a\n", "route"),
        ("source: a\ntype: http\n", "source"),
        ("transform: a\n", "transform"),
        ("policy: roles\n", "policy"),
        ("test: a\n", "test"),
        ("gateway: a\n", "gateway"),
        ("intnet: a\n", None),
        ("{}", None),
    ],
)
def test_the_key_tells(text: str, kind: str | None) -> None:
    assert kind_among(document(text).data) == kind


def shown(text: str, *families: Family) -> tuple[str, int, int, str, str | None] | None:
    found = document(text)
    problem = kind_problem(found, kind_among(found.data), frozenset(families))
    return problem and (problem.code, problem.place.line, problem.place.column, problem.message, problem.hint)


@pytest.mark.parametrize(
    ("text", "family"), [("intent: a", "specs"), ("policy: a", "policies"), ("test: a", "tests"), ("gateway: a", "gateway")]
)
def test_what_is_at_home_has_no_problem(text: str, family: Family) -> None:
    assert shown(text, family) is None
    assert shown(text, "specs", "policies", "tests", "gateway") is None


@pytest.mark.parametrize(
    ("text", "family", "hint"),
    [
        ("policy: roles", "specs", "put it in a folder of `policies`"),
        ("intent: a", "policies", "put it in a folder of `specs`"),
        ("test: a", "specs", "put it in a file `*.test.yaml`"),
        ("source: a", "gateway", "put it in a folder of `specs`"),
        ("gateway: a", "specs", "put it in `gateway.yaml`"),
    ],
)
def test_what_is_in_the_wrong_file(text: str, family: Family, hint: str) -> None:
    found = shown(text, family)
    assert found is not None
    assert (found[0], found[4]) == ("GW122", hint)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("intent: a\nsource: b\n", 2, "this document is of the kind `intent` and of the kind `source` at once"),
        ("source: b\nx: 1\nintent: a\n", 3, "this document is of the kind `source` and of the kind `intent` at once"),
        ("route: b\ntransform: a\nintent: c\n", 2, "this document is of the kind `route` and of the kind `transform` at once"),
    ],
)
def test_what_is_two_at_once_lacks_a_line(text: str, line: int, message: str) -> None:
    assert shown(text, "specs") == ("GW121", line, 1, message, "split two documents by a line with `---`")


@pytest.mark.parametrize(
    ("text", "family", "line", "hint"),
    [
        ("intnet: a\nsteps: {}\n", "specs", 1, "did you mean `intent`?"),
        ("version: 1\nIntent: a\n", "specs", 2, "did you mean `intent`?"),
        ("sources: a\n", "specs", 1, "did you mean `source`?"),
        ("polcy: a\n", "policies", 1, "did you mean `policy`?"),
        ("gatway: a\n", "gateway", 1, "did you mean `gateway`?"),
        ("x: 1\ny: 2\n", "specs", 1, "name it first, as in `intent: <name>`"),
        ("{}\n", "specs", 1, "name it first, as in `intent: <name>`"),
    ],
)
def test_what_says_nothing_is_asked_what_it_is(text: str, family: Family, line: int, hint: str) -> None:
    assert shown(text, family) == ("GW121", line, 1, "this document doesn't say what it is", hint)
