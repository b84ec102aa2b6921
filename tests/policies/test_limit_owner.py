from __future__ import annotations

from typing import Any

import pytest

from gateway.policies.limit_owner import owner_of
from gateway.sdk import Exchange, ExpressionFault, Reference, Scope
from tests.policies.exchanges import identified, make_caller


class Gives:
    """An expression with one value."""

    references: frozenset[Reference] = frozenset()
    constant = True
    source = ""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, scope: Scope, /) -> Any:
        return self.value


def anonymous(address: str) -> Exchange:
    return identified(make_caller(anonymous=True), client_ip=address)


def owner(exchange: Exchange) -> Any:
    return owner_of(exchange, exchange.scope or {}, None)


def test_each_caller_is_one() -> None:
    assert owner(identified(make_caller(name="u1"))) == ("default", ("api_key", "", "u1"))
    assert owner(identified(make_caller(name="u1"), client_ip="192.0.2.9")) == owner(identified(make_caller(name="u1")))
    assert owner(identified(make_caller(name="u2"))) != owner(identified(make_caller(name="u1")))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64"),
        ("2001:db8:1:2::1", "2001:0db8:0001:0002::/64"),
        ("2001:db8:1:3::1", "2001:0db8:0001:0003::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80:0000:0000:0000::/64"),
        (":no address:", ":no address:"),
        ("", ""),
    ],
)
def test_whoever_is_not_known_is_their_address_and_their_network_in_ipv6(address: str, told: str) -> None:
    assert owner(anonymous(address)) == ("default", told)


def test_values_of_another_kind_are_other_owners() -> None:
    values = [1, "1", True, "true", 1.5, ["a", "b"], '["a","b"]', {"a": 1}, "", [], {}]
    exchange = identified(make_caller())
    owners = {owner_of(exchange, {}, (Gives(value),)) for value in values}
    assert len(owners) == len(values)
    assert owner_of(exchange, {}, (Gives({"a": 1, "b": 2}),)) == owner_of(exchange, {}, (Gives({"b": 2, "a": 1}),))


def test_null_is_nobody() -> None:
    with pytest.raises(ExpressionFault):
        owner_of(identified(make_caller()), {}, (Gives("a"), Gives(None)))
