"""`auth: {basic}` and `auth: {api_key}`: a header that is the same for every call, until its secret changes."""

from __future__ import annotations

from base64 import b64encode

from gateway.sdk import Call, Derived, Path, Reference, Services
from gateway.sdk.source_config import ApiKeyAuth, BasicAuth
from gateway.sources.backend_auth import Proof
from gateway.sources.live_header import header_proof, kept


class FixedAuth:
    """A proof that doesn't depend on who is asking."""

    identity: frozenset[Reference] = frozenset()
    forwards: frozenset[str] = frozenset()

    def __init__(self, proof: Derived[Proof]) -> None:
        self._proof = proof

    async def prove(self, call: Call, /) -> Proof:
        del call
        return self._proof.value

    def refused(self, call: Call, proof: Proof, /) -> bool:
        """The same again would be refused again; a secret that changed meanwhile may help."""
        del call
        return self._proof.value is not proof


def basic(config: BasicAuth, services: Services, path: Path) -> FixedAuth | None:
    """User name and password (RFC 7617). None where they can't be used, which is reported."""
    texts = (
        services.secret(config.username, path=(*path, "username")),
        services.secret(config.password, path=(*path, "password")),
    )
    try:
        return FixedAuth(Derived(basic_proof, *texts, refused=kept(services)))
    except ValueError as fault:
        at = "username" if "user name" in str(fault) else "password"
        hint = f"give the {'user name' if at == 'username' else 'password'} as the backend knows it; RFC 7617 §2 says what it may hold"
        services.problem("GW255", str(fault), path=(*path, at), hint=hint)
        return None


def basic_proof(username: str, password: str) -> Proof:
    """In UTF-8 (RFC 7617 §2.1). Raises `ValueError` for a colon in the user name and for control characters (§2)."""
    if ":" in username:
        raise ValueError("a user name must not hold a colon: what is behind it would be taken for the password")
    for what, text in (("user name", username), ("password", password)):
        if not text:
            raise ValueError(f"the {what} is empty")
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
            raise ValueError(f"the {what} holds control characters")
    pair = f"{username}:{password}"
    coded = b64encode(pair.encode()).decode()
    return Proof("Authorization", f"Basic {coded}", (coded, pair, password))


def api_key(config: ApiKeyAuth, services: Services, path: Path) -> FixedAuth | None:
    """A key in a header of its own. None where it can't be sent, which is reported."""
    path = (*path, "value")
    text = services.secret(config.value, path=path)
    try:
        return FixedAuth(Derived(header_proof(config.header), text, refused=kept(services)))
    except ValueError as fault:
        services.problem("GW255", f"the key {fault}", path=path)
        return None
