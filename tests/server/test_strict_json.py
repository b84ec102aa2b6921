"""JSON without surprises."""

from __future__ import annotations

import contextlib
import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import Malformed
from gateway.server.strict_json import DEEPEST, MOST_CONTAINERS, strict_json

REFUSED = {
    "nothing": b"",
    "white space": b"  ",
    "two values": b"{} {}",
    "cut off": b'{"a": ',
    "byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "out of range": b'{"a": 1e400}',
    "endless integer": b"1" * 5000,
    "leading zero": b'{"a": 01}',
    "trailing comma": b"[1,]",
    "comment": b"{} // done",
    "single quotes": b"{'a': 1}",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate in front": b'{"a": "\\ud800abc"}',
    "lone low surrogate": b'{"a": "\\udc00"}',
    "control character": b'"\x00"',
    "member twice": b'{"a": 1, "a": 2}',
    "member twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "member twice, deep": b'{"x": [{"y": {"a": 1, "b": "::", "a": 1}}]}',
    "member twice, with a colon": b'{"a:b": 1, "a:b": ":"}',
    "too deep": b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    "far too deep": b"[" * 49_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "too many lists": b"[" + b"[]," * MOST_CONTAINERS + b"[]]",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        strict_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b'{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}',
        b'{"a:": ":\\":", "b\\\\": ":"}',
        b'{"": 1, ":": {}}',
        b'{"a": "\\ud83d\\ude00", "n": 123456789012345678901234567890}',
        b"[" * DEEPEST + b"]" * DEEPEST,
    ],
)
def test_it_is_read_as_everybody_reads_it(body: bytes) -> None:
    assert strict_json(body) == json.loads(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_whatever_is_written_without_twins_is_read(value: object) -> None:
    assert strict_json(msgspec.json.encode(value)) == msgspec.json.decode(msgspec.json.encode(value))


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), min_size=1, max_size=5), st.data())
def test_a_twin_is_found_wherever_it_is(members: dict[str, str], data: st.DataObject) -> None:
    pairs = [*members.items()]
    twin = data.draw(st.sampled_from(pairs))
    pairs.insert(data.draw(st.integers(0, len(pairs))), twin)
    body = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs) + "}"
    with pytest.raises(Malformed):
        strict_json(body.encode())


@given(st.binary(max_size=100))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    try:
        strict_json(body)
    except Malformed:
        return
    json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"0," * 500_000 + b"0]",
        b"[" + b"[]," * (MOST_CONTAINERS - 2) + b"[]]",
        b'{"a": "' + b":" * 1_000_000 + b'"}',
        b'"' + b"\\\\" * 500_000 + b'":',
    ],
)
def test_a_megabyte_does_not_hold_up_the_loop(body: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(Malformed):
        strict_json(body)
    assert time.process_time() - started < 0.2
