"""Which headers a configuration may set or pass on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gateway.sdk import InvalidRequest, OperationConfig, Path, Services
from gateway.sources.wire_text import header_value

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TRANSPORT = frozenset({
    "accept-encoding", "connection", "content-length", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Of one connection only (RFC 9110 §7.6.1), or set by the transport itself."""

_NEVER_FORWARDED = frozenset({"content-encoding", "content-type", "host"})
"""They describe the caller's request, not the one that the gateway makes."""


def check_header_name(services: Services, name: str, path: Path, *, forwarded: bool = False) -> bool:
    """Whether `name` may be set (or, where `forwarded`, passed on); reports a problem at `path` where it may not."""
    if not _TOKEN.fullmatch(name):
        services.problem("GW243", f"`{name}` is not a header name", path=path, key=not forwarded)
        return False
    if name.lower() in _TRANSPORT or (forwarded and name.lower() in _NEVER_FORWARDED):
        services.problem(
            "GW243",
            f"the header `{name}` is set by the gateway itself",
            path=path,
            key=not forwarded,
        )
        return False
    return True


def check_key_header(services: Services, config: OperationConfig, operation: Path) -> None:
    """Reports a header that could not carry a write's key."""
    if config.idempotency is not None:
        check_header_name(services, config.idempotency.header, (*operation, "idempotency", "header"), forwarded=True)


def fixed_headers(services: Services, headers: Mapping[str, str], path: Path) -> dict[str, tuple[str, str]]:
    """A source's `headers` by lower-case name; what can't be sent is reported and left out. Values may be secret: none is shown."""
    kept: dict[str, tuple[str, str]] = {}
    for name, value in headers.items():
        place = (*path, name)
        if not check_header_name(services, name, place):
            continue
        if name.lower() in kept:
            services.problem("GW243", f"the header `{name}` is written twice; upper and lower case are the same here", path=place, key=True)
            continue
        try:
            kept[name.lower()] = (name, header_value(name, value))
        except InvalidRequest:
            services.problem("GW243", f"the value of the header `{name}` holds characters that a header can't carry", path=place)
    return kept


def forwarded_headers(services: Services, names: Iterable[str], path: Path) -> tuple[str, ...]:
    """A source's `forward` as lower-case names, each once."""
    allowed = (name.lower() for index, name in enumerate(names) if check_header_name(services, name, (*path, index), forwarded=True))
    return tuple(dict.fromkeys(allowed))
