"""A caller as described on the command line. What isn't said of them is unknown, not absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.sdk import Reference, Scope, user_root

KEYS = ("role", "scope", "group", "user", "tenant")
"""What can be said of a caller; `user.<name>` says further members of `user`."""

_LISTS: Mapping[str, str] = {"role": "roles", "scope": "scopes", "group": "groups"}


class Asker(msgspec.Struct, frozen=True):
    """A caller as far as told: members of `user` by name, and the tenant. Lists that are told are complete."""

    user: Mapping[str, Any] = {}
    tenant: str | None = None
    said: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Sequence[tuple[str, str]]) -> Asker:
        """From pairs such as `("role", "agent")`; those of a list add up. Raises `KeyError` for an unknown key."""
        user: dict[str, Any] = {}
        tenant = None
        for key, value in said:
            if key in _LISTS:
                user.setdefault(_LISTS[key], []).append(value)
            elif key == "tenant":
                tenant = value
            elif key == "user":
                user["id"] = value
            elif key.startswith("user.") and key.removeprefix("user.").isidentifier():
                user[key.removeprefix("user.")] = value
            else:
                raise KeyError(key)
        return cls(user, tenant, tuple(f"{key}={value}" for key, value in said))

    @property
    def roles(self) -> list[str] | None:
        """The roles, None where nothing is told of them."""
        roles: list[str] | None = self.user.get("roles")
        return roles

    def scope(self, config: Mapping[str, Any]) -> Scope:
        """The roots that access conditions see; `ctx` is nobody's to know beforehand."""
        told = dict(self.user)
        return {"user": user_root(told.pop("id", None), told), "tenant": {"id": self.tenant, "plan": None, "config": {}}, "config": config}

    def with_roles(self, given: Sequence[str]) -> Asker:
        """The same with these roles besides those that are told."""
        roles = list(dict.fromkeys([*(self.roles or ()), *given]))
        return msgspec.structs.replace(self, user={**self.user, "roles": roles})

    def without_roles(self) -> Asker:
        """The same, as if nothing were told of the roles."""
        return msgspec.structs.replace(self, user={name: value for name, value in self.user.items() if name != "roles"})

    def knows(self, reference: Reference) -> bool:
        """Whether what is told decides the value at `reference`."""
        root = reference[0]
        if root == "user":
            return len(reference) > 1 and reference[1] in self.user
        return root == "config" or (reference == ("tenant", "id") and self.tenant is not None)
