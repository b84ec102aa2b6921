"""All that the server derives from a plan, made once: which endpoint stands at which address."""

from __future__ import annotations

from starlette.types import Scope, Send

from gateway.runtime.addresses import RESERVED, reserved
from gateway.runtime.plan import Plan
from gateway.sdk import Malformed
from gateway.server.chat import Chat
from gateway.server.cors import Cors, Headers, header, telling
from gateway.server.endpoint import Endpoint
from gateway.server.intents import Listing, RunIntent
from gateway.server.judgement import Judgement
from gateway.server.overload_answer import OverloadAnswer
from gateway.server.paths import Segments, segments_of
from gateway.server.refusals import UriTooLong
from gateway.server.router import Found, Router
from gateway.server.security_headers import HSTS
from gateway.server.user_routes import UserRoute


class Serving:
    """One plan and its addresses. A request takes it once and keeps it, whatever is loaded meanwhile."""

    __slots__ = ("_cors", "_cors_of", "_intent_of", "_own", "_routes", "_secure", "judge", "overloaded", "plan")

    def __init__(self, plan: Plan) -> None:
        """Raises `ValueError` for a route at an address that is taken or reserved."""
        self.plan = plan
        settings = plan.server
        self._cors = Cors(settings.cross_origin) if settings.cross_origin is not None else None
        self._secure = HSTS if (settings.public_url or "").startswith("https:") else ()
        self._cors_of: dict[Endpoint, Cors] = {}
        self._intent_of: dict[Endpoint, str] = {}
        self.judge = Judgement(plan, self._routed_intent)
        self.overloaded = OverloadAnswer(self._secure)
        self._own: Router[Endpoint] = Router()
        self._own.add("POST", "/v1/chat", Chat())
        self._own.add("GET", "/v1/intents", Listing(plan))
        self._own.add("POST", "/v1/intents/{name}", RunIntent())
        self._routes: Router[Endpoint] = Router()
        for route in plan.routes:
            if reserved(route.path):
                raise ValueError(f"route `{route.name}`: {route.path} belongs to the gateway")
            endpoint = UserRoute(route, plan.credentials)
            self._intent_of[endpoint] = route.intent.name
            if route.cross_origin is not None:
                self._cors_of[endpoint] = Cors(route.cross_origin)
            for method in route.methods:
                self._routes.add(method, route.path, endpoint)

    def cors_at(self, found: Found[Endpoint] | tuple[str, ...], scope: Scope, segments: Segments) -> Cors | None:
        """What counts at an address: its own, or the gateway's. A question beforehand is about the method that it names."""
        if not self._cors_of:
            return self._cors
        if found and not isinstance(found, Found):
            asked = header(scope, b"access-control-request-method")
            found = self.find(asked.decode("latin-1") if asked is not None else found[0], segments)
        return self._cors_of.get(found.target, self._cors) if isinstance(found, Found) else self._cors

    def telling(self, scope: Scope, send: Send, cors: Cors | None) -> Send:
        """A `send` whose answer has the headers that the configuration asks for."""
        if cors is None:
            return telling(send, self._secure) if self._secure else send
        return telling(send, (*self._secure, *cors.headers_for(header(scope, b"origin"))))

    def find(self, method: str, segments: Segments) -> Found[Endpoint] | tuple[str, ...]:
        """What answers, or the methods that are allowed. No route, however general, stands at an address of the gateway's own."""
        router = self._own if f"/{segments[0]}" in RESERVED else self._routes
        return router.find(method, segments)

    def cors_headers(self, scope: Scope) -> Headers:
        """What an answer to a request tells a browser that was not looked at any further."""
        if self._cors is None and not self._cors_of:
            return ()
        segments = _segments(scope)
        cors = self.cors_at(self.find(scope["method"], segments), scope, segments)
        return () if cors is None else cors.headers_for(header(scope, b"origin"))

    def _routed_intent(self, scope: Scope) -> str | None:
        found = self._routes.find(scope["method"], _segments(scope)) if self._intent_of else None
        return self._intent_of.get(found.target) if isinstance(found, Found) else None


def _segments(scope: Scope) -> Segments:
    """Those of the path; none where it is not valid, as nothing stands there."""
    try:
        return segments_of(scope["raw_path"])
    except (Malformed, UriTooLong):
        return ()
