"""What each mask leaves, and what several leave together: never more than any of them."""

from __future__ import annotations

from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.masks import HIDDEN, MaskKind, keyed_hash, mask_of, token
from gateway.sdk import SecretText

KEY = SecretText("key")
KINDS: tuple[MaskKind, ...] = get_args(MaskKind)
IBAN = "DE89370400440532013000"


def masked(value: Any, *kinds: MaskKind, tenant: str = "acme", key: SecretText = KEY) -> Any:
    return mask_of(kinds, key, tenant)(value)


@pytest.mark.parametrize(
    ("kind", "value", "left"),
    [
        ("remove", IBAN, None),
        ("remove", 1, None),
        ("last4", IBAN, "******************3000"),
        ("last4", "12345678", "****5678"),
        ("last4", "1234567", HIDDEN),
        ("last4", "", HIDDEN),
        ("last4", 12345678, None),
        ("partial", IBAN, "DE******************00"),
        ("partial", "12345678", "1******8"),
        ("partial", "1234567", HIDDEN),
        ("partial", "ab", HIDDEN),
        ("partial", 52000.5, None),
        ("partial", "ÄÖÜäöüß!", "Ä******!"),
    ],
)
def test_what_is_left(kind: MaskKind, value: Any, left: Any) -> None:
    assert masked(value, kind) == left


@pytest.mark.parametrize("kind", KINDS)
def test_a_truth_value_is_null(kind: MaskKind) -> None:
    assert masked(True, kind) is None
    assert masked(False, kind) is None


def test_hashes_and_tokens_are_equal_for_equals_and_keyed() -> None:
    assert masked(IBAN, "hash") == masked(IBAN, "hash", tenant="other") == keyed_hash(IBAN, KEY)
    assert len(masked(IBAN, "hash")) == 64
    assert masked(IBAN, "hash") != masked(IBAN, "hash", key=SecretText("other"))
    assert masked(IBAN, "tokenize") == masked(IBAN, "tokenize") == token(IBAN, KEY, "acme")
    assert masked(IBAN, "tokenize") != masked(IBAN, "tokenize", tenant="other")
    assert masked(IBAN, "tokenize").startswith("tok_")
    assert len({masked(value, "hash") for value in ("1", "2", 1, 2, "1.0")}) == 3  # a number hashes as its text


def test_no_pair_of_tenant_and_value_gives_the_token_of_another() -> None:
    assert token("bc", KEY, "a") != token("c", KEY, "ab")
    assert token("\0x", KEY, "a") != token("x", KEY, "a\0")


def test_what_changes_in_the_key_counts_at_once() -> None:
    key = SecretText("one")
    mask = mask_of(["hash"], key, "acme")
    before = mask(IBAN)
    key.replace("two")
    assert mask(IBAN) == keyed_hash(IBAN, SecretText("two")) != before


def test_a_text_that_is_no_unicode_is_masked_too() -> None:
    assert masked("\ud800", "hash") != masked("\ud801", "hash")


@pytest.mark.parametrize(
    ("kinds", "like"),
    [
        (("remove", "tokenize", "hash", "last4", "partial"), "remove"),
        (("tokenize", "hash", "last4", "partial"), "tokenize"),
        (("hash", "last4", "partial"), "hash"),
    ],
)
def test_the_strictest_is_used(kinds: tuple[MaskKind, ...], like: MaskKind) -> None:
    for count in range(1, len(kinds)):
        for others in combinations(kinds[1:], count):
            assert masked(IBAN, like, *others) == masked(IBAN, like)


def test_last4_and_partial_leave_what_both_leave() -> None:
    assert masked(IBAN, "last4", "partial") == "********************00"
    assert masked("12345678", "partial", "last4") == "*******8"


@given(st.text(max_size=40), st.sets(st.sampled_from(["last4", "partial"]), min_size=1))
def test_no_mask_weakens_another(text: str, kinds: set[MaskKind]) -> None:
    together = masked(text, *sorted(kinds))
    for kind in kinds:
        alone = masked(text, kind)
        assert len(together) == len(alone)
        assert all(mine in ("*", other) for mine, other in zip(together, alone, strict=True))
    assert len(together) in (len(text), len(HIDDEN))
