"""Signed requests: what is signed, for how long, and once."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
import pytest

from gateway.policies import hmac_signature
from gateway.policies.hmac_signature import Hmac, Signatures, component
from gateway.policies.seen_once import SeenOnce
from gateway.sdk import Exchange, Overloaded, Unauthorized
from gateway.sdk.fields import decode_hook
from tests.policies.tokens import NOW, Issued

SECRET = "shop-secret-" + "s" * 32
KEY = {"id": "shop", "secret": SECRET, "user": {"id": "shop_bot", "roles": ["partner"]}}


def build(issued: Issued, *keys: dict[str, Any], **written: Any) -> Signatures:
    assert component.build is not None
    config = msgspec.convert({"keys": list(keys) or [KEY], **written}, Hmac, dec_hook=decode_hook)
    built = component.build(config, issued.services)
    assert isinstance(built, Signatures)
    return built


def sign(method: str, path: str, query: str, timestamp: str, body: bytes, *, algorithm: str = "sha256") -> str:
    """As a client does it, from the description alone."""
    lines = f"{method}\n{path}\n{query}\n{timestamp}\n{hashlib.new(algorithm, body).hexdigest()}"
    return hmac.new(SECRET.encode(), lines.encode(), algorithm).hexdigest()


def signed(issued: Issued, timestamp: str = str(NOW), **changed: Any) -> Exchange:
    """A signed request; `changed` are its headers and members after it was signed."""
    exchange = issued.presenting("")
    exchange.method, exchange.raw_path, exchange.query, exchange.raw_body = "POST", b"/v1/intents/track%20it", b"a=1&b=%20", b'{"a":1}'
    signature = sign("POST", "/v1/intents/track%20it", "a=1&b=%20", timestamp, b'{"a":1}')
    exchange.headers = {"x-signature": signature, "x-key-id": "shop", "x-timestamp": timestamp}
    for name, value in changed.items():
        if name.startswith("x_"):
            exchange.headers[name.replace("_", "-")] = value  # type: ignore[index]
        else:
            setattr(exchange, name, value)
    return exchange


async def refused(signatures: Signatures, exchange: Exchange) -> str | None:
    with pytest.raises(Unauthorized) as caught:
        await signatures(exchange)
    assert SECRET not in f"{caught.value.message}{caught.value.reason}"
    return caught.value.reason


async def test_a_signed_request_brings_its_signer() -> None:
    issued = Issued()
    signatures = build(issued)
    caller = await signatures(signed(issued))
    assert caller is not None
    assert (caller.key, caller.roles) == (("hmac", "", "shop_bot"), ["partner"])
    assert signatures.reads == {"x-signature", "x-key-id"}
    assert issued.services.problems == []


def test_the_described_lines_are_what_is_signed() -> None:
    """The example of the module's description, which clients are written from."""
    exchange = Issued().presenting("")
    exchange.method, exchange.raw_path, exchange.query = "POST", b"/v1/intents/track_order", b"lang=de"
    lines = hmac_signature.signed_text(exchange, "1763640000.125", "sha256").decode().split("\n")
    described = [line.split()[-1] for line in (hmac_signature.__doc__ or "").splitlines() if line.startswith("    the ")]
    assert lines == described


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"raw_path": b"/v1/intents/track it"},
        {"raw_path": b"/v1/intents/other"},
        {"query": b"a=1"},
        {"query": b"b=%20&a=1"},
        {"raw_body": b'{"a":2}'},
        {"raw_body": b""},
        {"x_timestamp": str(NOW + 1)},
        {"x_timestamp": f"{NOW}.0"},
        {"x_key_id": "other"},
    ],
)
async def test_whatever_is_changed_after_signing_is_noticed(changed: dict[str, Any]) -> None:
    issued = Issued()
    signatures = build(issued, KEY, {**KEY, "id": "other", "secret": "o" * 40})
    assert await refused(signatures, signed(issued, **changed)) == "wrong signature"


@pytest.mark.parametrize("signature", ["", "0" * 64, "x", "A" * 64, "0" * 63, "0" * 65, "\u00e4" * 64, "sha256=" + "0" * 64])
async def test_another_signature_is_wrong(signature: str) -> None:
    issued = Issued()
    assert await refused(build(issued), signed(issued, x_signature=signature)) == "wrong signature"


async def test_a_signature_has_one_spelling() -> None:
    issued = Issued()
    exchange = signed(issued)
    for spelling in (str.upper, lambda text: f" {text}", lambda text: f"{text}\n"):
        await refused(build(issued), signed(issued, x_signature=spelling(exchange.headers["x-signature"])))


