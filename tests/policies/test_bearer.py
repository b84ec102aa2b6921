"""How tokens are presented."""

from __future__ import annotations

from hashlib import sha256

import pytest

from gateway.policies.bearer import LONGEST_VALUE, digest_of, token_in
from gateway.sdk import Unauthorized


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="),
        ("Basic abc", None),
        ("abc", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearer  abc", None),
        ("Bearer\tabc", None),
        ("Bearer abc def", None),
        ("Bearer abc, Bearer def", None),
        ("Bearer a=b", None),
        ("Bearer \u00e4", None),
        ("", None),
    ],
)
def test_the_word_bearer_and_a_token(value: str, token: str | None) -> None:
    assert token_in("authorization", value) == token


def test_another_header_has_the_token_alone() -> None:
    assert token_in("x-assertion", "a.b.c") == "a.b.c"
    assert token_in("x-assertion", "Bearer a.b.c") is None


def test_what_is_remembered_is_a_digest() -> None:
    assert digest_of("Bearer abc") == sha256(b"Bearer abc").digest()
    assert len({digest_of(value) for value in ("a", "\u20ac", "?", "\ud800")}) == 4


def test_too_long_is_refused_before_anything_is_done_with_it() -> None:
    digest_of("a" * LONGEST_VALUE)
    with pytest.raises(Unauthorized):
        digest_of("a" * (LONGEST_VALUE + 1))
