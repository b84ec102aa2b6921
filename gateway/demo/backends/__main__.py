"""`python -m gateway.demo.backends`: runs the systems until its input ends. Started by `gateway.demo.process`.

The first line out is `{"environ": {variable: value}, "folder": path}`: how the specs find the systems and the finance
database, and the temporary folder that this process owns and removes. Then `control` speaks.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from gateway.demo.backends.control import follow
from gateway.demo.backends.serving import Site, server
from gateway.demo.backends.switches import Switch, Switchboard
from gateway.demo.backends.system import SYSTEMS, system_app
from gateway.demo.founding import found_company
from gateway.demo.ledger import write_ledger


def main() -> None:
    """Founds the company, opens its ports, and says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the starter's, who then ends this process
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        TemporaryDirectory(prefix="gateway-demo-", ignore_cleanup_errors=True) as folder,
        suppress(BrokenPipeError, asyncio.CancelledError),
    ):
        run(Path(folder))


def run(folder: Path) -> None:
    """Everything inside the temporary `folder`."""
    company = found_company(datetime.now(UTC).date())
    ledger = folder / "billing.db"
    write_ledger(ledger, company.invoice_lines)
    sites: dict[str, Site] = {}
    for kind in SYSTEMS:
        switch = Switch(kind.name, latency_ms=kind.latency_ms)
        sites[kind.variable] = Site(system_app(kind, company, switch), switch)
    environ = {variable: site.url for variable, site in sites.items()} | {"BILLING_DATABASE_URL": f"sqlite:///{ledger.as_posix()}"}
    greeting = msgspec.json.encode({"environ": environ, "folder": str(folder)})
    asyncio.run(serve(list(sites.values()), greeting))


async def serve(sites: list[Site], greeting: bytes) -> None:
    """Greets once connections are accepted, and ends with the input; a SIGTERM ends it at once."""
    main_task = asyncio.current_task()
    if main_task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main_task.cancel)
    running = server(sites)
    serving = asyncio.create_task(running.serve(sockets=[site.socket for site in sites]))
    sys.stdout.buffer.write(greeting + b"\n")
    sys.stdout.buffer.flush()
    await follow(sys.stdin.buffer, sys.stdout.buffer, Switchboard(site.switch for site in sites))
    running.stop()
    await serving


main()
