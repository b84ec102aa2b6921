"""Who can reach what, and what can be read on the way."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned
from gateway.sdk import Path
from gateway.sdk.source_config import WeightedServer


def public_without_tls(planned: Planned, notes: Notes) -> None:
    """GA101"""
    parsed = planned.loaded.gateway
    if parsed is not None and not of_this_machine(parsed.model.server.host) and parsed.model.server.tls is None:
        notes.add("GA101", "`server.host` is open to other machines, and there is no `server.tls`", parsed.document, ("server", "host"))


def open_admin(planned: Planned, notes: Notes) -> None:
    """GA102"""
    parsed = planned.loaded.gateway
    if parsed is not None and not of_this_machine(parsed.model.server.admin.rpartition(":")[0]):
        notes.add("GA102", "`server.admin` is open to other machines", parsed.document, ("server", "admin"))


def plain_http(planned: Planned, notes: Notes) -> None:
    """GA103. Addresses may come from the environment, so none is shown."""
    for name, parsed in planned.loaded.sources.items():
        for index, server in enumerate(getattr(parsed.model, "servers", ())):
            weighted = isinstance(server, WeightedServer)
            path: Path = ("servers", index, "url") if weighted else ("servers", index)
            url = urlsplit(server.url if weighted else server)
            if url.scheme == "http" and not of_this_machine(url.hostname or ""):
                notes.add("GA103", f"server {index + 1} of source `{name}` is reached by `http://`", parsed.document, path)


def writing_database(planned: Planned, notes: Notes) -> None:
    """GA104"""
    for name, parsed in planned.loaded.sources.items():
        if getattr(parsed.model, "read_only", True) is False:
            notes.add("GA104", f"every operation of source `{name}` may write", parsed.document, ("read_only",), key=True)


def of_this_machine(host: str) -> bool:
    """Whether only programs of the same machine can be meant by a host."""
    bare = host.strip("[]").partition("%")[0].lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False
