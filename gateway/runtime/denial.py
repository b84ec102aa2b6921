"""A `guard`, an `ensure` or an access rule said no."""

from __future__ import annotations

from gateway.sdk import GatewayError


class Denied(Exception):
    """Outside the tree of `GatewayError`, so that neither a ladder nor `required: false` can catch it (language §4).

    `error` is what the caller is told, `place` the file:line of the rule for the operator's records, `reason` says what it was.
    """

    def __init__(self, error: GatewayError, place: str, step: str | None = None, *, reason: str = "a check does not hold") -> None:
        super().__init__(place)
        self.error = error
        self.place = place
        self.step = step
        self.reason = reason
