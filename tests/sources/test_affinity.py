"""What decides which server a call goes to, where that is a hash."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import Call, ExpressionFault, HttpSourceConfig
from gateway.sdk.fields import decode_hook
from gateway.sources.affinity import AffinityOf, affinity
from gateway.testing import FakeServices, call_of


def built(services: FakeServices | None = None, **keys: Any) -> AffinityOf | None:
    written = {"source": "s", "type": "http", "servers": ["http://a.example"], **keys}
    return affinity(msgspec.convert(written, HttpSourceConfig, dec_hook=decode_hook), services or FakeServices())


def keyed(*key: str) -> AffinityOf:
    made = built(balance="consistent_hash", key=list(key))
    assert made is not None
    return made


def from_address(address: Any) -> Call:
    call = call_of("x")
    call.context.scope["ctx"]["client_ip"] = address
    return call


@pytest.mark.parametrize("balance", [None, "round_robin", "least_connections"])
def test_most_ways_to_balance_need_none(balance: str | None) -> None:
    assert built(**({"balance": balance} if balance else {})) is None


def test_a_caller_s_address() -> None:
    of = built(balance="ip_hash")
    assert of is not None
    assert (of(from_address("10.1.2.3")), of(from_address(None)), of(call_of("x"))) == (b"10.1.2.3", None, None)


def test_a_key_reads_what_templates_of_operations_read() -> None:
    of = keyed("args.sku", "user.id", "tenant.id", "ctx.locale")
    assert of(call_of("x", {"sku": "A1"})) == b'4:"A1"4:"u1"9:"default"4:"en"'


def test_keys_that_differ_anywhere_differ() -> None:
    of = keyed("args.a", "args.b")
    pairs = [("a", "bc"), ("ab", "c"), ("1", "x"), (1, "x"), (True, "x"), ([1], "x"), ({"k": 1, "j": 2}, "x")]
    assert len({of(call_of("x", {"a": first, "b": second})) for first, second in pairs}) == len(pairs)
    assert of(call_of("x", {"a": {"k": 1, "j": 2}, "b": 0})) == of(call_of("x", {"a": {"j": 2, "k": 1}, "b": 0}))


def test_null_in_a_key_is_an_expression_error() -> None:
    with pytest.raises(ExpressionFault, match="`key` is null"):
        keyed("args.sku", "args.missing")(call_of("x", {"sku": "A1"}))


def test_keys_that_dont_go_together_are_told() -> None:
    services = FakeServices()
    assert built(services, balance="consistent_hash") is None
    assert built(services, key=["args.sku"]) is None
    assert built(services, balance="ip_hash", key=["args.sku"]) is not None
    assert [(problem.code, problem.path, problem.key) for problem in services.problems] == [
        ("GW256", ("balance",), False),
        ("GW256", ("key",), True),
        ("GW256", ("key",), True),
    ]


def test_a_fault_in_a_key_has_its_place() -> None:
    services = FakeServices()
    built(services, balance="consistent_hash", key=["args.sku", "args["])
    assert [problem.path for problem in services.problems] == [("key", 1)]
