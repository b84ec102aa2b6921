"""The digest that chains records: fixed for ever, since stored chains are held against it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from gateway.sdk.records import GENESIS, Chain, Mark, link_digest


def test_it_is_over_the_digest_before_the_number_and_the_text() -> None:
    assert link_digest(GENESIS, 1, "{}") == sha256(b"0" * 64 + b"\n1\n{}").hexdigest()
    assert link_digest(GENESIS, 1, "{}") == "857ee6299d26533d1f5f46c02209ae8bc34dc4898a8a9545493946b4ea59d6f3"


@pytest.mark.parametrize(("previous", "sequence", "body"), [("1" * 64, 1, "{}"), (GENESIS, 2, "{}"), (GENESIS, 1, "{ }"), (GENESIS, 1, "")])
def test_each_part_of_it_counts(previous: str, sequence: int, body: str) -> None:
    assert link_digest(previous, sequence, body) != link_digest(GENESIS, 1, "{}")


def test_texts_that_are_no_unicode_have_one_too() -> None:
    assert link_digest(GENESIS, 1, "\ud800") != link_digest(GENESIS, 1, "?")


def test_a_new_chain_begins_before_its_first_record() -> None:
    assert Chain() == Chain(Mark(0, "0" * 64), Mark(0, "0" * 64))
