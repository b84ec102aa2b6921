"""Who may use an intent or a route, and on what condition its data may be shown (language §2.8, §4)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gateway.sdk.fields import Duration, Expr, Name, described, form
from gateway.sdk.source_config import Model

AcrValue = Annotated[
    str, msgspec.Meta(pattern=r"^[!#-\[\]-~]+$"), form("an ASCII text without spaces, quotes and backslashes, such as `gold`")
]
"""Callers are told of it in a header, in which spaces part one from the next (RFC 9470 §3)."""


class Access(Model, frozen=True, kw_only=True):
    """Who may use it. Roles allow; every other condition must hold as well."""

    roles: Annotated[list[Name], described("Roles that may use it, besides those that a policy allows.")] = []
    scopes: Annotated[list[str], described("Scopes that the caller must have, all of them.")] = []
    when: Annotated[Expr | None, described("Condition on `user tenant ctx config`; unknown does not pass.")] = None
    internal: Annotated[bool, described("Only other intents may call it.")] = False
    acr: Annotated[
        Annotated[list[AcrValue], msgspec.Meta(min_length=1)] | None,
        described("How strongly the caller must have signed in: `user.acr` is one of these (RFC 9470)."),
    ] = None
    max_age: Annotated[Duration | None, described("How long ago the caller may have signed in, by `user.auth_time` (RFC 9470).")] = None


class Check(Model, frozen=True, kw_only=True):
    """A barrier: nothing is written and nothing shown before it passed."""

    check: Annotated[Expr, described("Condition that must be true; unknown does not pass.")]
    deny: Annotated[
        Literal["forbidden", "not_found", "unauthorized"],
        described("What the caller is told where it fails; `not_found` looks exactly like an absent thing."),
    ] = "forbidden"


Checks = Annotated[list[Check], msgspec.Meta(min_length=1)]
