"""The backend calls of a step: what each sends, who may share its answer, and which lines of its source's document hold for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from gateway.planner.backends import Backend
from gateway.planner.explain.account import CallAccount, Line, Shared
from gateway.planner.explain.lines import Lines
from gateway.planner.explain.policies import breaker_place
from gateway.planner.explain.requests import Requests
from gateway.planner.planned import Planned
from gateway.runtime.plan import CallOperation, IntentPlan, OperationPlan, StepPlan
from gateway.sdk import HttpSourceConfig, Operation, Path, Reference
from gateway.sdk.source_config import BackendAuth, Cache

NARROWED = ("timeout", "retry", "cache")
"""Keys of a step that narrow those of its operation."""

OF_OPERATION = ("timeout", "retry", "circuit_breaker", "hedge", "batch", "paginate", "idempotency", "classification")
OF_SOURCE = ("timeout", "retry", "circuit_breaker", "concurrency", "rate", "queue", "forward", "accepts", "default_classification")
"""Keys that say how a call is made. Addresses, headers and credentials are not among them: they are not to be shown."""


class Calls:
    """Tells of calls in a planned folder."""

    def __init__(self, planned: Planned, lines: Lines, requests: Requests) -> None:
        self._planned = planned
        self._lines = lines
        self._requests = requests

    def of(self, intent: IntentPlan, step: StepPlan) -> Iterator[CallAccount]:
        """The step's own call and those of its ladder; calls of other intents have accounts of their own."""
        if isinstance(step.action, CallOperation):
            narrower = self._planned.loaded.intents[intent.name][-1].model.steps[step.id].cache
            yield self._account(step.action.operation, None, list(self._of_step(intent, step)), narrower)
        for rung in step.ladder:
            if isinstance(rung.call, CallOperation):
                yield self._account(rung.call.operation, rung.number, [])

    def _account(
        self, operation: OperationPlan, rung: int | None, narrowed: Sequence[tuple[str, Line]], narrower: Cache | None = None
    ) -> CallAccount:
        backend = self._planned.backends.get(operation.source)
        own = backend.config(operation.name).cache if backend is not None and operation.keeps else None
        found = {} if backend is None else dict(self._of_source(backend, operation.name))
        found |= narrowed
        if backend is not None and operation.effect == "write" and backend.config(operation.name).idempotency is None:
            found.pop("retry", None)  # its source's, which holds for what may be repeated
        involved = () if backend is None else tuple(backend.involved(operation.name))
        sends = sent(involved)
        return CallAccount(
            operation=operation.id,
            rung=rung,
            effect=operation.effect,
            backend=self._requests.backend(operation.source),
            shared="nobody" if operation.effect == "write" else kept_for(shared(involved), own, narrower),
            sends=sends,
            cache=found.pop("cache", None),
            policies=tuple(found.values()),
        )

    def _of_step(self, intent: IntentPlan, step: StepPlan) -> Iterator[tuple[str, Line]]:
        document = self._planned.loaded.intents[intent.name][-1].document
        for name in NARROWED:
            if (line := self._lines.key(document, ("steps", step.id, name))) is not None:
                yield name, line

    def _of_source(self, backend: Backend, operation: str) -> Iterator[tuple[str, Line]]:
        """The lines by key: an operation's own takes the place of its source's."""
        document = backend.parsed.document
        at: Path = ("operations", operation)
        if isinstance(backend.parsed.model, HttpSourceConfig) and backend.parsed.model.auth is not None:
            yield "auth", self._lines.at(document, ("auth",), f"auth {way(backend.parsed.model.auth)}")
        yield from self._of_tenants(backend.parsed.name)
        for path in [*((name,) for name in OF_SOURCE), *((*at, name) for name in (*OF_OPERATION, "cache"))]:
            if (line := self._lines.key(document, path)) is not None:
                yield str(path[-1]), self._with_policy(line) if path[-1] == "circuit_breaker" else line
        if "timeout" not in document.data and backend.config(operation).timeout is None:
            yield "timeout", Line(f"timeout {backend.parsed.model.timeout:g}s, by default", None)

    def _of_tenants(self, source: str) -> Iterator[tuple[str, Line]]:
        """Credentials of their own that tenants have."""
        gateway = self._planned.loaded.gateway
        for name, tenant in (gateway.model.tenants.known if gateway is not None and gateway.model.tenants is not None else {}).items():
            if gateway is not None and source in tenant.auth:
                at: Path = ("tenants", "known", name, "auth", source)
                yield f"auth {name}", self._lines.at(gateway.document, at, f"auth {way(tenant.auth[source])} for tenant {name}")

    def _with_policy(self, line: Line) -> Line:
        """A circuit breaker that is named stands in a policy."""
        place = breaker_place(self._planned, line.text.partition(" ")[2])
        return line if place is None else msgspec.structs.replace(line, text=f"{line.text} ({place})")


def sent(operations: Sequence[Operation]) -> tuple[str, ...]:
    """What goes to the backend besides the arguments: paths of the caller's, the tenant's and the request's, and headers."""
    references = {dotted(reference) for operation in operations for reference in operation.identity}
    headers = {f"header {name.lower()}" for operation in operations for name in operation.forwards}
    return (*sorted(references), *sorted(headers))


def shared(operations: Sequence[Operation]) -> Shared:
    """Who may be given the answer of one call (the key rule of `gateway.sdk.sharing`)."""
    if any(reference[0] == "user" for operation in operations for reference in operation.identity):
        return "caller"
    return "equals" if sent(operations) else "tenant"


def kept_for(equals: Shared, own: Cache | None, narrower: Cache | None) -> Shared:
    """Who may be given an answer that the operation's `cache` keeps, and the step's makes narrower; `equals` without a cache."""
    scopes = [cache.scope for cache in (own, narrower) if own is not None and cache is not None]
    if "user" in scopes:
        return "caller"
    return "all" if scopes[:1] == ["public"] and "tenant" not in scopes and equals != "caller" else equals


def way(auth: BackendAuth) -> str:
    """How a source's calls are proven, in a word; none of what is written there."""
    if auth.oauth2 is not None:
        return f"oauth2 {auth.oauth2.grant}"
    return next((name for name in ("basic", "api_key", "identity_header") if getattr(auth, name) is not None), "forward_token")


def dotted(reference: Reference) -> str:
    """A path as it is written."""
    first, *others = reference
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in others)
