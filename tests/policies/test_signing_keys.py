"""A key is bound to what it may verify when it is read."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from gateway.policies.signing_keys import FixedKeys, UnusableKey, public_key, shared_secret
from tests.policies.tokens import MODELS, ec, okp, published, rsa

EVERY = ["RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "HS512"]


def jwk(key: Any = None, **changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**published(key or rsa())["keys"][0], **changed}.items() if value is not None}


def small() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(1024).as_dict(private=False)


@pytest.mark.parametrize(
    ("key", "algorithms"),
    [
        (rsa(), {"RS256", "RS512", "PS256"}),
        (ec(), {"ES256"}),
        (ec(curve="P-384"), {"ES384"}),
        (ec(curve="P-521"), {"ES512"}),
        (okp(), {"EdDSA", "Ed25519"}),
        (okp(curve="Ed448"), {"EdDSA"}),
    ],
)
def test_algorithms_follow_from_the_key(key: Any, algorithms: set[str]) -> None:
    read = public_key(jwk(key), EVERY)
    assert (read.id, read.algorithms) == ("one", algorithms)


def test_one_that_says_its_algorithm_is_for_that_alone() -> None:
    assert public_key(jwk(alg="PS256"), EVERY).algorithms == {"PS256"}
    for alg in ("RSA-OAEP", "HS256", "none", "ES256", "", 7):
        with pytest.raises(UnusableKey):
            public_key(jwk(alg=alg), EVERY)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(jwk(use="enc"), id="for encryption"),
        pytest.param(jwk(use=7), id="for a number"),
        pytest.param(jwk(key_ops=["encrypt"]), id="for other operations"),
        pytest.param(jwk(key_ops="verify"), id="operations are no list"),
        pytest.param(rsa().as_dict(private=True), id="private"),
        pytest.param(jwk(d="AQAB"), id="half private"),
        pytest.param(jwk(k="AQAB"), id="with a secret"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}, id="a secret"),
        pytest.param(small(), id="1024 bits"),
        pytest.param({"kty": "RSA", "n": "_" * 1600, "e": "AQAB"}, id="9600 bits"),
        pytest.param(jwk(e="AA"), id="exponent 0"),
        pytest.param(jwk(e="AQ"), id="exponent 1"),
        pytest.param(jwk(n=None), id="without modulus"),
        pytest.param(jwk(n=7), id="modulus is a number"),
        pytest.param(jwk(n="a b"), id="modulus is no base64url"),
        pytest.param(jwk(kty="rsa"), id="another kind"),
        pytest.param(jwk(kty=["RSA"]), id="kind in a list"),
        pytest.param(jwk(ec(), crv="P-384"), id="another curve"),
        pytest.param(jwk(ec(), crv="secp256k1"), id="an unknown curve"),
        pytest.param(jwk(ec(), y="AAAA"), id="not on its curve"),
        pytest.param(jwk(okp(), crv="X25519"), id="for key agreement"),
        pytest.param(jwk(okp(), x="AAAA"), id="too short"),
        pytest.param({}, id="empty"),
        pytest.param("key", id="a text"),
        pytest.param(None, id="null"),
    ],
)
def test_others_cannot_be_used(bad: Any) -> None:
    with pytest.raises(UnusableKey):
        public_key(bad, EVERY)


def test_only_what_the_configuration_accepts_counts() -> None:
    with pytest.raises(UnusableKey, match="none of the algorithms"):
        public_key(jwk(), ["ES256", "HS256"])


def test_what_else_stands_there_is_not_looked_at() -> None:
    odd = jwk(x5u="http://127.0.0.1/", x5c=7, x5t={}, kid=["one"], key_ops=["verify", "nonsense"])
    assert public_key(odd, EVERY).id is None


def test_a_signature_is_checked_with_one_algorithm() -> None:
    read = public_key(jwk(), EVERY)
    signature = MODELS["RS256"].sign(b"data", rsa())
    assert read.verifies("RS256", b"data", signature)
    assert not read.verifies("PS256", b"data", signature)
    assert not read.verifies("RS256", b"date", signature)
    assert not read.verifies("RS256", b"data", b"")


@pytest.mark.parametrize(("length", "algorithms"), [(32, {"HS256"}), (63, {"HS256"}), (64, {"HS256", "HS512"})])
def test_a_secret_is_as_long_as_its_hash(length: int, algorithms: set[str]) -> None:
    assert shared_secret(b"s" * length, EVERY).algorithms == algorithms
    with pytest.raises(UnusableKey):
        shared_secret(b"s" * 31, EVERY)
    with pytest.raises(UnusableKey):
        shared_secret(b"s" * 63, ["HS512"])


async def test_fixed_keys_are_never_fetched() -> None:
    keys = FixedKeys([public_key(jwk(), EVERY)])
    keys.refresh()
    assert (await keys.renewed(), keys.failing, len(keys.known())) == (False, False, 1)
