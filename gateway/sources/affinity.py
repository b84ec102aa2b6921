"""What a call is told apart by where servers are picked by a hash (`balance: ip_hash`, `consistent_hash`).

It decides where a call goes, never what is sent, and servers of one source answer alike: so it takes no part in who may share an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.sdk import Call, Compiled, ExpressionFault, HttpSourceConfig, Services
from gateway.sdk.sharing import canonical

AffinityOf = Callable[[Call], bytes | None]


def affinity(config: HttpSourceConfig, services: Services) -> AffinityOf | None:
    """How to find it; None where `balance` doesn't hash. A `key` that fits no `balance` is reported, and the other way round."""
    if config.key is not None and config.balance != "consistent_hash":
        services.problem(
            "GW256", "`key` is read by `balance: consistent_hash` only", path=("key",), key=True, hint="write `balance: consistent_hash`"
        )
    if config.balance == "ip_hash":
        return client_ip
    if config.balance != "consistent_hash":
        return None
    if config.key is None:
        hint = "write which calls go to the same server, as `key: [args.customer_id]`"
        services.problem("GW256", "`consistent_hash` needs a `key`", path=("balance",), hint=hint)
        return None
    return Key([services.expression(text, path=("key", index)) for index, text in enumerate(config.key)])


def client_ip(call: Call) -> bytes | None:
    """The caller's address; None for one without."""
    address = call.context.scope["ctx"].get("client_ip")
    return address.encode() if isinstance(address, str) else None


class Key:
    """Length-prefixed members, so that ("a", "bc") and ("ab", "c") differ."""

    def __init__(self, members: list[Compiled]) -> None:
        self._members = members

    def __call__(self, call: Call) -> bytes:
        """Raises `ExpressionFault` where a member is null."""
        scope = {**call.context.scope, "args": call.arguments}
        parts = []
        for member in self._members:
            value = member(scope)
            if value is None:
                raise ExpressionFault("A member of `key` is null.")
            part = canonical(value)
            parts.append(b"%d:%s" % (len(part), part))
        return b"".join(parts)
