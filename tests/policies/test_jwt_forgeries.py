"""Forged and misused tokens. None gets in, none crashes anything, and none makes the gateway open a connection."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.policies.jwt import JwtTokens
from gateway.sdk import Unauthorized
from tests.policies.test_jwt import build
from tests.policies.tokens import AUDIENCE, ISSUER, MODELS, NOW, Issued, b64, claims_of, compact, ec, published, rsa, secret_signed, token

ALL = ["RS256", "PS256", "ES256"]
SPELLINGS_OF_NONE = ["none", "None", "NONE", "nOnE", "none ", " none", "n\u043ene", "", "null"]
PUBLIC = rsa().public_key


@pytest.fixture
async def issued() -> AsyncIterator[Issued]:
    issued = Issued({"/keys": published(rsa(), ec("ec"))})
    yield issued
    await issued.services.close()


@pytest.fixture
async def tokens(issued: Issued) -> JwtTokens:
    """Knows its keys already: what follows needs no fetch."""
    tokens = build(issued, algorithms=ALL)
    assert await tokens(issued.presenting(token())) is not None
    return tokens


async def refused(issued: Issued, tokens: JwtTokens, text: str) -> None:
    """Either it is not valid, or it isn't even a token of this issuer: then nobody reads it, which is a refusal too."""
    reason = "nobody reads it"
    try:
        assert await tokens(issued.presenting(text)) is None
    except Unauthorized as refusal:
        reason = refusal.reason or ""
    assert reason
    assert not any(part in reason for part in text.split(".") if len(part) > 4)


def nothing(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("spelling", [*SPELLINGS_OF_NONE, None, True, 0, ["none"], {"alg": "none"}, ["RS256"]])
async def test_no_signature_is_none_however_it_is_spelt(issued: Issued, tokens: JwtTokens, spelling: Any) -> None:
    for signature in (b"", b"\0", b"x" * 256):
        forged = compact({"alg": spelling, "kid": "one"}, claims_of(), lambda _, made=signature: made)
        await refused(issued, tokens, forged)
        await refused(issued, tokens, forged.rstrip("."))
    await refused(issued, tokens, compact({"kid": "one"}, claims_of(), nothing))


def public_forms() -> Iterator[Any]:
    """Everything that a forger may take a public key's bytes from."""
    pem = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    jwk = rsa().as_dict(private=False)
    yield pytest.param(pem, id="PEM")
    yield pytest.param(pem.strip(), id="PEM without its line break")
    yield pytest.param(pem.replace(b"\n", b"\r\n"), id="PEM with other line breaks")
    yield pytest.param(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1), id="PEM, PKCS 1")
    yield pytest.param(der, id="DER")
    yield pytest.param(PUBLIC.public_bytes(Encoding.DER, PublicFormat.PKCS1), id="DER, PKCS 1")
    yield pytest.param(b64encode(der), id="DER in base64")
    yield pytest.param(b64_text(published(rsa())["keys"][0]), id="JWK as published")
    yield pytest.param(b64_text({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]}), id="JWK")
    yield pytest.param(str(jwk["n"]).encode(), id="modulus")
    yield pytest.param(b"", id="nothing")


def b64_text(value: dict[str, Any]) -> bytes:
    return str(value).replace("'", '"').encode()


@pytest.mark.parametrize("secret", list(public_forms()))
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_shared_secret(issued: Issued, tokens: JwtTokens, secret: bytes, alg: str) -> None:
    if secret:
        await refused(issued, tokens, secret_signed(secret, alg))
        await refused(issued, tokens, secret_signed(secret, alg, {"kid": None}))
        await refused(issued, tokens, secret_signed(secret, alg, {"alg": "RS256"}))
    else:
        await refused(issued, tokens, token(header={"alg": alg}))


@pytest.mark.parametrize("secret", [form for form in public_forms() if form.id != "modulus"])
async def test_nor_can_it_be_configured_as_one(secret: bytes, tmp_path: Path) -> None:
    """Not even a forger's friend could write it down: PEM, DER and JWK of a public key, and what is too short."""
    issued = Issued()
    issued.services.folder = tmp_path
    (tmp_path / "key").write_bytes(secret)
    tokens = build(issued, jwks_uri=None, keys=["key"], algorithms=["HS256"])
    assert [problem.code for problem in issued.services.problems] == ["GW525"]
    if secret:
        await refused(issued, tokens, secret_signed(secret))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null", "/dev/null", "file:///etc/passwd", "one/../one", "one\0", "one\n", "' OR '1'='1", "x' UNION SELECT 'key'--",
        "${ secret.key }", "one%00", "ONE", "", "*", "http://127.0.0.1/keys", "a" * 8000,
    ],
)  # fmt: skip
async def test_a_key_is_known_by_its_name_or_not_at_all(issued: Issued, tokens: JwtTokens, kid: str) -> None:
    await refused(issued, tokens, token(key=rsa("mine"), header={"kid": kid}))
    await refused(issued, tokens, secret_signed(b"\0", header={"kid": kid}))
    assert {request.target for request in issued.issuer.requests} == {"/keys"}


