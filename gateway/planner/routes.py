"""Routes that bind to an intent (language §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from gateway.config.loaded import Parsed
from gateway.config.models import Respond, Route
from gateway.expressions import SchemaShapes, Typing
from gateway.expressions.shape import ANY, TEXT
from gateway.planner import root_shapes, roots
from gateway.planner.access_planner import AccessPlanner
from gateway.planner.answered import Answered
from gateway.planner.argument_shapes import check_argument
from gateway.planner.compiler import Compiler
from gateway.planner.cross_origin import plan_pipeline
from gateway.planner.flows import Flow, Outflow, flows_of
from gateway.planner.known import Known
from gateway.planner.masking import MaskPlanner
from gateway.planner.route_paths import PLACEHOLDER, RoutePaths
from gateway.runtime.addresses import reserved
from gateway.runtime.plan import IntentPlan, RoutePlan
from gateway.runtime.responses import sendable_header, sendable_status
from gateway.sdk import Access, Compiled


class RoutePlanner:
    """Plans all routes and refuses two that would answer the same request. `answered` tells what an intent answers.

    `outflows` tell what leaves by each route that was planned.
    """

    def __init__(
        self,
        intents: Mapping[str, IntentPlan],
        names: frozenset[str],
        *,
        access: AccessPlanner,
        known: Known,
        masks: MaskPlanner,
        answered: Callable[[str], Answered],
        compiler_for: Callable[[Parsed[Any]], Compiler],
    ) -> None:
        self._intents = intents
        self._names = names
        self._access_planner = access
        self._known = known
        self._masks = masks
        self._answered = answered
        self._compiler_for = compiler_for
        self._paths = RoutePaths()
        self.outflows: list[Outflow] = []

    def plan_all(self, routes: Mapping[str, Parsed[Route]]) -> tuple[RoutePlan, ...]:
        """Every route that binds to an intent; proxy routes are checked, and come into force later."""
        return tuple(plan for parsed in routes.values() if (plan := self._plan(parsed)) is not None)

    def _plan(self, parsed: Parsed[Route]) -> RoutePlan | None:
        model, compiler = parsed.model, self._compiler_for(parsed)
        methods = _methods(model)
        self._claim(model, methods, compiler)
        access = self._access(model, compiler)
        given = compiler.template(model.input, ("input",), roots.ROUTE) if "input" in compiler.document.data else None
        status, headers, body = _respond(model.respond, compiler)
        names = PLACEHOLDER.findall(model.match.path)
        cross_origin = plan_pipeline(model.pipeline, compiler)
        intent = self._intent(model, compiler)
        flows = tuple(self._check_shapes(model, names, intent, compiler))
        if intent is None:
            return None
        roles = intent.access.roles if access is None else intent.access.roles & access.roles
        self.outflows.append(Outflow(parsed.document, roles, flows, intent.name))
        return RoutePlan(
            name=model.route,
            methods=methods,
            path=model.match.path,
            intent=intent,
            input=given,
            access=access,
            respond_status=self._shown(compiler, "status", status),
            respond_headers=tuple((name.lower(), self._shown(compiler, "headers", value, name) or value) for name, value in headers),
            respond_body=self._shown(compiler, "body", body),
            responds=model.respond is not None,
            cross_origin=cross_origin,
        )

    def _shown(self, compiler: Compiler, key: str, plain: Compiled | None, *below: str) -> Compiled | None:
        """A part of the route's own answer, its values masked as they get in."""
        if plain is None:
            return None
        called = ".".join([key, *below])
        return self._masks.template(compiler, ("respond", key, *below), plain, roots.RESPOND, called=called, named=key == "body")

    def _check_shapes(self, model: Route, names: Iterable[str], intent: IntentPlan | None, compiler: Compiler) -> Iterator[Flow]:
        """What leaves by the route's own answer."""
        answered = Answered(ANY) if model.intent is None else self._answered(model.intent)
        check = self._known.check(compiler)
        request = Typing({**self._known.roots, "request": root_shapes.request(names)})
        if intent is not None:
            declared = SchemaShapes(intent.input_schema, strict=True).whole()
            for name, shape in check.members(("input",), request).items():
                wanted = declared.member(name) if declared.known else None
                if wanted is not None:
                    check_argument(shape, wanted, name, compiler, ("input", name))
        answer = request.with_roots(output=answered.shape, error=root_shapes.error(answered.failure), status=TEXT)
        for path in [path for path in compiler.sites if path[0] == "respond"]:
            yield from flows_of(check.template(path, answer), path)
        check.rest(lambda _: request)

    def _access(self, model: Route, compiler: Compiler) -> Access | None:
        """A route's own conditions come on top of its intent's, which always hold. Where none are written it is as open as its intent,
        save for whom a rule denies it."""
        if "access" not in compiler.document.data:
            return self._access_planner.denials(f"route:{model.route}")
        if model.access.internal:
            compiler.findings.report(
                compiler.document, "GW233", "`internal` has no meaning for a route, which is there to be called", ("access", "internal"),
                key=True, hint="an intent can be internal; take the route out where nobody may use it",
            )  # fmt: skip
        return self._access_planner.plan(model.access, f"route:{model.route}", compiler, ("access",))

    def _intent(self, model: Route, compiler: Compiler) -> IntentPlan | None:
        if model.intent is None:
            return None
        if model.intent not in self._names:
            compiler.findings.unknown(compiler.document, "GW227", "intent", model.intent, known=self._names, path=("intent",))
            return None
        intent = self._intents.get(model.intent)
        if intent is not None and intent.access.internal:
            compiler.findings.report(
                compiler.document, "GW227", f"intent `{intent.name}` is internal: only intents may call it", ("intent",),
                hint="name another intent, or take out its `internal: true`",
            )  # fmt: skip
        if intent is not None:
            self._check_input(model, intent, compiler)
        return intent

    def _check_input(self, model: Route, intent: IntentPlan, compiler: Compiler) -> None:
        declared = intent.input_schema.get("properties") or {}
        for name in model.input:
            if name not in declared and intent.input_schema.get("additionalProperties", True) is False:
                compiler.findings.unknown(
                    compiler.document, "GW224", "input", name, known=declared, path=("input", name), of=intent.name, key=True
                )
        for name in sorted(intent.required - model.input.keys()) if model.input else ():
            compiler.findings.report(
                compiler.document, "GW225", f"input `{name}` of `{intent.name}` is required", ("intent",), hint=f"add `{name}` to `input`"
            )

    def _claim(self, model: Route, methods: tuple[str, ...], compiler: Compiler) -> None:
        if reserved(model.match.path):
            compiler.findings.report(
                compiler.document, "GW239", f"{model.match.path} belongs to the gateway itself", ("match", "path"), hint="take another path"
            )
        self._paths.claim(model, methods, compiler)


