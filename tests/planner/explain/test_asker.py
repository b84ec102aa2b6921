"""A caller as described: lists that are told are complete, what isn't told is unknown."""

from __future__ import annotations

import pytest

from gateway.planner.explain import Asker


def test_lists_add_up_and_the_rest_is_unknown() -> None:
    asker = Asker.of([("role", "a"), ("role", "b"), ("group", "g"), ("user", "u1"), ("user.level", "gold"), ("tenant", "acme")])
    assert (asker.roles, asker.tenant) == (["a", "b"], "acme")
    assert asker.said == ("role=a", "role=b", "group=g", "user=u1", "user.level=gold", "tenant=acme")
    assert asker.scope({})["user"]["level"] == "gold"
    for reference, known in [
        (("user", "roles"), True),
        (("user", "groups"), True),
        (("user", "scopes"), False),
        (("user", "level"), True),
        (("user",), False),
        (("tenant", "id"), True),
        (("tenant", "plan"), False),
        (("config", "x"), True),
        (("ctx", "channel"), False),
    ]:
        assert asker.knows(reference) is known


def test_of_whom_nothing_is_told_nothing_is_known() -> None:
    assert Asker().roles is None
    assert not Asker().knows(("tenant", "id"))


def test_roles_may_be_added_or_forgotten() -> None:
    asker = Asker.of([("role", "a"), ("user", "u1")])
    assert asker.with_roles(["b", "a"]).roles == ["a", "b"]
    assert asker.without_roles().roles is None
    assert asker.without_roles().knows(("user", "id"))
    assert asker.roles == ["a"]


@pytest.mark.parametrize("key", ["rol", "user.", "user.a.b", "user.a-b", ""])
def test_what_cannot_be_said(key: str) -> None:
    with pytest.raises(KeyError):
        Asker.of([(key, "x")])
