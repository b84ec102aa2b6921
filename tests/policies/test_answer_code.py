"""The bytes of a kept answer: the same on the other side, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.answer_code import Address, AnswerCode
from gateway.policies.keeping import RESULT
from gateway.sdk import Response, Result, SystemClock
from gateway.sdk.kept import Absence, Kept

data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def code() -> AnswerCode[Result]:
    return AnswerCode(RESULT, SystemClock())


def kept_of(result: Result | None, **more: Any) -> Kept[Result]:
    clock = SystemClock()
    return Kept(result, clock.monotonic() - 2, clock.now().timestamp(), 60.0, 5.0, 7.0, tenant="acme", tags=("a", "b"), **more)


def through(kept: Kept[Result], whose: bytes = b"w" * 32) -> Kept[Result] | None:
    written = code().write(whose, kept, None if kept.content is None else RESULT.pack(kept.content))
    assert written is not None
    return code().read(whose, written)


@settings(max_examples=60)
@given(data, data, st.dictionaries(st.text(), st.text(), max_size=3))
def test_what_is_written_is_read(value: Any, body: Any, headers: dict[str, str]) -> None:
    kept = kept_of(Result(value, Response(body, 203, headers)), etag='"v"', modified="then", validators=9.0)
    read = through(kept)
    assert read is not None
    assert read.born == pytest.approx(kept.born, abs=0.5)
    read.born = kept.born
    assert read == kept


def test_an_absence_is_written_and_read() -> None:
    read = through(kept_of(None, absence=Absence("Gone.", 404, "E1")))
    assert read is not None
    assert (read.content, read.absence) == (None, Absence("Gone.", 404, "E1"))


def test_what_is_of_no_use_any_more_is_not_read() -> None:
    kept = kept_of(Result(1, Response(1)))
    kept.born -= 70
    assert through(kept) is None


def test_an_answer_from_the_future_is_as_new_as_can_be() -> None:
    kept = kept_of(Result(1, Response(1)))
    kept.born += 3600
    read = through(kept)
    assert read is not None
    assert SystemClock().monotonic() - read.born == pytest.approx(0, abs=0.5)


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"\x01" + rest))
def test_no_bytes_do_any_harm(written: bytes) -> None:
    assert code().read(b"w" * 32, written) is None


def test_it_is_nobody_elses() -> None:
    result = Result({"a": 1}, Response({"a": 1}))
    written = code().write(b"w" * 32, kept_of(result), RESULT.pack(result))
    assert written is not None
    assert code().read(b"w" * 32, written) is not None
    assert code().read(b"x" * 32, written) is None


def test_an_address_tells_names_revisions_and_keys_apart() -> None:
    several = [("a", b"", ("k",)), ("b", b"", ("k",)), ("a", b"1", ("k",)), ("a", b"", ("l",)), ("a", b"", (b"k",)), ("a", b"", (("k",),))]
    addresses = [Address(*each) for each in several]
    assert len({address.key for address in addresses}) == len({address.whose for address in addresses}) == len(several)
    assert Address(*several[0]).key == addresses[0].key


@pytest.mark.parametrize("value", [2**70, object()])
def test_what_has_no_form_is_not_written(value: Any) -> None:
    result = Result(value, Response(value))
    assert code().write(b"w" * 32, kept_of(result), RESULT.pack(result)) is None
