"""Which headers may be set and passed on."""

from __future__ import annotations

import pytest

from gateway.sdk import OperationConfig
from gateway.sdk.source_config import Idempotency
from gateway.sources.header_rules import check_header_name, check_key_header, fixed_headers, forwarded_headers
from gateway.testing import FakeServices


def test_fixed_headers_keep_their_spelling() -> None:
    services = FakeServices()
    assert fixed_headers(services, {"X-Api-Key": " k ", "Host": "inner.example"}, ("headers",)) == {
        "x-api-key": ("X-Api-Key", "k"),
        "host": ("Host", "inner.example"),
    }
    assert services.problems == []


@pytest.mark.parametrize("headers", [{"X": "1", "x": "2"}, {"X A": "1"}, {"Connection": "close"}, {"X": "secret\r\nY: 1"}, {"": "a"}])
def test_bad_headers_are_reported_without_their_value(headers: dict[str, str]) -> None:
    services = FakeServices()
    kept = fixed_headers(services, headers, ("headers",))
    assert services.codes == ["GW243"]
    assert len(kept) == len(headers) - 1
    assert "secret" not in str(services.problems[0])


def test_forwarded_headers() -> None:
    services = FakeServices()
    names = ["Accept-Language", "accept-language", "Cookie", "Host", "Content-Type", "TE", "a b"]
    assert forwarded_headers(services, names, ("forward",)) == ("accept-language", "cookie")
    assert [problem.path for problem in services.problems] == [("forward", 3), ("forward", 4), ("forward", 5), ("forward", 6)]


def test_a_content_type_may_be_set_but_not_passed_on() -> None:
    services = FakeServices()
    assert check_header_name(services, "Content-Type", ())
    assert not check_header_name(services, "Content-Type", (), forwarded=True)


@pytest.mark.parametrize(("header", "codes"), [("Idempotency-Key", []), ("X Y", ["GW243"]), ("Host", ["GW243"]), ("", ["GW243"])])
def test_a_writes_key_travels_in_a_header_that_can_be_sent(header: str, codes: list[str]) -> None:
    services = FakeServices()
    check_key_header(services, OperationConfig(idempotency=Idempotency(header=header)), ("operations", "x"))
    assert services.codes == codes
    check_key_header(services, OperationConfig(), ("operations", "x"))
    assert services.codes == codes
