"""Callers with tokens of issuers that are trusted: who they are, when keys are asked for, and what the configuration may say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.policies.jwt import Jwt, JwtTokens, component
from gateway.sdk import Caller, Timeout, Unauthorized, Unavailable
from gateway.sdk.fields import decode_hook
from tests.policies.tokens import AUDIENCE, ISSUER, NOW, Issued, claims_of, ec, okp, published, rsa, secret_signed, token

MINIMAL = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_uri": f"{ISSUER}/keys", "algorithms": ["RS256"]}


def build(issued: Issued, **written: Any) -> JwtTokens:
    """The identity kind; None takes a key of `MINIMAL` away."""
    assert component.build is not None
    merged = {name: value for name, value in {**MINIMAL, **written}.items() if value is not None}
    built = component.build(msgspec.convert(merged, Jwt, dec_hook=decode_hook), issued.services)
    assert isinstance(built, JwtTokens)
    return built


async def known(issued: Issued, tokens: JwtTokens, text: str, header: str = "authorization") -> Caller:
    caller = await tokens(issued.presenting(text, header))
    assert caller is not None
    return caller


async def reason(issued: Issued, tokens: JwtTokens, text: str) -> str | None:
    with pytest.raises(Unauthorized) as caught:
        await tokens(issued.presenting(text))
    assert caught.value.message == "The credential is not valid."
    return caught.value.reason


async def test_a_genuine_token_brings_its_bearer() -> None:
    issued = Issued()
    tokens = build(issued, claims={"customer_id": "sub", "roles": "realm_access.roles"}, tenant="default")
    claims = claims_of(realm_access={"roles": ["customer"]}, groups=["G"], acr="2", amr=["pwd", "otp"], auth_time=NOW - 5)
    caller = await known(issued, tokens, token(claims))
    assert (caller.key, caller.tenant, caller.anonymous) == (("jwt", ISSUER, "ada"), "default", False)
    assert caller.user == {
        "id": "ada", "customer_id": "ada", "roles": ["customer"], "groups": ["G"], "scopes": ["orders:read"], "acr": "2",
        "amr": ["pwd", "otp"], "auth_time": NOW - 5, "issuer": ISSUER, "claims": claims,
    }  # fmt: skip
    assert issued.services.problems == []


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        *((name, rsa()) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        ("ES256", ec()),
        ("ES384", ec(curve="P-384")),
        ("ES512", ec(curve="P-521")),
        ("EdDSA", okp()),
        ("EdDSA", okp(curve="Ed448")),
        ("Ed25519", okp()),
    ],
)
async def test_each_algorithm(algorithm: str, key: Any) -> None:
    issued = Issued({"/keys": published(key)})
    text = token(key=key, alg=algorithm)
    assert (await known(issued, build(issued, algorithms=[algorithm]), text)).user["id"] == "ada"
    others = [name for name in ("RS256", "PS384", "ES256", "EdDSA") if name != algorithm]
    assert await reason(issued, build(issued, algorithms=others), text) == "its algorithm is not accepted"


async def test_another_issuers_token_and_no_token_are_none_of_its_business() -> None:
    issued = Issued()
    tokens = build(issued)
    foreign = token(claims_of(iss="https://other.example"))
    for _ in range(2):
        assert await tokens(issued.presenting(foreign)) is None
        assert await tokens(issued.presenting("opaque")) is None
        assert await tokens(issued.presenting("Basic dTpw", "x")) is None
    exchange = issued.presenting("")
    exchange.headers = {"authorization": "Basic dTpw"}
    assert await tokens(exchange) is None
    assert issued.issuer.requests == []


async def test_each_issuer_has_its_own_keys() -> None:
    """A key of one issuer signs nothing for another."""
    one, other = Issued(), Issued({"/keys": published(rsa("two"))})
    second = build(other, issuer="https://other.example", jwks_uri="https://other.example/keys")
    assert await second(other.presenting(token())) is None
    text = token(claims_of(iss="https://other.example"), key=rsa("two"))
    assert (await known(other, second, text)).key == ("jwt", "https://other.example", "ada")
    forged = token(claims_of(iss="https://other.example"), key=rsa())
    assert await build(one)(one.presenting(forged)) is None
    assert await reason(other, second, forged) == "its signature is not of one of the known keys"


async def test_a_header_of_its_own_carries_the_token_alone() -> None:
    issued = Issued()
    tokens = build(issued, header="X-Assertion")
    assert tokens.reads == {"x-assertion"}
    assert (await known(issued, tokens, token(), "x-assertion")).user["id"] == "ada"
    assert await tokens(issued.presenting(f"Bearer {token()}", "x-assertion")) is None
    assert await tokens(issued.presenting(token())) is None


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
async def test_the_scheme_has_no_case(scheme: str) -> None:
    issued = Issued()
    exchange = issued.presenting("")
    exchange.headers = {"authorization": f"{scheme} {token()}"}
    assert await build(issued)(exchange) is not None


class TestKeys:
    async def test_they_are_fetched_once_and_tokens_verified_once(self) -> None:
        issued = Issued()
        tokens = build(issued)
        for _ in range(3):
            await known(issued, tokens, token())
        assert [request.target for request in issued.issuer.requests] == ["/keys"]

    async def test_five_hundred_requests_at_once_fetch_once(self) -> None:
        issued = Issued()
        tokens = build(issued)
        issued.issuer.pause = asyncio.Event()
        waiting = [asyncio.create_task(known(issued, tokens, token(claims_of(jti=str(number % 50))))) for number in range(500)]
        await asyncio.sleep(0.01)
        issued.issuer.pause.set()
        assert {caller.user["id"] for caller in await asyncio.gather(*waiting)} == {"ada"}
        assert len(issued.issuer.requests) == 1

    async def test_a_new_key_is_found_at_once_and_the_next_after_half_a_minute(self) -> None:
        issued = Issued()
        tokens = build(issued)
        await known(issued, tokens, token())
        for name in ("two", "three"):
            issued.issuer.pages["/keys"] = published(rsa(), rsa(name))
            text = token(key=rsa(name))
            if name == "three":
                assert await reason(issued, tokens, text) == "its signature is not of one of the known keys"
                issued.clock.pass_by(30)
            assert (await known(issued, tokens, text)).user["id"] == "ada"
        assert len(issued.issuer.requests) == 3

    async def test_unknown_names_ask_at_most_every_half_minute(self) -> None:
        issued = Issued()
        tokens = build(issued)
        await known(issued, tokens, token())
        for number in range(100):
            await reason(issued, tokens, token(header={"kid": f"made-up-{number}"}))
            issued.clock.pass_by(1)
        assert len(issued.issuer.requests) == 1 + 4

    async def test_a_bad_signature_of_a_known_key_asks_nobody(self) -> None:
        issued = Issued()
        tokens = build(issued)
        await known(issued, tokens, token())
        text = token(claims_of(sub="eve"))
        await reason(issued, tokens, f"{text[: text.rindex('.')]}.{token().rpartition('.')[2]}")
        assert len(issued.issuer.requests) == 1

    @pytest.mark.parametrize("fault", [Unavailable(), Timeout()])
    async def test_before_any_are_known_nothing_can_be_told(self, fault: Unavailable) -> None:
        issued = Issued()
        tokens = build(issued)
        issued.issuer.down = fault
        await issued.services.starters[0]()
        for _ in range(10):
            with pytest.raises(Unavailable):
                await tokens(issued.presenting(token()))
        assert len(issued.issuer.requests) == 1
        issued.issuer.down = None
        issued.clock.pass_by(1)
        assert (await known(issued, tokens, token())).user["id"] == "ada"

    async def test_known_ones_stay_in_use_while_the_issuer_is_away(self, caplog: pytest.LogCaptureFixture) -> None:
        issued = Issued()
        tokens = build(issued)
        await known(issued, tokens, token())
        issued.issuer.down = Unavailable()
        issued.clock.pass_by(3600)
        later = claims_of(exp=NOW + 7200)
        assert (await known(issued, tokens, token(later))).user["id"] == "ada"
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await tokens(issued.presenting(token(later, key=rsa("two"))))
        assert issued.services.metrics.total("gateway_jwks_refreshes_total", issuer=ISSUER, result="failed") == 1
        assert ["1 known ones stay in use" in record.getMessage() for record in caplog.records] == [True]

    async def test_one_taken_back_takes_the_tokens_that_were_verified_with_it(self) -> None:
        issued = Issued({"/keys": published(rsa(), rsa("two"))})
        tokens = build(issued)
        lasting = token(claims_of(exp=NOW + 7200))
        await known(issued, tokens, lasting)
        issued.issuer.pages["/keys"] = published(rsa("two"))
        issued.clock.pass_by(601)
        await known(issued, tokens, lasting)
        await asyncio.sleep(0.01)
        assert await reason(issued, tokens, lasting) == "its signature is not of one of the known keys"

    async def test_without_a_name_the_only_fitting_one_is_meant(self) -> None:
        issued = Issued({"/keys": published(rsa(), ec())})
        nameless = token(header={"kid": None})
        await known(issued, build(issued, algorithms=["RS256", "ES256"]), nameless)
        issued = Issued({"/keys": published(rsa(), rsa("two"))})
        await reason(issued, build(issued), nameless)


class TestTime:
    async def test_a_verified_token_ends_when_it_expires(self) -> None:
        issued = Issued()
        tokens = build(issued)
        await known(issued, tokens, token())
        issued.clock.pass_by(329)
        await known(issued, tokens, token())
        issued.clock.pass_by(1)
        assert await reason(issued, tokens, token()) == "expired"

    async def test_a_revoked_one_ends_at_once(self, tmp_path: Path) -> None:
        issued = Issued()
        issued.services.folder = tmp_path
        denied = tmp_path / "denied"
        denied.write_text("# nobody yet\n")
        tokens = build(issued, revoked="denied")
        first, second = token(claims_of(jti="t-1")), token(claims_of(jti="t-2"))
        await known(issued, tokens, first)
        denied.write_text("jti t-1\n")
        await known(issued, tokens, first)
        issued.clock.pass_by(1)
        assert await reason(issued, tokens, first) == "revoked"
        await known(issued, tokens, second)
        denied.write_text("jti t-1\nsub ada\n")
        issued.clock.pass_by(1)
        assert await reason(issued, tokens, second) == "revoked"


class TestFiles:
    async def test_a_public_key_in_pem(self, tmp_path: Path) -> None:
        issued = Issued()
        issued.services.folder = tmp_path
        (tmp_path / "issuer.pem").write_bytes(rsa().public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        tokens = build(issued, jwks_uri=None, keys=["issuer.pem"])
        assert (await known(issued, tokens, token())).user["id"] == "ada"
        await reason(issued, tokens, token(key=rsa("two")))
        assert (issued.issuer.requests, issued.services.problems) == ([], [])

    async def test_a_shared_secret(self, tmp_path: Path) -> None:
        issued = Issued()
        issued.services.folder = tmp_path
        (tmp_path / "secret").write_bytes(b"s" * 40 + b"\n")
        tokens = build(issued, jwks_uri=None, keys=["secret"], algorithms=["HS256"])
        assert (await known(issued, tokens, secret_signed(b"s" * 40))).user["id"] == "ada"
        await reason(issued, tokens, secret_signed(b"t" * 40))
        await reason(issued, tokens, secret_signed(b"s" * 40 + b"\n"))
        await reason(issued, tokens, token())
        assert issued.services.problems == []


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        ({"jwks_uri": "http://id.example/keys"}, [("GW524", ("jwks_uri",))]),
        ({"jwks_uri": "ftp://id.example"}, [("GW524", ("jwks_uri",))]),
        ({"jwks_uri": None, "issuer": "acme"}, [("GW524", ("issuer",))]),
        ({"algorithms": ["RS256", "HS256"]}, [("GW527", ("algorithms", 1))]),
        ({"keys": ["absent.pem"], "jwks_uri": None}, [("GW525", ("keys", 0))]),
        ({"keys": ["absent.pem"]}, [("GW527", ("keys",)), ("GW525", ("keys", 0))]),
        ({"claims": {"issuer": "sub", "id": "email"}}, [("GW527", ("claims", "issuer"))]),
        ({"claims": {"id": "sub ||"}}, [("GW201", ("claims", "id"))]),
        ({"revoked": "absent"}, [("GW525", ("revoked",))]),
        ({"tenant": "acme"}, [("GW513", ("tenant",))]),
    ],
)
async def test_what_cannot_be_used_is_reported(written: dict[str, Any], problems: list[Any], tmp_path: Path) -> None:
    issued = Issued()
    issued.services.folder = tmp_path
    build(issued, **written)
    assert [(problem.code, problem.path) for problem in issued.services.problems] == problems


async def test_an_entry_without_usable_keys_lets_nobody_in() -> None:
    issued = Issued()
    await reason(issued, build(issued, jwks_uri="http://id.example/keys"), token())
    await reason(issued, build(issued, jwks_uri=None, keys=["absent.pem"]), token())


@pytest.mark.parametrize("algorithms", [[], ["none"], ["None"], ["RS257"], ["ES256K"]])
def test_algorithms_are_a_closed_list(algorithms: list[str]) -> None:
    """`none` is no signature (RFC 8725 §3.2)."""
    with pytest.raises(msgspec.ValidationError):
        build(Issued(), algorithms=algorithms)
