"""The `user` root of expressions (language §2.6)."""

from __future__ import annotations

from typing import Any

LISTS = ("roles", "groups", "scopes", "amr")


def user_root(identity: str | None, known: dict[str, Any]) -> dict[str, Any]:
    """A user with every name that expressions may count on: null, or an empty list, where nothing is known.

    `known` is what the credential tells, names of its own included; its `id` gives way to `identity`.
    """
    user: dict[str, Any] = {"acr": None, "auth_time": None, "issuer": None, "claims": {}, **known, "id": identity}
    for name in LISTS:
        user[name] = list(known.get(name) or ())
    return user
