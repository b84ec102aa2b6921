"""What is remembered of tokens ends with them, and is bounded."""

from __future__ import annotations

from datetime import timedelta

from gateway.policies.token_cache import Recent, TokenCache, Verified
from tests.policies.exchanges import make_caller
from tests.policies.tokens import NOON


def test_a_token_is_known_until_it_expires() -> None:
    cache = TokenCache()
    verified = Verified(make_caller(), NOON + timedelta(seconds=10))
    cache.put(b"t", verified)
    assert cache.get(b"t", NOON + timedelta(seconds=9.9)) is verified
    assert cache.get(b"u", NOON) is None
    assert cache.get(b"t", NOON + timedelta(seconds=10)) is None
    assert len(cache) == 0


def test_the_one_unused_for_longest_goes_first() -> None:
    recent: Recent[int] = Recent(2)
    recent.put(b"a", 1)
    recent.put(b"b", 2)
    assert recent.get(b"a") == 1
    recent.put(b"c", 3)
    assert [recent.get(key) for key in (b"a", b"b", b"c")] == [1, None, 3]
    recent.put(b"c", 4)
    assert (recent.get(b"c"), len(recent)) == (4, 2)


def test_all_are_forgotten_at_once() -> None:
    cache = TokenCache()
    cache.put(b"t", Verified(make_caller(), NOON))
    cache.clear()
    assert len(cache) == 0
