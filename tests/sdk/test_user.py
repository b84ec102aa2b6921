"""The `user` root has every name that expressions count on."""

from __future__ import annotations

from gateway.sdk import user_root


def test_unknown_things_are_null_or_empty() -> None:
    assert user_root(None, {}) == {
        "id": None,
        "roles": [],
        "groups": [],
        "scopes": [],
        "amr": [],
        "acr": None,
        "auth_time": None,
        "issuer": None,
        "claims": {},
    }


def test_own_names_are_kept_and_lists_copied() -> None:
    known = {"id": "other", "customer_id": "C1", "roles": ["customer"], "groups": None}
    user = user_root("u1", known)
    assert (user["id"], user["customer_id"], user["roles"], user["groups"]) == ("u1", "C1", ["customer"], [])
    user["roles"].append("admin")
    assert known["roles"] == ["customer"]
