"""The proxies in front of the gateway (`server.trusted_proxies`), and what rests on them."""

from __future__ import annotations

from gateway.config.loaded import Parsed
from gateway.config.models import Gateway
from gateway.planner.compiler import Compiler
from gateway.runtime.proxies import Proxies


def plan_proxies(parsed: Parsed[Gateway], compiler: Compiler) -> Proxies:
    """Reports what is neither an address nor a network, and certificates that no proxy may pass on."""
    good: list[str] = []
    for index, written in enumerate(parsed.model.server.trusted_proxies):
        try:
            Proxies([written])
        except ValueError:
            compiler.findings.report(
                compiler.document, "GW528", "this is neither an address nor a network", ("server", "trusted_proxies", index),
                hint="write `10.0.0.7`, or a network with nothing behind its prefix such as `10.0.0.0/8`",
            )  # fmt: skip
        else:
            good.append(written)
    if not parsed.model.server.trusted_proxies:
        _check_certificates(parsed, compiler)
    return Proxies(good)


def _check_certificates(parsed: Parsed[Gateway], compiler: Compiler) -> None:
    for index, entry in enumerate(parsed.model.identity):
        if "header" in entry.get("mutual_tls", {}):
            compiler.findings.report(
                compiler.document, "GW528", "no proxy is trusted to pass certificates on", ("identity", index, "mutual_tls", "header"),
                hint="name the proxy in `server.trusted_proxies`", key=True,
            )  # fmt: skip
