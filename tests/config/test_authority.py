"""What is never mended by a program."""

from __future__ import annotations

import pytest

from gateway.config.authority import decides_access
from gateway.sdk.problem import Path


@pytest.mark.parametrize(
    ("data", "path", "word"),
    [
        ({"intent": "a"}, ("access", "role"), "roles"),
        ({"intent": "a"}, ("acess",), "access"),
        ({"intent": "a"}, ("steps", "s", "ensure", 0, "chek"), "check"),
        ({"gateway": "a"}, ("identity", 0, "api_key", "keys", 0, "hsh"), "hash"),
        ({"policy": "limits"}, ("rate_limits", "a", "brst"), "burst"),
        ({"plicy": "roles"}, ("plicy",), "policy"),
        ({"source": "a"}, ("operations", "o", "effect"), "read"),
    ],
)
def test_what_decides_who_may_do_what(data: object, path: Path, word: str) -> None:
    assert decides_access(data, path, word)


@pytest.mark.parametrize(
    ("data", "path", "word"),
    [({"intent": "a"}, ("timout",), "timeout"), ({"source": "a"}, ("operations", "o", "rquest"), "request"), (None, (), "intent")],
)
def test_what_does_not(data: object, path: Path, word: str) -> None:
    assert not decides_access(data, path, word)
