"""Where the gateway listens, and with what: addresses, limits, the proxies in front, the certificate."""

from __future__ import annotations

from pathlib import Path

from gateway.config.loaded import Parsed
from gateway.config.models import Gateway
from gateway.planner.compiler import Compiler
from gateway.planner.cross_origin import plan_cors
from gateway.planner.proxies import plan_proxies
from gateway.runtime.listener_tls import ListenerFiles, UnusableTls, listener_context
from gateway.runtime.plan import QueueSettings, ServerSettings


def plan_server(parsed: Parsed[Gateway], compiler: Compiler, folder: Path) -> ServerSettings:
    """Where and how to listen. Reports what of it can't be."""
    server = parsed.model.server
    host, _, port = server.admin.rpartition(":")
    return ServerSettings(
        host=server.host,
        port=server.port,
        admin_host=host.strip("[]"),
        admin_port=int(port),
        admin_is_default="admin" not in (parsed.document.data.get("server") or {}),
        max_body=server.max_body,
        proxies=plan_proxies(parsed, compiler),
        tls=plan_tls(parsed, compiler, folder),
        cross_origin=plan_cors(server.cors, compiler, ("server", "cors")),
        public_url=server.public_url,
        queue=QueueSettings(float(server.queue.wait), server.queue.max),
        workers=server.workers,
        drain=float(server.drain),
        memory=None if server.memory is None else int(server.memory),
    )


def plan_tls(parsed: Parsed[Gateway], compiler: Compiler, folder: Path) -> ListenerFiles | None:
    """Reports files that can't be served, and callers who should show a certificate that nobody asks for."""
    tls = parsed.model.server.tls
    if tls is None or tls.client_ca is None:
        _check_asked(parsed, compiler)
    if tls is None:
        return None
    files = ListenerFiles(folder / tls.cert, folder / tls.key, folder / tls.client_ca if tls.client_ca is not None else None)
    try:
        listener_context(files)
    except UnusableTls as fault:
        compiler.findings.report(compiler.document, "GW405", str(fault), ("server", "tls", fault.member), hint=fault.hint)
    return files


def _check_asked(parsed: Parsed[Gateway], compiler: Compiler) -> None:
    for index, entry in enumerate(parsed.model.identity):
        if "mutual_tls" in entry and (entry["mutual_tls"] or {}).get("header") is None:
            compiler.findings.report(
                compiler.document, "GW528", "no certificate can come: the gateway asks its clients for none, and no proxy passes one on",
                ("identity", index, "mutual_tls"), key=True,
                hint="write `client_ca` in `server.tls`, or `header` here and the proxy in `server.trusted_proxies`",
            )  # fmt: skip