def _methods(model: Route) -> tuple[str, ...]:
    method = model.match.method
    if method is None:
        return ("GET",)
    return (method,) if isinstance(method, str) else tuple(dict.fromkeys(method))


def _respond(model: Respond | None, compiler: Compiler) -> tuple[Any, tuple[tuple[str, Any], ...], Any]:
    if model is None:
        return None, (), None
    status = None if model.status is None else compiler.template(model.status, ("respond", "status"), roots.RESPOND)
    headers = tuple((name, compiler.template(value, ("respond", "headers", name), roots.RESPOND)) for name, value in model.headers.items())
    body = None if model.body is UNSET else compiler.template(model.body, ("respond", "body"), roots.RESPOND)
    _check_sendable(model, status, compiler)
    return status, headers, body


def _check_sendable(model: Respond, status: Compiled | None, compiler: Compiler) -> None:
    """Reports what no answer could be sent with."""
    if status is not None and status.constant and sendable_status(status({})) is None:
        message = "a route's `status` is an HTTP status from 200 to 599"
        compiler.findings.report(compiler.document, "GW104", message, ("respond", "status"))
    for name in model.headers:
        if not sendable_header(name):
            message = f"the header `{name}` can't be set by a route"
            compiler.findings.report(compiler.document, "GW243", message, ("respond", "headers", name), key=True)
