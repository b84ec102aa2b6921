"""Faults of a request that only HTTP knows. Each is an `invalid_request` or `too_large` with a status of its own."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.sdk import Malformed, TooLarge


class UnsupportedMediaType(Malformed):
    """The body is in a form that is not read here (RFC 9110 §15.5.16)."""

    default_message = "The body must be JSON: `Content-Type: application/json`."


class MethodNotAllowed(Malformed):
    """The address is there, the method is not (RFC 9110 §15.5.6)."""

    default_message = "This method is not allowed here."

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__()
        self.allowed = tuple(allowed)


class TooSlow(Malformed):
    """The body did not arrive in time (RFC 9110 §15.5.9)."""

    default_message = "The request did not arrive in time."


class UriTooLong(TooLarge):
    """The address, or the query behind it, is too long (RFC 9110 §15.5.15)."""

    default_message = "The request's address is too long."


class HeadTooLarge(TooLarge):
    """Too many headers, or too long ones (RFC 6585 §5)."""

    default_message = "The request's headers are too large."
