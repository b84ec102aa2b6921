"""How the gateway proves itself to a backend, or names the caller to it (`auth:` of a source, language §3).

What a kind sends of the caller is part of the key of every shared answer: `identity` and `forwards` say it for every operation of
the source. A call carries exactly the proof that was made for it; redirects are not followed, so it reaches one origin only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gateway.sdk import Call, Reference
from gateway.sources.redaction import Redaction


class Proof:
    """A header that proves something, and what must not come back from the backend. Its representation shows nothing."""

    __slots__ = ("header", "redaction")

    def __init__(self, name: str, value: str, secrets: Iterable[str]) -> None:
        self.header = (name, value)
        self.redaction = Redaction(secrets)

    def __repr__(self) -> str:
        return "Proof()"


class Credential(Protocol):
    """One source's way.

    `prove` gives what a call carries, within its deadline, or raises a `GatewayError`: no call is then made. `refused` is told of an
    answer 401, which says that nothing was done (RFC 9110 §15.5.2), writes included; it tells whether another proof may help.
    """

    @property
    def identity(self) -> frozenset[Reference]: ...
    @property
    def forwards(self) -> frozenset[str]: ...
    async def prove(self, call: Call, /) -> Proof: ...
    def refused(self, call: Call, proof: Proof, /) -> bool: ...
