"""Callers with a client certificate that a trusted proxy passed on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509

from gateway.policies.mutual_tls import Certificates, MutualTls, component
from gateway.sdk import CONNECTION, Caller, Exchange, Unauthorized
from gateway.sdk.fields import decode_hook
from tests.policies.certificates import certificate, der, escaped, pem
from tests.policies.tokens import NOON, Issued

ROOT = certificate("CN=Partner CA", "CN=Partner CA", authority=True)
SHOP = certificate("CN=shop,O=Partner", "CN=Partner CA")


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    issued = Issued()
    issued.services.folder = tmp_path
    (tmp_path / "partners.pem").write_bytes(pem(ROOT))
    return issued


def build(issued: Issued, **written: Any) -> Certificates:
    assert component.build is not None
    merged = {"ca": "partners.pem", "header": "X-Client-Cert", **written}
    built = component.build(msgspec.convert(merged, MutualTls, dec_hook=decode_hook), issued.services)
    assert isinstance(built, Certificates)
    return built


def passed_on(issued: Issued, value: str) -> Exchange:
    exchange = issued.presenting(value, "x-client-cert")
    exchange.via_proxy = True
    return exchange


async def known(issued: Issued, kind: Certificates, value: str) -> Caller:
    caller = await kind(passed_on(issued, value))
    assert caller is not None
    return caller


async def reason(kind: Certificates, exchange: Exchange) -> str | None:
    with pytest.raises(Unauthorized) as caught:
        await kind(exchange)
    return caught.value.reason


async def test_a_good_certificate_brings_its_holder(issued: Issued) -> None:
    kind = build(issued, claims={"id": "common_name", "organisation": "subject"}, tenant="default")
    caller = await known(issued, kind, der(SHOP))
    assert (caller.key, caller.tenant) == (("mutual_tls", "CN=Partner CA", "shop"), "default")
    assert (caller.user["organisation"], caller.user["issuer"], caller.roles) == ("CN=shop,O=Partner", "CN=Partner CA", [])
    assert (await known(issued, build(issued), escaped(SHOP))).user["id"] == "CN=shop,O=Partner"
    assert issued.services.problems == []


async def test_only_a_trusted_proxy_may_pass_one_on(issued: Issued) -> None:
    """Who connects directly could write any certificate into a header: they are public."""
    kind = build(issued)
    exchange = passed_on(issued, der(SHOP))
    await kind(exchange)
    exchange.via_proxy = False
    assert await reason(kind, exchange) == "not passed on by a trusted proxy"


async def test_without_one_nobody_is_known(issued: Issued) -> None:
    exchange = passed_on(issued, "")
    exchange.headers = {"authorization": "Bearer x"}
    assert await build(issued)(exchange) is None


async def test_a_bad_one_is_refused(issued: Issued) -> None:
    kind = build(issued)
    assert await reason(kind, passed_on(issued, "")) == "unreadable"
    assert await reason(kind, passed_on(issued, "A" * 50_000)) == "too long"
    forged = certificate("CN=shop,O=Partner", "CN=Partner CA", signed_by="CN=Other CA")
    assert await reason(kind, passed_on(issued, der(forged))) == "not issued by an authority that is trusted, or not good now"


def connected_with(issued: Issued, shown: x509.Certificate) -> Exchange:
    exchange = issued.presenting("", "x-other")
    exchange.certificate = pem(shown).decode()
    return exchange


@pytest.mark.parametrize("header", ["X-Client-Cert", None])
async def test_the_certificate_of_the_connection_counts_too(issued: Issued, header: str | None) -> None:
    kind = build(issued, header=header)
    caller = await kind(connected_with(issued, SHOP))
    assert caller is not None
    assert caller.key == ("mutual_tls", "CN=Partner CA", "CN=shop,O=Partner")
    stranger = certificate("CN=shop,O=Partner", "CN=Other CA")
    assert await reason(kind, connected_with(issued, stranger)) == "not issued by an authority that is trusted, or not good now"
    assert CONNECTION in kind.reads


async def test_a_header_beside_it_still_needs_a_trusted_proxy(issued: Issued) -> None:
    exchange = connected_with(issued, SHOP)
    exchange.headers = {"x-client-cert": der(SHOP)}
    assert await reason(build(issued), exchange) == "not passed on by a trusted proxy"


async def test_subjects(issued: Issued) -> None:
    kind = build(issued, subjects=["CN = shop,O=Partner".replace(" = ", "="), "CN=store"])
    assert (await known(issued, kind, der(SHOP))).user["id"]
    for subject in ("CN=shop", "O=Partner,CN=shop", "CN=shop,O=Partner,C=DE", "CN=shop\\,O=Partner"):
        assert await reason(kind, passed_on(issued, der(certificate(subject, "CN=Partner CA")))) == "another subject"


async def test_it_is_checked_once_and_ends_with_its_time(issued: Issued) -> None:
    kind = build(issued)
    short = der(certificate("CN=shop", "CN=Partner CA", ends=NOON + timedelta(seconds=10)))
    first = await known(issued, kind, short)
    assert await known(issued, kind, short) is first
    issued.clock.pass_by(11)
    assert await reason(kind, passed_on(issued, short)) == "not issued by an authority that is trusted, or not good now"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({"ca": "absent.pem"}, ("GW525", ("ca",))),
        ({"ca": "empty.pem"}, ("GW525", ("ca",))),
        ({"subjects": ["CN=shop", "shop"]}, ("GW527", ("subjects", 1))),
        ({"claims": {"issuer": "issuer"}}, ("GW527", ("claims", "issuer"))),
        ({"tenant": "acme"}, ("GW513", ("tenant",))),
    ],
)
async def test_what_cannot_be_used_is_reported(issued: Issued, written: dict[str, Any], problem: Any) -> None:
    (issued.services.folder / "empty.pem").write_bytes(b"nothing")
    kind = build(issued, **written)
    assert [(found.code, found.path) for found in issued.services.problems] == [problem]
    if "ca" in written:
        await reason(kind, passed_on(issued, der(SHOP)))
