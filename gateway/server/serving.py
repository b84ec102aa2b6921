"""All that the server derives from a plan, made once: which endpoint stands at which address."""

from __future__ import annotations

from gateway.runtime.addresses import reserved
from gateway.runtime.plan import Plan
from gateway.server.chat import Chat
from gateway.server.endpoint import Endpoint
from gateway.server.intents import Listing, RunIntent
from gateway.server.router import Router
from gateway.server.user_routes import UserRoute


class Serving:
    """One plan and its addresses. A request takes it once and keeps it, whatever is loaded meanwhile."""

    __slots__ = ("plan", "router")

    def __init__(self, plan: Plan) -> None:
        """Raises `ValueError` for a route at an address that is taken or reserved."""
        self.plan = plan
        self.router: Router[Endpoint] = Router()
        self.router.add("POST", "/v1/chat", Chat())
        self.router.add("GET", "/v1/intents", Listing(plan))
        self.router.add("POST", "/v1/intents/{name}", RunIntent())
        for route in plan.routes:
            if reserved(route.path):
                raise ValueError(f"route `{route.name}`: {route.path} belongs to the gateway")
            endpoint = UserRoute(route)
            for method in route.methods:
                self.router.add(method, route.path, endpoint)
