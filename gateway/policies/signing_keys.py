"""Keys that verify tokens: which there are, and which algorithm each is for (RFC 7517, RFC 7518 §3, RFC 8037).

A key is bound to its algorithms when it is read, so that no token can have a public key taken for a shared secret.
"""

from __future__ import annotations

import warnings
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from math import inf
from types import MappingProxyType
from typing import Any, Protocol

import msgspec
from joserfc.errors import JoseError
from joserfc.jwa import JWS_ALGORITHMS, JWSAlgModel
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

ALGORITHMS = MappingProxyType({algorithm.name: algorithm for algorithm in JWS_ALGORITHMS})
SYMMETRIC = frozenset({"HS256", "HS384", "HS512"})

LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
"""Fewer bits are no protection (RFC 7518 §3.3); more of them hold up everybody else."""

_MEMBERS = MappingProxyType({"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")})
"""The members of a public key, by `kty`. Of others nothing but `kid alg use key_ops` is read."""

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS: MappingProxyType[str, type[Key]] = MappingProxyType({"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey})
_SIGNING_CURVES = frozenset({"Ed25519", "Ed448"})
_UNUSABLE = (JoseError, ValueError, TypeError, KeyError)


class UnusableKey(Exception):
    """The key can't be used to verify. Its text says why and holds nothing of it."""


class SigningKey(msgspec.Struct, frozen=True):
    """A key by which an issuer signs, and the algorithms that it may be used with. `id` is what tokens name it by."""

    id: str | None
    key: Key
    algorithms: frozenset[str]

    def verifies(self, algorithm: str, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` over `signed` was made with this key; `algorithm` is one of its own."""
        model: JWSAlgModel = ALGORITHMS[algorithm]
        try:
            return model.verify(signed, signature, self.key)
        except _UNUSABLE:
            return False


class Keys(Protocol):
    """The keys of one issuer."""

    @property
    def old_at(self) -> float:
        """From when on, on the clock's monotonic scale, they should be looked at again (`refresh`)."""

    @property
    def failing(self) -> bool:
        """Whether they could not be fetched when that was last tried: what is unknown may well be valid."""

    def known(self) -> Sequence[SigningKey]:
        """The keys as they are known now; empty before any could be fetched."""

    def refresh(self) -> None:
        """Has them fetched anew in the background, if that may be done now."""

    async def renewed(self) -> bool:
        """Fetches them anew, if that may be done now; whether they are others than before."""


class FixedKeys:
    """Keys from files: there is nothing to fetch."""

    failing = False
    old_at = inf

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self._keys = tuple(keys)

    def known(self) -> Sequence[SigningKey]:
        """See `Keys.known`."""
        return self._keys

    def refresh(self) -> None:
        """See `Keys.refresh`."""

    async def renewed(self) -> bool:
        """See `Keys.renewed`."""
        return False


def public_key(jwk: Any, accepted: Iterable[str]) -> SigningKey:
    """The public key of a JWK. Raises `UnusableKey` for one that is private, for another use, too weak, or fits no algorithm."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kty"), str) or jwk["kty"] not in _MEMBERS:
        raise UnusableKey("it is no public key of a kind that is known")
    if _PRIVATE & jwk.keys():
        raise UnusableKey("it is a private key")
    if jwk.get("use", "sig") != "sig" or not _may_verify(jwk.get("key_ops")):
        raise UnusableKey("it is not for signatures")
    members = {name: jwk.get(name) for name in _MEMBERS[jwk["kty"]]}
    try:
        key = _imported(_KINDS[jwk["kty"]], {"kty": jwk["kty"], **members})
    except _UNUSABLE:
        raise UnusableKey("its members can't be read") from None
    return bound(key, accepted, key_id=jwk.get("kid"), only=jwk.get("alg"))


def shared_secret(secret: bytes, accepted: Iterable[str], *, key_id: Any = None, only: Any = None) -> SigningKey:
    """A shared secret. Raises `UnusableKey` for one that is too short, and for what is a public key or a certificate."""
    symmetric = [name for name in accepted if name in SYMMETRIC]
    long_enough = [name for name in symmetric if len(secret) * 8 >= int(name[2:])]
    if symmetric and not long_enough:
        raise UnusableKey("it is shorter than the hash of its algorithm")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for form in _readings(secret):
                OctKey.import_key(form)
    except (*_UNUSABLE, Warning):
        raise UnusableKey("it is no shared secret") from None
    return bound(OctKey(secret, secret), long_enough, key_id=key_id, only=only)


def _readings(secret: bytes) -> Iterator[bytes]:
    """A secret, and what it says if it is base64: public keys come so too."""
    yield secret
    with suppress(ValueError):
        yield b64decode(b"".join(secret.split()), validate=True) or secret


def bound(key: Key, accepted: Iterable[str], *, key_id: Any = None, only: Any = None) -> SigningKey:
    """A key with those of the `accepted` algorithms that it can be used with. Raises `UnusableKey` where there is none."""
    if isinstance(key, RSAKey) and not LEAST_RSA_BITS <= key.raw_value.key_size <= MOST_RSA_BITS:
        raise UnusableKey(f"RSA keys have {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits")
    algorithms = frozenset(name for name in accepted if (only is None or name == only) and _fits(key, name))
    if not algorithms:
        raise UnusableKey("it fits none of the algorithms")
    return SigningKey(key_id if isinstance(key_id, str) else None, key, algorithms)


def _fits(key: Key, algorithm: str) -> bool:
    if isinstance(key, OKPKey) and key.curve_name not in _SIGNING_CURVES:
        return False
    try:
        ALGORITHMS[algorithm].check_key(key)
    except _UNUSABLE:
        return False
    return True


def _imported(kind: type[Key], jwk: dict[str, Any]) -> Key:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of small RSA keys, which are refused by the caller
        return kind.import_key(jwk)


def _may_verify(operations: Any) -> bool:
    return operations is None or (isinstance(operations, list) and "verify" in operations)
