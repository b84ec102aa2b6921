from __future__ import annotations

import pytest

from gateway.expressions.narrowing import LIKELY, certain_where, path_of
from gateway.expressions.syntax import parse


def certain(text: str, *, holds: bool = True) -> set[str]:
    """The paths that can't be null, without those on the way to others."""
    found = certain_where(parse(text), holds=holds)
    assert all(path[:length] in found for path in found if path[0] != LIKELY for length in range(1, len(path)))
    ends = {path for path in found if not any(other[: len(path)] == path and other != path for other in found)}
    return {".".join(map(str, path)) for path in ends}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a[0].b[-1]", ("a", 0, "b", -1)),
        ("a[*].b", None),
        ("a[0:1]", None),
        ("a[?b].c", None),
        ("length(a)", None),
        ("a.{b: c}", None),
        ("'a'", None),
        ("a | b", None),
    ],
)
def test_paths(text: str, path: tuple[str | int, ...] | None) -> None:
    assert path_of(parse(text)) == path


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("a.b", {"a.b"}, set()),
        ("!(a.b)", set(), {"a.b"}),
        ("a && b", {"a", "b"}, set()),
        ("a || b", set(), set()),
        ("!(a) || !(b)", set(), {"a", "b"}),
        ("a.b || a.c", {"a"}, set()),
        ("a == 'x'", {"a"}, set()),
        ("'x' == a", {"a"}, set()),
        ("a != 'x'", set(), {"a"}),
        ("a == b", set(), set()),
        ("a == `null`", set(), {"a"}),
        ("a != `null`", {"a"}, set()),
        ("a < b", {"a", "b"}, set()),
        ("a >= `1`", {"a"}, set()),
        ("upper(a) == 'X'", {"a"}, set()),
        ("upper(a)", {"a"}, set()),
        ("starts_with(a, b)", {"a", "b"}, set()),
        ("starts_with(a, b) == `false`", {"a", "b"}, set()),
        ("contains(a, b)", {"a", "b"}, set()),
        ("contains(a, b) == `true`", {"a", "b"}, set()),
        ("contains(a, b) == `false`", set(), set()),
        ("contains(a, b) != `true`", set(), {"a", "b"}),
        ("coalesce(a, b)", set(), set()),
        ("to_json(a) == 'null'", set(), set()),
        ("nothing_like_this(a)", set(), set()),
        ("map(&x, a)", {"a"}, set()),
        ("a[*].b", set(), set()),
        ("'x'", set(), set()),
    ],
)
def test_conditions(text: str, holds: set[str], fails: set[str]) -> None:
    assert certain(text) == holds
    assert certain(text, holds=False) == fails


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("length(a) > `0`", {"a"}),
        ("`0` < length(a)", {"a"}),
        ("length(a) >= `1`", {"a"}),
        ("length(a) == `2`", {"a"}),
        ("length(a) >= `0`", set()),
        ("length(a) > `-1`", set()),
        ("length(a) == `0`", set()),
        ("length(a) < `3`", set()),
        ("length(a) > b", {"b"}),
        ("length(a)", set()),
    ],
)
def test_of_null_the_length_is_0(text: str, expected: set[str]) -> None:
    assert certain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status.s == 'ok'", {"?.steps.s"}),
        ("status.s == 'stale'", {"?.steps.s"}),
        ("status.s == 'skipped'", {"status.s"}),
        ("status.s != 'skipped'", {"?.steps.s"}),
        ("status.s != 'ok'", set()),
        ("status.s == `[]`", {"status.s"}),
        ("status.s == `{}`", {"status.s"}),
        ("status.s.t == 'ok'", {"status.s.t"}),
    ],
)
def test_what_a_steps_status_tells_of_its_value(text: str, expected: set[str]) -> None:
    assert certain(text) == expected
