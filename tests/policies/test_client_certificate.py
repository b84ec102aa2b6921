"""Certificates: how they are passed on, which are good, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from gateway.policies.client_certificate import LONGEST, Authorities, BadCertificate, claims_of, read_certificate
from tests.policies.certificates import CLIENT, SERVER, certificate, der, escaped, pem
from tests.policies.tokens import NOON

ROOT = certificate("CN=Partner CA", "CN=Partner CA", authority=True)
SHOP = certificate("CN=shop,O=Partner", "CN=Partner CA")


@pytest.mark.parametrize(
    "value",
    [
        pem(SHOP).decode(),
        der(SHOP),
        f":{der(SHOP)}:",
        escaped(SHOP),
        escaped(SHOP).replace("%0A", "%0a"),
        der(SHOP).replace("+", "%2B").replace("=", "%3D"),
    ],
)
def test_forms_in_which_proxies_pass_them_on(value: str) -> None:
    assert read_certificate(value) == SHOP


@pytest.mark.parametrize(
    "value",
    ["", ":", "::", ":x:", "x", "%", "%zz", "AAAA", der(SHOP)[:-8], f":{der(SHOP)}", escaped(SHOP)[:200], "\u00e4",
     "A" * LONGEST,     "A" * (LONGEST + 1), f"{der(SHOP)}, {der(SHOP)}", "-----BEGIN%20CERTIFICATE-----", "%00" * 100],
)  # fmt: skip
def test_everything_else_is_unreadable(value: str) -> None:
    with pytest.raises(BadCertificate) as caught:
        read_certificate(value)
    assert str(caught.value) in ("unreadable", "too long")


def test_one_that_an_authority_issued_for_clients_is_good() -> None:
    authorities = Authorities([ROOT])
    authorities.check(SHOP, NOON)
    for usage in (None, (CLIENT, SERVER)):
        authorities.check(certificate("CN=shop", "CN=Partner CA", usage=usage), NOON)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"issuer": "CN=Other CA"}, id="of another authority"),
        pytest.param({"issuer": "CN=Partner CA", "signed_by": "CN=Other CA"}, id="in the name of ours"),
        pytest.param({"issuer": "CN=shop"}, id="signed by itself"),
        pytest.param({"issuer": "CN=shop,O=Partner"}, id="signed by a client"),
        pytest.param({"usage": (SERVER,)}, id="for servers"),
        pytest.param({"begins": NOON + timedelta(seconds=1)}, id="not yet"),
        pytest.param({"ends": NOON - timedelta(seconds=1)}, id="over"),
    ],
)
def test_others_are_not(bad: dict[str, Any]) -> None:
    made = certificate(**{"subject": "CN=shop", "issuer": "CN=Partner CA", **bad})
    with pytest.raises(BadCertificate):
        Authorities([ROOT]).check(made, NOON)


def test_what_is_trusted_must_be_an_authority() -> None:
    """A client's certificate among the trusted ones issues nothing."""
    with pytest.raises(BadCertificate):
        Authorities([SHOP]).check(certificate("CN=eve", "CN=shop,O=Partner"), NOON)


def test_what_it_says() -> None:
    names = [x509.DNSName("shop.example"), x509.RFC822Name("it@shop.example"), x509.UniformResourceIdentifier("spiffe://acme/shop")]
    told = claims_of(certificate("CN=shop,O=Partner", "CN=Partner CA", names=names))
    assert told.pop("fingerprint").isalnum()
    assert told == {
        "sub": "CN=shop,O=Partner", "subject": "CN=shop,O=Partner", "common_name": "shop", "issuer": "CN=Partner CA", "serial": "1267",
        "dns": ["shop.example"], "email": ["it@shop.example"], "uri": ["spiffe://acme/shop"],
    }  # fmt: skip


def test_two_names_are_none() -> None:
    told = claims_of(certificate("CN=shop,CN=admin", "CN=Partner CA"))
    assert (told["common_name"], told["dns"]) == (None, [])
