"""Names of hosts in the one spelling in which they are compared (RFC 3986 §3.2.2, RFC 1034 §3.1)."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

HOST = re.compile(r"(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?")
"""A name or an address, as it stands in a `Host` header. Names with other letters come in their ASCII form (RFC 5890)."""


def host_name(given: str) -> str | None:
    """Without port and in lower case; the dot of the root at the end of a name makes no other host. None for what is no host."""
    found = HOST.fullmatch(given)
    if found is None:
        return None
    if found[2] is not None:
        return _address(found[2])
    return found[1].lower().removesuffix(".") or None


def _address(text: str) -> str | None:
    """An IPv6 address has many spellings (RFC 5952)."""
    try:
        return f"[{IPv6Address(text).compressed}]"
    except ValueError:
        return None
