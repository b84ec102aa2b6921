"""From what an issuer says of a caller to `user` (language §2.6).

`id` is `sub`, `roles` and `groups` are the claims of that name, `scopes` what `scope` or `scp` says, `acr amr auth_time` as they are;
`claims:` gives further members, or says better what these are. What is missing is null, or an empty list.

A list is a list of texts. One text alone is a list of that one text, compared as a whole; anything else where a list belongs makes
the credential invalid, since a rule that denies must not miss its role because an issuer wrote it in another form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from gateway.sdk import CLAIM_ROOTS, Compiled, Expr, ExpressionFault, Services, Unauthorized, described, user_root

Claims = Annotated[
    dict[str, Expr], described("Members of `user`, each an expression over the verified token's claims: `{customer_id: sub}`.")
]

LISTS = ("roles", "groups", "scopes", "amr")
OWN = frozenset({"issuer", "claims"})
"""Members of `user` that the gateway sets."""

MEMBERS = ("roles", "groups", "acr", "amr", "auth_time")
"""Claims that become the member of the same name."""


class ClaimMapping:
    """The mapping of one identity entry, compiled at load."""

    def __init__(self, written: Mapping[str, str], services: Services) -> None:
        for name in sorted(OWN & written.keys()):
            services.problem("GW527", f"`{name}` of `user` can't be mapped: the gateway sets it", path=("claims", name), key=True)
        self._expressions: tuple[tuple[str, Compiled], ...] = tuple(
            (name, services.expression(text, path=("claims", name), roots=CLAIM_ROOTS)) for name, text in written.items() if name not in OWN
        )

    def user(self, claims: dict[str, Any], issuer: str | None) -> dict[str, Any]:
        """The `user` root. Raises `Unauthorized` where there is no `id`, or a member is not what it has to be."""
        known: dict[str, Any] = {name: claims.get(name) for name in MEMBERS}
        known["id"] = claims.get("sub")
        known["scopes"] = _scopes(claims)
        for name, expression in self._expressions:
            try:
                known[name] = expression(claims)
            except ExpressionFault:
                raise _unusable(name) from None
        for name in LISTS:
            known[name] = _texts(name, known[name])
        identity = known["id"]
        if not isinstance(identity, str) or not identity:
            raise _unusable("id")
        return user_root(identity, {**known, "issuer": issuer, "claims": claims})


def _scopes(claims: dict[str, Any]) -> Any:
    """`scope` is one text with spaces between (RFC 8693 §4.2); `scp` is what some issuers write instead, as a list or such a text."""
    written = claims.get("scope", claims.get("scp"))
    return written.split() if isinstance(written, str) else written


def _texts(name: str, value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _unusable(name)
    return value


def _unusable(name: str) -> Unauthorized:
    return Unauthorized("The credential is not valid.", reason=f"`{name}` is not of its form")
