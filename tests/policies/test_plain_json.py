"""JSON on which decisions rest has one reading."""

from __future__ import annotations

import pytest

from gateway.policies.plain_json import DEEPEST, NotPlain, plain_object


def test_an_object_is_what_it_says() -> None:
    assert plain_object('{"a":[1,2.5,"\u00e4",null,true],"b":{}}'.encode()) == {"a": [1, 2.5, "\u00e4", None, True], "b": {}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"a":1,"a":1}', "twice"),
        (b'{"x":[{"a":1,"\\u0061":1}]}', "twice"),
        (b"[]", "object"),
        (b'"a"', "object"),
        (b"", "valid"),
        (b"{", "valid"),
        (b'{"a":NaN}', "valid"),
        (b'{"a":-Infinity}', "valid"),
        (b'{"a":1e999}', "valid"),
        (b'{"a":"\\udc00"}', "valid"),
        (b'{"a":"\xff"}', "valid"),
        (b'{"a":%s}' % (b"1" * 5000), "valid"),
        (b"[" * 100_000, "valid"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "deeply"),
    ],
)
def test_everything_else_is_refused(text: bytes, told: str) -> None:
    with pytest.raises(NotPlain, match=told):
        plain_object(text)


def test_depth_has_a_bound() -> None:
    assert plain_object(b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST)
