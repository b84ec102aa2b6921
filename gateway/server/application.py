"""The gateway as two ASGI applications: the public one and the operators'."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway.runtime.plan import Plan
from gateway.sdk import Clock, GatewayError, SystemClock
from gateway.server.admin import make_admin
from gateway.server.admin_cache import purge_route
from gateway.server.admin_levels import level_route
from gateway.server.admin_quotas import quotas_route
from gateway.server.dispatch import Dispatcher
from gateway.server.front import Front
from gateway.server.gate import Gate
from gateway.server.security_headers import SafePages
from gateway.server.serving import Serving
from gateway.server.site import make_site
from gateway.server.together import Together
from gateway.telemetry.metrics import NoMetrics, PrometheusMetrics


class Application:
    """Serves one plan. `routes` are further pages of the public listener; `metrics` is what the operators' listener shows.

    `startup` starts the sources and whatever else of the plan has to start, `shutdown` closes them and whatever else the plan opened;
    both may be called by an ASGI server's lifespan instead.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        routes: Sequence[BaseRoute] = (),
        metrics: PrometheusMetrics | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Raises `ValueError` for a route at an address that is taken or reserved."""
        self._serving = Serving(plan)
        self._started = False
        self._logger = logging.getLogger("gateway.server")
        gate = Gate(clock or SystemClock(), self._logger, metrics)
        site = make_site(
            routes,
            started=lambda: self._started,
            refuse=lambda scope, error: gate.refuse(scope, self._serving.plan, error),
            fail=gate.broken,
        )
        self.front = Front(lambda: self._serving, metrics or NoMetrics())
        self.asgi: ASGIApp = Dispatcher(lambda: self._serving, gate, site, startup=self.startup, shutdown=self.shutdown, front=self.front)
        self.together = Together(lambda: self._serving, lambda: self._started, metrics)
        more = [
            purge_route(gate, lambda: self._serving, self.together.purge),
            quotas_route(gate, lambda: self._serving),
            level_route(gate, lambda: self._serving),
        ]
        self.admin_asgi: ASGIApp = SafePages(
            make_admin(self.together.readiness, started=lambda: self._started, expose=self.together.metrics, more=more)
        )

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._serving.plan

    async def startup(self) -> None:
        """Starts every source. One that can't be reached is logged and shows as not ready; the gateway starts all the same."""
        await asyncio.gather(
            *(self._start(f"source {name}", source.start) for name, source in self.plan.sources.items()),
            *(self._start(name, start) for name, start in self.plan.starters),
        )
        self.front.start()
        self._started = True

    def retire(self) -> None:
        """Readiness is off from now on; requests are still served."""
        self._started = False

    async def shutdown(self) -> None:
        """Closes every source, then the rest. Each is closed whatever becomes of the others."""
        self._started = False
        self.front.stop()
        for name, source in self.plan.sources.items():
            await self._close(f"source {name}", source.close)
        for closer in self.plan.closers:
            await self._close("client", closer)

    async def _start(self, name: str, start: Callable[[], Awaitable[None]]) -> None:
        try:
            await start()
        except GatewayError as error:
            self._logger.warning("%s is not ready: %s", name, error.message)

    async def _close(self, what: str, close: Callable[[], Any]) -> None:
        """The border of what a component does at its end."""
        try:
            closing = close()
            if inspect.isawaitable(closing):
                await closing
        except Exception:
            self._logger.exception("%s could not be closed", what)
