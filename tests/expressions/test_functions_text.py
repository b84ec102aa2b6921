from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.functions_text import pattern
from tests.expressions.evaluation import fails, of


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("upper('aß')", "ASS"),
        ("lower('ÄB')", "äb"),
        ("title('don\\'t STOP the_music')", "Don't Stop The_music"),
        ("title('élan vital')", "Élan Vital"),
        ("trim('  a b \n')", "a b"),
        ("split('a,b,,c', ',')", ["a", "b", "", "c"]),
        ("split('abc', '')", ["a", "b", "c"]),
        ("split('', ',')", [""]),
        ("join(', ', ['a', 'b'])", "a, b"),
        ("join('-', [`1`, `true`, 'x'])", "1-true-x"),
        ("join('-', `[]`)", ""),
        ("join('-', ['a', `null`])", None),
        ("replace('a-b-c', '-', '+')", "a+b+c"),
        ("replace('abc', '', 'x')", "abc"),
        ("replace('a.c', '.', '')", "ac"),
        ("concat('a', `1`, `true`, `[1,{\"b\":null}]`)", 'a1true[1,{"b":null}]'),
        ("concat('a', `null`)", None),
        ("substring('hello', `1`)", "ello"),
        ("substring('hello', `1`, `3`)", "el"),
        ("substring('hello', `-3`)", "llo"),
        ("substring('hello', `0`, `-1`)", "hell"),
        ("substring('hello', `9`)", ""),
        ("substring(`12345`, `0`, `2`)", "12"),
        ("pad('7', `3`, '0')", "007"),
        ("pad(`7`, `3`)", "  7"),
        ("pad('ab', `-4`, '.')", "ab.."),
        ("pad('abcd', `2`)", "abcd"),
        ("starts_with('abc', 'ab')", True),
        ("ends_with('abc', 'ab')", False),
        ("starts_with(`123`, '12')", True),
        ("matches('order 1007', '[0-9]{4}')", True),
        ("matches('order 1007', '^[0-9]+$')", False),
        ("matches(`1007`, '^[0-9]+$')", True),
        ("matches('Ä', '^\\p{Lu}$')", True),
        ("mask('4111111111111111', 'last4')", "************1111"),
        ("mask('1234', 'last4')", "****"),
        ("mask('', 'last4')", ""),
        ("mask('Ann', 'partial')", "***"),
        ("mask('ann@acme.example', 'partial')", "an************le"),
        ("mask('x', 'remove')", None),
        ("mask('abc', 'hash')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("url_encode('a b/c?d=é&~')", "a%20b%2Fc%3Fd%3D%C3%A9%26~"),
        ("reverse('abc')", "cba"),
        ("reverse(`[1,2]`)", [2, 1]),
        ("length('äö')", 2),
        ("length(`[1,2]`)", 2),
        ('length(`{"a":1}`)', 1),
        ("to_string('a')", "a"),
        ("to_string(`1.5`)", "1.5"),
        ("to_string(`true`)", "true"),
        ('to_string(`{"é":[1,null]}`)', '{"é":[1,null]}'),
    ],
)
def test_values(text: str, result: Any) -> None:
    answer = of(text)
    assert answer == result
    assert type(answer) is type(result)


@pytest.mark.parametrize("name", ["upper", "lower", "title", "trim", "sha256", "url_encode"])
def test_lists_and_objects_are_no_text(name: str) -> None:
    assert fails(f"{name}(input.x)", x=[1]) == f"{name}() needs a text."
    assert fails(f"{name}(input.x)", x={"a": 1}) == f"{name}() needs a text."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length(`5`)", "length() needs a text, a list or an object."),
        ("reverse(`5`)", "reverse() needs a text or a list."),
        ("join(',', 'abc')", "join() needs a text and a list."),
        ("pad('a', `3`, 'xy')", "pad() needs one character to fill with."),
        ("pad('a', 'b')", "pad() needs numbers."),
        ("substring('a', `0.5`)", "substring() needs a whole number."),
        ("mask('a', input.kind)", "mask() needs a kind: hash, last4, partial, remove."),
        ("sha256(input.half)", "An expression could not be evaluated: a value of the wrong kind."),
        ("matches(input.half, 'a')", "An expression could not be evaluated: a value of the wrong kind."),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text, kind="all", half="\ud800") == message


@pytest.mark.parametrize(
    "text",
    [
        "pad('a', `5000000`)",
        "replace(input.x, 'x', input.x)",
        "join(input.x, range(`1000`))",
        "concat(input.x, input.x, input.x, input.x, input.x)",
        "split(input.x, '')",
        "url_encode(input.y)",
    ],
)
def test_long_results_are_refused(text: str) -> None:
    assert "more work" in fails(text, x="x" * 1_000_000, y=" " * 2_000_000)


def test_matching_takes_linear_time() -> None:
    assert of("matches(input.x, '^(a+)+$')", x="a" * 50_000 + "b") is False


@pytest.mark.parametrize(
    ("written", "reason"), [("(", "missing )"), ("(?=a)", "invalid perl"), (5, "is a text"), ("((a{100}){100}){100}", "rep")]
)
def test_a_bad_pattern_is_explained(written: Any, reason: str) -> None:
    with pytest.raises(ValueError, match="regular expression") as caught:
        pattern(written)
    assert reason in str(caught.value)
