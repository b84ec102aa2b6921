"""What a call carries to prove itself."""

from __future__ import annotations

from gateway.sources.backend_auth import Proof


def test_a_proof_shows_nothing_and_knows_what_must_not_come_back() -> None:
    proof = Proof("Authorization", "Bearer canary-token", ("canary-token",))
    assert proof.header == ("Authorization", "Bearer canary-token")
    assert proof.redaction.suspects({}, b"canary-token")
    assert "canary" not in repr(proof)
