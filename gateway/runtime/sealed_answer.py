"""The finished answer of a keyed request, as it is stored: only who asks with the same key again can read it.

It is encrypted (AES-256-GCM) with a key made from what the request itself brings: tenant, identity, intent and idempotency key. None of
that is in the record, whose name is another digest of it; so a copy of the store tells nothing of answers to whoever can't guess keys.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.runtime.recording import Run
from gateway.sdk import Answer, BackendError, GatewayError
from gateway.sdk.errors import ERRORS_BY_CODE

LARGEST = 1 << 20
"""Bytes; of a larger answer it is only recorded that there was one."""

NONCE = 12

UNWRITABLE = (TypeError, ValueError, RecursionError, OverflowError)
"""What the encoder raises for values that it has no place for."""


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """What a request failed with, after it had changed something."""

    code: str
    message: str
    detail_code: str | None
    status_code: int | None
    details: list[Any]
    passing: bool
    denied: bool

    def error(self) -> GatewayError:
        """The same failure again. It has happened; to wait changes nothing."""
        kind = ERRORS_BY_CODE.get(self.code, BackendError)
        error = kind(self.message, detail_code=self.detail_code, status_code=self.status_code, details=self.details)
        error.passing, error.settled = self.passing, True
        return error


class Finished(msgspec.Struct, frozen=True, array_like=True):
    """A run that came to an end: what it gave, or what it failed with."""

    run: Run
    failure: Failure | None = None


_encode = msgspec.msgpack.Encoder().encode
_finished = msgspec.msgpack.Decoder(Finished)


def failure_of(answer: Answer) -> Failure | None:
    """The failure of an answer without data."""
    error = answer.error
    if error is None:
        return None
    denied = answer.status == "denied"
    return Failure(error.code, error.message, error.detail_code, error.status_code, list(error.details), error.passing, denied)


def record_name(key: str) -> str:
    """The name of the record of a request's key."""
    return sha256(b"record:" + key.encode()).hexdigest()


def seal(finished: Finished, key: str) -> str | None:
    """The text to store; None for what can't be written, or is too large."""
    try:
        plain = _encode(finished)
    except UNWRITABLE:
        return None
    if len(plain) > LARGEST:
        return None
    nonce = os.urandom(NONCE)
    return b64encode(nonce + _cipher(key).encrypt(nonce, plain, record_name(key).encode())).decode()


def unseal(text: str, key: str) -> Finished | None:
    """What was sealed with this key; None for what was not."""
    try:
        sealed = b64decode(text, validate=True)
        return _finished.decode(_cipher(key).decrypt(sealed[:NONCE], sealed[NONCE:], record_name(key).encode()))
    except (InvalidTag, ValueError):  # a DecodeError of msgspec is one
        return None


def _cipher(key: str) -> AESGCM:
    return AESGCM(sha256(b"answer:" + key.encode()).digest())
