"""Syntax errors in our words, at the right character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.syntax import quoted
from tests.config.yaml_texts import read


def first(text: str) -> tuple[str, int, int, str, str | None]:
    problem = read(text).problems[0]
    return problem.code, problem.place.line, problem.place.column, problem.message, problem.hint


@pytest.mark.parametrize(
    ("text", "line", "column", "value"),
    [
        ("check: !contains(x, y) && z\n", 1, 8, "!contains(x, y) && z"),
        ("a: 1\nwhen: !a || b\n", 2, 7, "!a || b"),
        ("a: `x`\n", 1, 4, "`x`"),
        ("a: %d items\n", 1, 4, "%d items"),
        ("- x: @name\n", 1, 6, "@name"),
        ("a: *\n", 1, 4, "*"),
        ("fields: [*.iban, b]\n", 1, 10, "*.iban"),
        ("a: {b: @c, d: 1}\n", 1, 8, "@c"),
        ("a:\n  - %x\n", 2, 5, "%x"),
        ("a: [`b`]\n", 1, 5, "`b`"),
        ("with: {order_id: ${ input.order_id }}\n", 1, 18, "${ input.order_id }"),
        ("with: {a: 1, b: ${ x }, c: 2}\n", 1, 17, "${ x }"),
        ("l: [${ a }, b]\n", 1, 5, "${ a }"),
        ("match: {method: GET, path: /orders/{order_id}}\n", 1, 28, "/orders/{order_id}"),
        ("a: {b: x[0]}\n", 1, 8, "x[0]"),
    ],
)
def test_values_that_have_to_be_quoted(text: str, line: int, column: int, value: str) -> None:
    message = f"YAML can't read an unquoted value like `{value}`"
    assert first(text) == ("GW014", line, column, message, f'quote it: "{value}"')


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: b: c\n", 1, 5, "a second `: ` in one line"),
        ("a: ${ x == 'b: c' }\n", 1, 14, "a second `: ` in one line"),
        ("a: 1\n  b: 2\n", 2, 4, "this line continues the value above it"),
        (" a: 1\nb: 2\n", 2, 1, "this line doesn't belong to the document above it"),
        ("a:\n\tb: 1\n", 2, 1, "a tab where only spaces may stand"),
        ("a: [1, 2\n", 1, 4, "this `[` is never closed"),
        ("a: {b: 2\n\n\n", 1, 4, "this `{` is never closed"),
        ("a: 'b\nc: d\n", 1, 4, "a quote is never closed"),
        ('a: "b\n', 1, 4, "a quote is never closed"),
        ("a: [1\nb: 2\n", 1, 4, "this `[` is never closed"),
        ("a:\n  b: {c: d\n  e: f\n", 2, 6, "this `{` is never closed"),
        ("a: {b: c,\n  d: e\n  f: g}\n", 3, 4, "a `,` or `}` is missing here"),
        ('a: "x" y\n', 1, 8, "a text ends at its closing quote"),
        ("a: ['it's']\n", 1, 9, "a text ends at its closing quote"),
        ('a: "x\nb: "y"\n', 1, 4, "this quote is closed only in line 2"),
        ("a: 'x\nb: {c: 'y'}\n", 1, 4, "this quote is closed only in line 2"),
        ("a: b\nc:2s\n", 2, 2, "a space is missing behind this `:`"),
        ("a: b\nc:{d: [e]}\n", 2, 2, "a space is missing behind this `:`"),
        ("a: b\nhttp://c\n", 2, 1, "a `:` is missing behind this key"),
        ("a:\n  - b: c\n  -d\n", 3, 3, "a space is missing behind this `-`"),
        ("a:\n  - b\n  c: d\n", 3, 3, "this line doesn't fit the list that it stands in"),
        ('a: "\\q"\n', 1, 5, "an unknown escape in a double-quoted text"),
        ('a: "\\ud800"\n', 1, 7, "an escape that is no Unicode character"),
        ('a: "\\xZZ"\n', 1, 7, "an escape that lacks hexadecimal digits"),
        ("a: |x\n  b\n", 1, 5, "only a comment may follow `|` or `>` here"),
        ("a: b\nc\nd: e\n", 2, 1, "a `:` is missing behind this key"),
        (": 1\n", 1, 1, "a key is missing before this `:`"),
        ("a: {b: 1, : 2}\n", 1, 11, "a key is missing before this `:`"),
        ("a: - b\n", 1, 4, "a list can't start here"),
        ("a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> x\n", 2, 1, "a conflict of a merge that is not resolved"),
        ("a:\n  b: c\n=======\n  d: e\n", 3, 1, "a conflict of a merge that is not resolved"),
    ],
)
def test_other_errors(text: str, line: int, column: int, message: str) -> None:
    assert first(text)[:4] == ("GW003", line, column, message)


def test_a_bracket_some_lines_above_is_named() -> None:
    assert first("a: [1,\n  b\n  c: d]\n")[4] == "or the `[` some lines above lacks its `]`"


def test_what_needs_escapes_is_not_shown_quoted() -> None:
    assert quoted('a "b"') == quoted("it's") == quoted("x" * 100) == 'quote the value: "…"'


def test_a_long_value_is_cut() -> None:
    assert len(first("a: @" + "x" * 10_000)[3]) < 200


@given(st.text(alphabet="ab:-?!%@*&`{}[]'\"|>#, \n", max_size=30))
def test_errors_are_placed_in_the_text_and_in_our_words(text: str) -> None:
    for problem in read(text).problems:
        assert 1 <= problem.place.line <= text.count("\n") + 1
        assert "expected" not in problem.message
        assert "scanning" not in problem.message
        assert problem.message != "this is not YAML" or problem.code == "GW003"
