from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import CallContext
from gateway.sdk.sharing import Sharing, canonical

LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=2)
JSON: Any = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=1), inner, max_size=2), max_leaves=5
)


class Declared:
    """An operation that says what may change its requests."""

    name = "given"
    effect: Any = "read"
    params: Any = {}
    output_schema: Any = None

    def __init__(self, identity: set[tuple[str | int, ...]], forwards: set[str]) -> None:
        self.identity = frozenset(identity)
        self.forwards = frozenset(forwards)

    async def invoke(self, call: Any, /) -> Any:
        raise NotImplementedError


def context(user: str = "u1", tenant: str = "t", headers: dict[str, str] | None = None, **more: Any) -> CallContext:
    scope = {"user": {"id": user, "roles": [], **more}, "tenant": {"id": tenant}, "ctx": {"locale": more.get("locale", "en")}, "config": {}}
    return CallContext(scope, (tenant, "api_key", "", user), headers or {})


def shared(identity: set[tuple[str | int, ...]], forwards: set[str], one: CallContext, other: CallContext) -> bool:
    sharing = Sharing(Declared(identity, forwards))
    return sharing.key(one) == sharing.key(other)


@pytest.mark.parametrize(
    ("identity", "forwards", "one", "other", "expected"),
    [
        (set(), set(), context("u1"), context("u2"), True),
        (set(), set(), context(tenant="a"), context(tenant="b"), False),
        ({("user", "id")}, set(), context("u1"), context("u2"), False),
        ({("user", "city")}, set(), context("u1", city="x"), context("u2", city="x"), False),
        ({("user",)}, set(), context("u1"), context("u1"), True),
        ({("user",)}, set(), context("u1", x=1), context("u1", x=2), False),
        ({("user", "city")}, set(), context("u1", city="x"), context("u1", city="y"), False),
        ({("ctx", "locale")}, set(), context("u1", locale="de"), context("u2", locale="de"), True),
        ({("ctx", "locale")}, set(), context("u1", locale="de"), context("u1", locale="en"), False),
        (set(), {"Accept-Language"}, context(headers={"accept-language": "de"}), context(headers={"accept-language": "en"}), False),
        (
            set(),
            {"Accept-Language"},
            context("u1", headers={"accept-language": "de"}),
            context("u2", headers={"accept-language": "de"}),
            True,
        ),
        (set(), {"X-A", "X-B"}, context(headers={"x-a": "1"}), context(headers={"x-b": "1"}), False),
    ],
)
def test_two_callers_share_exactly_where_nothing_that_is_sent_differs(
    identity: set[tuple[str | int, ...]], forwards: set[str], one: CallContext, other: CallContext, expected: bool
) -> None:
    assert shared(identity, forwards, one, other) is expected


def test_the_key_of_all_leaves_out_the_tenant_and_nothing_else() -> None:
    plain, localised = Sharing(Declared(set(), set())), Sharing(Declared({("ctx", "locale")}, {"X-A"}))
    assert plain.key_of_all(context(tenant="a")) == plain.key_of_all(context(tenant="b"))
    one, other = context(tenant="a", locale="de", headers={"x-a": "1"}), context(tenant="b", locale="de", headers={"x-a": "1"})
    assert localised.key_of_all(one) == localised.key_of_all(other)
    assert localised.key_of_all(one) != localised.key_of_all(context(tenant="a", locale="en", headers={"x-a": "1"}))
    assert localised.key_of_all(one) != localised.key_of_all(context(tenant="a", locale="de", headers={"x-a": "2"}))
    assert (plain.of_tenant, Sharing(Declared({("tenant", "id")}, set())).of_tenant) == (False, True)


@given(JSON, JSON)
def test_canonical_forms_are_equal_for_equal_values_only(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == (repr_of(one) == repr_of(other))


def repr_of(value: Any) -> Any:
    """Equal for values that are equal with their types."""
    if isinstance(value, dict):
        return ("object", tuple(sorted((key, repr_of(member)) for key, member in value.items())))
    if isinstance(value, list):
        return ("list", tuple(repr_of(member) for member in value))
    return (type(value).__name__, str(value))
