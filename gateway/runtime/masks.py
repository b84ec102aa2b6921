"""What masks leave of one value (language §6).

Of several masks that hold for a value the strictest is used: `remove`, then `tokenize`, then `hash`. Where only `last4` and `partial`
hold, what both leave is left, so that neither shows what the other hides.

    remove     null
    tokenize   `tok_…`: equal for equal values of one tenant, and of no use to anybody else
    hash       64 hexadecimal digits: equal for equal values, of all tenants
    last4      the last four signs
    partial    up to two signs at each end, an eighth of the text at most

`hash` and `tokenize` are keyed (HMAC-SHA256, RFC 2104): without the key nobody can try out what may stand behind one. Of a text with
fewer than eight signs `last4` and `partial` leave nothing, not even its length. Numbers have no ends: `last4` and `partial` make null of
them, `hash` and `tokenize` a text. Truth values become null by every mask: a hash of two values hides neither.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal

from gateway.expressions.values import as_text
from gateway.sdk import SecretText

MaskKind = Literal["remove", "partial", "last4", "hash", "tokenize"]
Mask = Callable[[Any], Any]
"""Takes a text, a number or a truth value."""

HIDDEN = "****"
SHORTEST = 8
"""Signs; of a shorter text nothing is left."""
TOKEN = "tok_"  # noqa: S105 - what a token begins with
TOKEN_DIGITS = 32

_ENDS: Mapping[str, Callable[[int], tuple[int, int]]] = MappingProxyType(
    {"last4": lambda _: (0, 4), "partial": lambda length: (min(2, length // 8), min(2, length // 8))}
)
"""How many signs are left at the beginning and at the end of a text of some length."""


def mask_of(kinds: Collection[MaskKind], key: SecretText, tenant: str) -> Mask:
    """The mask that several make together; `kinds` holds at least one. `tenant` is whose values tokens stand for."""
    if "remove" in kinds:
        return removed
    if "tokenize" in kinds:
        return lambda value: token(value, key, tenant)
    if "hash" in kinds:
        return lambda value: keyed_hash(value, key)
    ends = tuple(_ENDS[kind] for kind in sorted(kinds))
    return lambda value: _between(value, ends)


def removed(value: Any) -> None:
    """Nothing is left."""
    del value


def token(value: Any, key: SecretText, tenant: str) -> str | None:
    """A word that stands for a value within one tenant. Nobody can read the value from it."""
    name = tenant.encode()
    digest = _digest(value, key, b"token\0%d\0%b\0" % (len(name), name))
    return None if digest is None else TOKEN + digest[:TOKEN_DIGITS]


def keyed_hash(value: Any, key: SecretText) -> str | None:
    """The HMAC-SHA256 of a value's text, in hexadecimal."""
    return _digest(value, key, b"hash\0")


def _digest(value: Any, key: SecretText, purpose: bytes) -> str | None:
    if isinstance(value, bool):
        return None
    return hmac.digest(key.text.encode(), purpose + as_text(value).encode("utf-8", "surrogatepass"), "sha256").hex()


def _between(value: Any, ends: tuple[Callable[[int], tuple[int, int]], ...]) -> str | None:
    if not isinstance(value, str):
        return None
    length = len(value)
    if length < SHORTEST:
        return HIDDEN
    heads, tails = zip(*(end(length) for end in ends), strict=True)
    head, tail = min(heads), min(tails)
    shown: str = value[:head] + "*" * (length - head - tail) + value[length - tail :]
    return shown
