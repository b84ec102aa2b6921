"""The context of TLS connections: verifying, whatever else is asked."""

from __future__ import annotations

import ssl

import pytest

from gateway.net import Tls
from tests.net.certificates import Authority


def test_a_context_verifies_certificate_and_name() -> None:
    context = Tls().context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_an_authority_of_ones_own_replaces_the_systems(authority: Authority) -> None:
    context = authority.tls.context()
    assert [dict(pair[0] for pair in found["subject"]) for found in context.get_ca_certs()] == [{"commonName": "Test Authority"}]
    assert context.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize("tls", [Tls(ca_file="/nowhere.pem"), Tls(certificate="/nowhere.pem")])
def test_a_missing_file_is_an_oserror(tls: Tls) -> None:
    with pytest.raises(OSError, match="No such file"):
        tls.context()


def test_each_client_has_a_context_of_its_own() -> None:
    """A context is changed by its engine (ALPN), so two engines must not share one."""
    tls = Tls()
    assert tls.context() is not tls.context()
