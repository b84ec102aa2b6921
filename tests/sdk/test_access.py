from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.sdk import Access, Caller, user_root


def caller(**user: Any) -> Caller:
    return Caller(("test", "", "u1"), user_root("u1", user))


def when(text: str) -> Any:
    compiled, faults = compile_expression(text, roots=frozenset({"user"}), authorisation=True)
    assert faults == []
    return compiled


@pytest.mark.parametrize(
    ("access", "user", "permitted"),
    [
        (Access(frozenset()), {"roles": ["a"]}, False),
        (Access(frozenset({"a"})), {}, False),
        (Access(frozenset({"a"})), {"roles": ["b", "a"]}, True),
        (Access(frozenset({"a"}), frozenset({"x", "y"})), {"roles": ["a"], "scopes": ["x"]}, False),
        (Access(frozenset({"a"}), frozenset({"x", "y"})), {"roles": ["a"], "scopes": ["y", "x", "z"]}, True),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"], "level": 1, "needed": 1}, True),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"], "level": 1, "needed": 2}, False),
        (Access(frozenset({"a"}), when=when("user.level == user.needed")), {"roles": ["a"]}, False),
        (Access(frozenset({"a"}), when=when("user.level > `1` && length(user.roles) > `0`")), {"roles": ["a"], "level": "x"}, False),
    ],
)
def test_every_condition_must_hold(access: Access, user: dict[str, Any], permitted: bool) -> None:
    asking = caller(**user)
    assert access.permits(asking, {"user": asking.user}) is permitted


def test_a_role_is_a_whole_word() -> None:
    assert not Access(frozenset({"administrator"})).permits(caller(roles=["admin"]), {})
