"""All that the server derives from a plan, made once: which endpoint stands at which address."""

from __future__ import annotations

from gateway.runtime.addresses import RESERVED, reserved
from gateway.runtime.plan import Plan
from gateway.server.chat import Chat
from gateway.server.endpoint import Endpoint
from gateway.server.intents import Listing, RunIntent
from gateway.server.paths import Segments
from gateway.server.router import Found, Router
from gateway.server.user_routes import UserRoute


class Serving:
    """One plan and its addresses. A request takes it once and keeps it, whatever is loaded meanwhile."""

    __slots__ = ("_own", "_routes", "plan")

    def __init__(self, plan: Plan) -> None:
        """Raises `ValueError` for a route at an address that is taken or reserved."""
        self.plan = plan
        self._own: Router[Endpoint] = Router()
        self._own.add("POST", "/v1/chat", Chat())
        self._own.add("GET", "/v1/intents", Listing(plan))
        self._own.add("POST", "/v1/intents/{name}", RunIntent())
        self._routes: Router[Endpoint] = Router()
        for route in plan.routes:
            if reserved(route.path):
                raise ValueError(f"route `{route.name}`: {route.path} belongs to the gateway")
            endpoint = UserRoute(route, plan.credentials)
            for method in route.methods:
                self._routes.add(method, route.path, endpoint)

    def find(self, method: str, segments: Segments) -> Found[Endpoint] | tuple[str, ...]:
        """What answers, or the methods that are allowed. No route, however general, stands at an address of the gateway's own."""
        router = self._own if f"/{segments[0]}" in RESERVED else self._routes
        return router.find(method, segments)
