"""Headers whose value holds a secret."""

from __future__ import annotations

import pytest

from gateway.sdk import SecretText
from gateway.sources.live_header import checked_value, header_proof, kept, secret_headers, secrets_of
from gateway.testing import FakeServices


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\r\nX-Admin: 1", "é", "\0"])
def test_values_that_a_header_cant_carry(value: str) -> None:
    with pytest.raises(ValueError, match=r"^(is empty|holds characters that a header can't carry)$"):
        checked_value(value)


def test_what_is_secret_in_a_value() -> None:
    assert secrets_of("Bearer  abc") == ("Bearer  abc", "abc")
    assert secrets_of(" abc ") == ("abc", "")
    assert header_proof("X-Key")(" a b ").header == ("X-Key", "a b")


def test_only_secret_headers_are_made_anew() -> None:
    services = FakeServices()
    services.secrets["headers", "X-Key"] = key = SecretText("one", secret=True)
    headers = {"x-key": ("X-Key", "one"), "x-plain": ("X-Plain", "two"), "authorization": ("Authorization", "Basic three")}
    found = list(secret_headers(services, headers, ("headers",)))
    assert [derived.value.header for derived in found] == [("X-Key", "one"), ("Authorization", "Basic three")]
    key.replace("four")
    assert [derived.value.header for derived in found] == [("X-Key", "four"), ("Authorization", "Basic three")]


def test_a_value_that_cant_be_used_keeps_the_last_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    services = FakeServices(name="crm")
    services.secrets["headers", "X-Key"] = key = SecretText("one", secret=True)
    (derived,) = secret_headers(services, {"x-key": ("X-Key", "one")}, ("headers",))
    key.replace("hidden\nvalue")
    assert [derived.value.header for _ in range(3)] == [("X-Key", "one")] * 3
    assert services.metrics.total("gateway_upstream_secrets_refused_total", source="crm") == 1
    assert [record.getMessage() for record in caplog.records] == [
        "a secret of source crm has a new value that can't be used; the last one is kept"
    ]


def test_the_meter_is_there_before_anything_goes_wrong() -> None:
    services = FakeServices(name="crm")
    kept(services)
    assert services.metrics.total("gateway_upstream_secrets_refused_total", source="crm") == 0
