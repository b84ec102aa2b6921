"""Tokens are read in one way only, or not at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.jws import LONGEST, Jws, NotJws, base64url, read_jws
from tests.policies.tokens import ISSUER, b64, claims_of, compact, token

GOOD = token()


def test_a_token_is_its_header_claims_and_what_was_signed() -> None:
    read = read_jws(GOOD)
    assert (read.algorithm, read.key_id, read.issuer) == ("RS256", "one", ISSUER)
    assert read.claims == claims_of()
    assert read.signed == GOOD.rpartition(".")[0].encode()
    assert len(read.signature) == 256


def test_what_is_no_text_names_nothing() -> None:
    read = Jws({"alg": 1, "kid": ["one"]}, {"iss": {"a": 1}}, b"", b"")
    assert (read.algorithm, read.key_id, read.issuer) == (None, None, None)


HEAD, BODY, SIGNATURE = GOOD.split(".")
MARKED = b64(b"\xef\xbb\xbf{}")
NOT_UTF_8 = b64(b"{\xff}")
WIDE = "\uff21"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("..", id="dots"),
        pytest.param(f"{HEAD}.{BODY}", id="two parts"),
        pytest.param(f"{HEAD}.{BODY}.", id="no signature"),
        pytest.param(f".{BODY}.{SIGNATURE}", id="no header"),
        pytest.param(f"{HEAD}..{SIGNATURE}", id="no payload"),
        pytest.param(f"{GOOD}.", id="four parts"),
        pytest.param(f"{GOOD}.a.b", id="five parts"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}=", id="padding"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}\n", id="line break"),
        pytest.param(f" {GOOD}", id="space"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE[:-2]}+/", id="the other alphabet"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}AAA", id="impossible length"),
        pytest.param(f"{HEAD}.{BODY}.{WIDE}{SIGNATURE[1:]}", id="full width"),
        pytest.param(f"{b64(b'[]')}.{BODY}.{SIGNATURE}", id="header is a list"),
        pytest.param(f"{HEAD}.{b64(b'7')}.{SIGNATURE}", id="payload is a number"),
        pytest.param(f"{HEAD}.{b64(b'null')}.{SIGNATURE}", id="payload is null"),
        pytest.param(f"{b64(b'{')}.{BODY}.{SIGNATURE}", id="header is no JSON"),
        pytest.param(f"{HEAD}.{NOT_UTF_8}.{SIGNATURE}", id="not UTF-8"),
        pytest.param(f"{HEAD}.{b64('{}'.encode('utf-16'))}.{SIGNATURE}", id="UTF-16"),
        pytest.param(f"{HEAD}.{MARKED}.{SIGNATURE}", id="byte order mark"),
    ],
)
def test_everything_else_is_none(text: str) -> None:
    with pytest.raises(NotJws):
        read_jws(text)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"iss":"a","iss":"b"}',
        b'{"iss":"a","\\u0069ss":"b"}',
        b'{"a":{"x":1,"x":1}}',
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":1e400}',
        b'{"sub":"\\ud800"}',
        b'{"exp":' + b"9" * 5000 + b"}",
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"a":' + b"[" * 9000,
        b'{"a":1,}',
        b"{} {}",
        b"{'a':1}",
        b'{"a":1}/**/',
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused_in_both_places(payload: bytes) -> None:
    for text in (compact(payload, claims_of(), lambda _: b"s"), compact({"alg": "RS256"}, payload, lambda _: b"s")):
        with pytest.raises(NotJws):
            read_jws(text)


def test_a_byte_has_one_spelling() -> None:
    """The spare bits of a last character: `QQ` is `A`, `QR` would be it too."""
    assert base64url("QQ") == b"A"
    for spelling in ("QR", "QX", "Qf", "QQ=", "QQ=="):
        with pytest.raises(NotJws):
            base64url(spelling)


@given(st.binary(min_size=1, max_size=40))
def test_bytes_come_back(data: bytes) -> None:
    assert base64url(b64(data)) == data


@given(st.text(max_size=60))
def test_no_text_crashes_it(text: str) -> None:
    with pytest.raises(NotJws):
        read_jws(text)


def test_fifty_megabytes_are_refused_unread() -> None:
    huge = f"{HEAD}.{'A' * 50_000_000}.{SIGNATURE}"
    begun = time.perf_counter()
    with pytest.raises(NotJws, match="too long"):
        read_jws(huge)
    assert time.perf_counter() - begun < 0.01
    assert len(f"{HEAD}.{BODY}") < LONGEST