@pytest.mark.parametrize("kid", [7, None, ["one"], {"kid": "one"}, True])
async def test_a_name_is_a_text(issued: Issued, tokens: JwtTokens, kid: Any) -> None:
    signed = compact({"alg": "RS256", "kid": kid}, claims_of(), sign)
    await refused(issued, tokens, signed)


def sign(data: bytes) -> bytes:
    return MODELS["RS256"].sign(data, rsa())


@pytest.fixture
def listener() -> Iterator[tuple[str, Callable[[], int]]]:
    """An address where a connection would be noticed, and how many there were."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        listening.setblocking(False)

        def connections() -> int:
            count = 0
            while True:
                try:
                    accepted, _ = listening.accept()
                except BlockingIOError:
                    return count
                accepted.close()
                count += 1

        yield f"http://127.0.0.1:{listening.getsockname()[1]}/keys", connections


async def test_what_a_header_says_about_keys_is_never_followed(
    issued: Issued, tokens: JwtTokens, listener: tuple[str, Callable[[], int]]
) -> None:
    url, connections = listener
    own = rsa("mine")
    jwk = own.as_dict(private=False)
    for kid in ("one", "mine", None):
        for header in ({"jwk": jwk}, {"jku": url}, {"x5u": url}, {"x5c": ["MIIB"]}, {"jwk": jwk, "jku": url, "x5u": url, "x5c": []}):
            await refused(issued, tokens, token(key=own, header={"kid": kid, **header}))
    await asyncio.sleep(0.02)
    assert connections() == 0
    assert {request.target for request in issued.issuer.requests} == {"/keys"}


async def test_an_issuer_may_say_where_its_keys_are_and_is_not_asked_there(issued: Issued, tokens: JwtTokens) -> None:
    assert await tokens(issued.presenting(token(header={"jku": "https://id.example/other", "x5t": "AAAA"}))) is not None
    assert {request.target for request in issued.issuer.requests} == {"/keys"}


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"b64": True}, {"b64": False}, {"typ": "dpop+jwt"},
        {"typ": "logout+jwt"}, {"typ": "secevent+jwt"}, {"typ": "JOSE"}, {"typ": "id+jwt"}, {"typ": ["JWT"]}, {"typ": ""},
    ],
)  # fmt: skip
async def test_headers_that_change_the_meaning(issued: Issued, tokens: JwtTokens, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await tokens(issued.presenting(token(header=header)))


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_types_of_access_tokens(issued: Issued, tokens: JwtTokens, typ: str | None) -> None:
    assert await tokens(issued.presenting(token(header={"typ": typ}))) is not None


@pytest.mark.parametrize("place", ["header", "payload"])
async def test_members_that_stand_there_twice(issued: Issued, tokens: JwtTokens, place: str) -> None:
    header = b'{"alg":"RS256","alg":"none","kid":"one"}' if place == "header" else {"alg": "RS256", "kid": "one"}
    twice = b'{"iss":"%s","aud":"other","aud":"%s","sub":"ada","exp":%d}' % (ISSUER.encode(), AUDIENCE.encode(), NOW + 300)
    claims = twice if place == "payload" else claims_of()
    assert await tokens(issued.presenting(compact(header, claims, sign))) is None


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "shop"},
    "a list of others": {"aud": ["shop", "chat2", "chat "]},
    "no audience": {"aud": None},
    "audience in an object": {"aud": {"chat": True}},
    "audience among numbers": {"aud": ["chat", 7]},
    "part of the audience": {"aud": "chat shop"},
    "empty audience": {"aud": []},
    "expired": {"exp": NOW - 30},
    "expired long ago": {"exp": 0},
    "never ends": {"exp": None},
    "ends at a text": {"exp": str(NOW + 300)},
    "ends at true": {"exp": True},
    "ends after the end of time": {"exp": 10**20},
    "ends before the beginning": {"exp": -1},
    "not yet": {"nbf": NOW + 31},
    "issued in the future": {"iat": NOW + 31},
    "issued at a text": {"iat": "now"},
    "before null": {"nbf": {}},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a number": {"sub": 7},
    "a list of names": {"sub": ["ada"]},
    "bound to a key": {"cnf": {"x5t#S256": "AAAA"}},
    "roles in an object": {"roles": {"admin": True}},
    "roles with a number": {"roles": ["agent", 1]},
    "scopes in an object": {"scope": {"orders": "read"}},
}


@pytest.mark.parametrize("changed", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_genuine_tokens_that_are_not_for_us_or_not_now(issued: Issued, tokens: JwtTokens, changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await tokens(issued.presenting(token(claims_of(**changed))))


@pytest.mark.parametrize(
    "changed", [{"exp": NOW - 29}, {"nbf": NOW + 30}, {"iat": NOW + 30}, {"aud": ["shop", AUDIENCE]}, {"exp": NOW + 0.5}, {"iat": None}]
)
async def test_clocks_may_differ_by_the_leeway(issued: Issued, tokens: JwtTokens, changed: dict[str, Any]) -> None:
    assert await tokens(issued.presenting(token(claims_of(**changed)))) is not None


@pytest.mark.parametrize("name", ["department", "jti"])
async def test_required_claims(issued: Issued, name: str) -> None:
    tokens = build(issued, required=[name])
    with pytest.raises(Unauthorized, match="not valid"):
        await tokens(issued.presenting(token()))
    assert await tokens(issued.presenting(token(claims_of(**{name: "x"})))) is not None


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"nonce": "n"}, id="nonce"),
        pytest.param({"at_hash": "h"}, id="hash of an access token"),
        pytest.param({"c_hash": "h"}, id="hash of a code"),
        pytest.param({"typ": "ID"}, id="Keycloak"),
        pytest.param({"token_use": "id"}, id="Cognito"),
        pytest.param({"typ": "Refresh"}, id="a refresh token"),
        pytest.param({"typ": "Logout"}, id="a logout token"),
        pytest.param({"azp": AUDIENCE, "scope": None}, id="told to its own client"),
        pytest.param({"azp": AUDIENCE, "scope": None, "aud": [AUDIENCE, "shop"]}, id="told to its own client and another"),
    ],
)
async def test_an_id_token_is_no_access_token(issued: Issued, tokens: JwtTokens, claims: dict[str, Any]) -> None:
    for typ in (None, "JWT"):
        with pytest.raises(Unauthorized):
            await tokens(issued.presenting(token(claims_of(**claims), header={"typ": typ})))


@pytest.mark.parametrize(
    "claims", [{"typ": "Bearer", "nonce": "n"}, {"token_use": "access"}, {"azp": "web"}, {"azp": AUDIENCE}, {"azp": ["web"]}]
)
async def test_an_access_token_may_look_a_little_like_one(issued: Issued, tokens: JwtTokens, claims: dict[str, Any]) -> None:
    assert await tokens(issued.presenting(token(claims_of(**claims), header={"typ": "JWT"}))) is not None


async def test_a_signature_has_one_spelling(issued: Issued, tokens: JwtTokens) -> None:
    head, _, signature = token().rpartition(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(signature[-1])
    for other in range(last + 1, last + 16):
        spelt = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[other % 64]
        await refused(issued, tokens, f"{head}.{signature[:-1]}{spelt}")


@pytest.mark.parametrize("signature", [b"\0" * 64, b"\xff" * 64, b"\0" * 63 + b"\1", b"\0" * 256, b"x"])
async def test_empty_and_odd_signatures(issued: Issued, tokens: JwtTokens, signature: bytes) -> None:
    """Among them r = s = 0 (CVE-2022-21449)."""
    for header in ({"alg": "ES256", "kid": "ec"}, {"alg": "RS256", "kid": "one"}, {"alg": "PS256", "kid": "one"}):
        await refused(issued, tokens, compact(header, claims_of(), lambda _, made=signature: made))


async def test_the_algorithm_of_another_key_kind(issued: Issued, tokens: JwtTokens) -> None:
    await refused(issued, tokens, token(key=ec("ec"), alg="ES256", header={"kid": "one"}))
    await refused(issued, tokens, token(key=rsa(), header={"kid": "ec"}))
    assert await tokens(issued.presenting(token(key=ec("ec"), alg="ES256"))) is not None


async def test_parts_of_one_token_in_another(issued: Issued, tokens: JwtTokens) -> None:
    (head, claims, signature), (_, other, _) = token().split("."), token(claims_of(sub="eve")).split(".")
    for forged in (f"{head}.{other}.{signature}", f"{head}.{claims}.{b64(b'x' * 256)}", f"{claims}.{head}.{signature}"):
        await refused(issued, tokens, forged)


async def test_fifty_megabytes(issued: Issued, tokens: JwtTokens) -> None:
    with pytest.raises(Unauthorized) as caught:
        await tokens(issued.presenting("A" * 50_000_000))
    assert caught.value.reason == "too long"
