"""From claims to `user`: what is missing, what is mapped, and what makes a credential invalid."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.claims import ClaimMapping
from gateway.sdk import Unauthorized
from gateway.testing import FakeServices


def user(claims: dict[str, Any], **written: str) -> dict[str, Any]:
    services = FakeServices()
    mapping = ClaimMapping(written, services)
    assert services.problems == []
    return mapping.user(claims, "https://id.example")


def test_what_is_missing_is_null_or_an_empty_list() -> None:
    assert user({"sub": "ada"}, region="address.region") == {
        "id": "ada", "roles": [], "groups": [], "scopes": [], "amr": [], "acr": None, "auth_time": None,
        "issuer": "https://id.example", "claims": {"sub": "ada"}, "region": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "orders:read  orders:write"}, ["orders:read", "orders:write"]),
        ({"scp": ["orders:read"]}, ["orders:read"]),
        ({"scp": "orders:read profile"}, ["orders:read", "profile"]),
        ({"scope": ""}, []),
        ({"scope": "a", "scp": ["b"]}, ["a"]),
    ],
)
def test_scopes(claims: dict[str, Any], scopes: list[str]) -> None:
    assert user({"sub": "ada", **claims})["scopes"] == scopes


def test_an_expression_says_better_what_a_member_is() -> None:
    claims = {
        "sub": "00u1", "email": "ada@example.org", "roles": ["x"], "realm_access": {"roles": ["agent"]},
        "https://acme.example/groups": [{"name": "Finance"}, {"name": "IT"}],
    }  # fmt: skip
    mapped = user(claims, id="email", roles="realm_access.roles", groups='"https://acme.example/groups"[].name', sub="sub", all="@")
    assert (mapped["id"], mapped["roles"], mapped["groups"], mapped["sub"]) == ("ada@example.org", ["agent"], ["Finance", "IT"], "00u1")
    assert mapped["all"] == claims == mapped["claims"]


def test_one_text_is_a_list_of_that_one_text() -> None:
    """Compared as a whole: who is `billing_agent` is not `agent`."""
    assert user({"sub": "ada", "roles": "billing_agent"})["roles"] == ["billing_agent"]
    assert user({"sub": "ada", "roles": "admin, agent"})["roles"] == ["admin, agent"]


@pytest.mark.parametrize("name", ["roles", "groups", "scope", "amr"])
@pytest.mark.parametrize("value", [7, True, {"admin": 1}, ["admin", 7], ["admin", None], [["admin"]]])
def test_what_is_no_list_of_texts_makes_a_credential_invalid(name: str, value: Any) -> None:
    with pytest.raises(Unauthorized) as caught:
        user({"sub": "ada", name: value})
    assert "admin" not in f"{caught.value.reason}{caught.value.message}"


@pytest.mark.parametrize("value", [None, "", 7, True, ["ada"], {"ada": 1}])
def test_without_an_id_nobody_is_known(value: Any) -> None:
    with pytest.raises(Unauthorized):
        user({"sub": value})
    with pytest.raises(Unauthorized):
        user({"sub": "ada", "number": value}, id="number")


def test_an_expression_that_fails_makes_a_credential_invalid() -> None:
    with pytest.raises(Unauthorized):
        user({"sub": "ada", "n": "x"}, level="add(n, `1`)")


@pytest.mark.parametrize(
    ("written", "code"),
    [({"claims": "sub"}, "GW527"), ({"issuer": "iss"}, "GW527"), ({"level": "now()"}, "GW217"), ({"id": "a b"}, "GW201")],
)
def test_what_cannot_be_mapped_is_reported(written: dict[str, str], code: str) -> None:
    services = FakeServices()
    ClaimMapping(written, services)
    assert [(problem.code, problem.path) for problem in services.problems] == [(code, ("claims", next(iter(written))))]
