"""Addresses to listen on that no machine could give."""

from __future__ import annotations

import ipaddress

from gateway.config.document import Document
from gateway.config.models import Server
from gateway.planner.planned import Planned
from gateway.sdk import Path


def check_listeners(planned: Planned) -> None:
    """GW104: an address that is none, and one port for both listeners."""
    parsed = planned.loaded.gateway
    if parsed is None:
        return
    server, document = parsed.model.server, parsed.document
    admin_host, _, admin_port = server.admin.rpartition(":")
    _check_host(planned, document, server.host, ("server", "host"))
    _check_host(planned, document, admin_host.strip("[]"), ("server", "admin"))
    if "admin" in (document.data.get("server") or {}) and server.port and int(admin_port) == server.port and _meet(server, admin_host):
        message = "`server.admin` has the port of the public listener"
        planned.findings.report(document, "GW104", message, ("server", "admin"), hint="give one of them another port")


def _check_host(planned: Planned, document: Document, host: str, path: Path) -> None:
    if not _is_possible(host):
        hint = "write an address such as `127.0.0.1`, `0.0.0.0` or `::1`, or a host name"
        message = f"`server.{path[-1]}` holds no address that can be listened on"
        planned.findings.report(document, "GW104", message, path, hint=hint)


def _is_possible(host: str) -> bool:
    """Whether it is an address or a name; what begins like an IPv4 address, or holds a colon, must be one (RFC 1123 §2.1)."""
    if ":" in host or host.replace(".", "").isdecimal():
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return True
    return len(host) < 254 and all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))


def _meet(server: Server, admin_host: str) -> bool:
    """Whether both listeners would ask for one address: a wildcard has all of them."""
    hosts = {server.host, admin_host.strip("[]")}
    return len(hosts) == 1 or bool(hosts & {"0.0.0.0", "::"})  # noqa: S104 - compared with, never listened on