@pytest.mark.parametrize("name", ["x-signature", "x-key-id", "x-timestamp"])
async def test_half_a_signature_is_refused_and_none_is_none(name: str) -> None:
    issued = Issued()
    exchange = signed(issued)
    exchange.headers = {key: value for key, value in exchange.headers.items() if key != name}
    assert await refused(build(issued), exchange) == "half of a signature"
    exchange.headers = {"x-timestamp": "1"}
    assert await build(issued)(exchange) is None


@pytest.mark.parametrize(
    ("timestamp", "good"),
    [
        (f"{NOW - 300}", True), (f"{NOW + 300}", True), (f"{NOW}.125", True), (f"{NOW - 301}", False), (f"{NOW + 300}.1", False),
        ("0", False), (f"{NOW}000", False), ("-1", False), ("nan", False), ("1e9", False), ("", False), (f"{NOW}.1234567", False),
        ("\u0661" * 10, False), (f" {NOW}", False), (f"{NOW}\n", False), ("9" * 400, False),
    ],
)  # fmt: skip
async def test_the_time_of_signing_is_near(timestamp: str, good: bool) -> None:
    issued = Issued()
    asked = build(issued)(signed(issued, timestamp))
    if good:
        assert await asked is not None
    else:
        with pytest.raises(Unauthorized):
            await asked


async def test_a_signature_is_good_once() -> None:
    issued = Issued()
    signatures = build(issued)
    ahead = str(NOW + 300)
    assert await signatures(signed(issued, ahead)) is not None
    for seconds in (0, 1, 299, 300):
        issued.clock.pass_by(seconds)
        assert await refused(signatures, signed(issued, ahead)) in ("repeated", "signed at another time")
    assert await signatures(signed(issued, str(NOW + 599))) is not None


async def test_a_wrong_signature_uses_up_nothing() -> None:
    issued = Issued()
    signatures = build(issued)
    await refused(signatures, signed(issued, raw_body=b"x"))
    assert await signatures(signed(issued)) is not None


async def test_without_room_to_remember_nothing_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    issued = Issued()
    monkeypatch.setattr(hmac_signature, "SeenOnce", lambda span: SeenOnce(span, most=1))
    signatures = build(issued)
    assert await signatures(signed(issued)) is not None
    with pytest.raises(Overloaded):
        await signatures(signed(issued, str(NOW + 1)))


async def test_another_hash_and_other_headers() -> None:
    issued = Issued()
    written = {"algorithm": "sha512", "header": "X-Sig", "key_header": "X-Sig-Key", "timestamp_header": "X-Sig-Time"}
    signatures = build(issued, **written)
    exchange = issued.presenting("")
    exchange.method = "GET"
    exchange.raw_path = b"/"
    exchange.headers = {
        "x-sig": sign("GET", "/", "", str(NOW), b"", algorithm="sha512"),
        "x-sig-key": "shop",
        "x-sig-time": str(NOW),
    }
    assert await signatures(exchange) is not None
    assert signatures.reads == {"x-sig", "x-sig-key"}
    assert await signatures(signed(issued)) is None


async def test_a_secret_that_changed_is_used_at_once() -> None:
    issued = Issued()
    signatures = build(issued)
    issued.services.secrets["keys", 0, "secret"].replace("n" * 32)
    assert await refused(signatures, signed(issued)) == "wrong signature"
    issued.services.secrets["keys", 0, "secret"].replace("")
    assert await refused(signatures, signed(issued)) == "unknown key"


@pytest.mark.parametrize(
    ("keys", "written", "problem"),
    [
        ([{**KEY, "secret": "s" * 31}], {}, ("GW525", ("keys", 0, "secret"))),
        ([{**KEY, "secret": ""}], {}, ("GW525", ("keys", 0, "secret"))),
        ([KEY, KEY], {}, ("GW521", ("keys", 1, "id"))),
        ([{**KEY, "user": {"roles": ["x"]}}], {}, ("GW522", ("keys", 0, "user"))),
        ([{**KEY, "tenant": "acme"}], {}, ("GW513", ("keys", 0, "tenant"))),
        ([KEY], {"key_header": "x-signature"}, ("GW527", ("header",))),
    ],
)
async def test_what_cannot_be_used_is_reported(keys: list[dict[str, Any]], written: dict[str, Any], problem: Any) -> None:
    issued = Issued()
    signatures = build(issued, *keys, **written)
    assert [(found.code, found.path) for found in issued.services.problems] == [problem]
    if len(keys) == 1 and not written:
        await refused(signatures, signed(issued))
