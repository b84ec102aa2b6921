"""Who shares a limit."""

from __future__ import annotations

from socket import AF_INET6, inet_pton

from gateway.sdk import Compiled, Exchange, ExpressionFault, Scope
from gateway.sdk.allowance import Member, Owner
from gateway.sdk.sharing import canonical

SITE_PREFIX = 8
"""Bytes of an IPv6 address that tell a site: whoever has a line has all addresses of such a network (RFC 6177)."""

MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv4 address begins that is written as an IPv6 one (RFC 4291 §2.5.5.2)."""

Expressions = tuple[Compiled, ...]


def owner_of(exchange: Exchange, scope: Scope, key: Expressions | None) -> Owner:
    """Who shares: by the values of `key`, else a caller of a tenant. Raises `ExpressionFault` where a member is null."""
    if key is not None:
        return tuple([_member(expression, scope) for expression in key])
    caller = exchange.caller
    return (exchange.tenant.id, site_of(exchange.client_ip) if caller is None or caller.anonymous else caller.key)


def _member(expression: Compiled, scope: Scope) -> Member:
    """A value that can be told from every other: `1` is not `"1"`, and a list is compared by what is in it."""
    value = expression(scope)
    if value is None:
        raise ExpressionFault("A member of a limit's `key` is null.")
    return value if isinstance(value, str) else canonical(value)


def site_of(address: str) -> str:
    """An address, and of IPv6 the network that one site has to itself: its owner can use a new address for every request."""
    if ":" not in address:
        return address
    try:
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except OSError:
        return address
    if packed.startswith(MAPPED):
        return ".".join(map(str, packed[12:]))
    return packed[:SITE_PREFIX].hex(":", 2) + "::/64"
