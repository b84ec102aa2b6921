"""URLs of Redis servers: what is read of them, and that nothing of a password is told."""

from __future__ import annotations

import pytest

from gateway.stores.redis_url import EXAMPLE, NO_OPTIONS, NO_PASSWORD, ONE_SERVER, SENTINELS, RedisAddress, UnusableUrl, read_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h", RedisAddress("h", 6379, 0, None, None, tls=False)),
        ("redis://h:7000/", RedisAddress("h", 7000, 0, None, None, tls=False)),
        ("redis://:p%2F%40@h/3", RedisAddress("h", 6379, 3, None, "p/@", tls=False)),
        ("rediss://u:p@h:1/15", RedisAddress("h", 1, 15, "u", "p", tls=True)),
        ("redis://[::1]:7000/0", RedisAddress("::1", 7000, 0, None, None, tls=False)),
        ("redis+sentinel://a/main", RedisAddress("", 0, 0, None, None, tls=False, sentinels=(("a", 26379),), service="main")),
        (
            "rediss+sentinel://u:p%40@a:1,[::1]:2,c/my.main/3",
            RedisAddress("", 0, 3, "u", "p@", tls=True, sentinels=(("a", 1), ("::1", 2), ("c", 26379)), service="my.main"),
        ),
    ],
)
def test_what_is_read(url: str, address: RedisAddress) -> None:
    assert read_url(url) == address


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("redis://", EXAMPLE),
        ("redis://:hush@", EXAMPLE),
        ("redis://:hush@h:0", EXAMPLE),
        ("redis://:hush@h:70000", EXAMPLE),
        ("redis://:hush/x@h", EXAMPLE),
        ("redis://u:hush@[h", EXAMPLE),
        ("redis://:hush@h/first", EXAMPLE),
        ("redis://:hush@h/0/1", EXAMPLE),
        ("redis://:hush@h/-1", EXAMPLE),
        ("redis://:hush@a,b", ONE_SERVER),
        ("redis://:hush@a:1,b:2", ONE_SERVER),
        ("rediss://:hush@h/0?ssl_cert_reqs=none", NO_OPTIONS),
        ("redis://:hush#x@h", EXAMPLE),
        ("redis://:hush@h#x", NO_OPTIONS),
        ("redis://hush@h", NO_PASSWORD),
        ("unix:///run/hush", EXAMPLE),
        ("redis+sentinel://:hush@a,b", SENTINELS),
        ("redis+sentinel://:hush@a,b/", SENTINELS),
        ("redis+sentinel://:hush@a,b/main/first", SENTINELS),
        ("redis+sentinel://:hush@a,,b/main", SENTINELS),
        ("redis+sentinel://:hush@a,b:0/main", SENTINELS),
        ("redis+sentinel://:hush@a,b:x/main", SENTINELS),
        ("redis+sentinel://:hush@,b/main", SENTINELS),
        ("redis+sentinel://hush@a,b/main", NO_PASSWORD),
        ("redis+sentinel://:hush@a,b/main?x=1", NO_OPTIONS),
    ],
)
def test_what_cannot_be_used(url: str, hint: str) -> None:
    with pytest.raises(UnusableUrl) as caught:
        read_url(url)
    assert str(caught.value) == hint
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_address_shows_nothing() -> None:
    assert "hush" not in repr(read_url("redis://hush:hush@h"))
