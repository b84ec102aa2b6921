"""Sources and their operations: built once, each operation folded into its chain of interceptors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from gateway.config.loaded import Parsed
from gateway.planner.absent import AbsentSource
from gateway.planner.answered import Answered, Given
from gateway.planner.batches import BatchCheck, batched
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.planner.services import ComponentServices, Surroundings
from gateway.planner.source_shapes import SourceShapes
from gateway.runtime.outcome import Outcome
from gateway.runtime.plan import OperationPlan
from gateway.runtime.schemas import SchemaReader
from gateway.sdk import (
    RESPONSE_ROOTS,
    Binding,
    Call,
    CallHandler,
    Clock,
    Compiled,
    Component,
    Operation,
    OperationConfig,
    Path,
    Result,
    Source,
    SourceConfig,
)
from gateway.sdk.source_config import CircuitBreaker, retries

INTERCEPTORS = ("once", "audit", "cache", "coalesce", "batch", "measure", "retry", "hedge", "breaker", "bulkhead", "attempt", "deadline")
"""Round a backend call, outside in. One that an operation doesn't ask for is not in its chain.

The deadline is innermost, round what knows nothing of time; the others each heed what is left. The source itself picks a server, each
with a circuit of its own.
"""

CompilerFor = Callable[[Parsed[Any]], Compiler]

LOCAL = "static"
"""The kind of source whose answers stand in the configuration."""


class Backend:
    """One source and the operations of it that are in use."""

    def __init__(
        self,
        parsed: Parsed[SourceConfig],
        source: Source,
        compiler: Compiler,
        *,
        surroundings: Surroundings,
        interceptors: list[Component],
        known: Known,
        breakers: Mapping[str, CircuitBreaker],
    ) -> None:
        self.parsed = parsed
        self.source = source
        self.compiler = compiler
        self._surroundings = surroundings
        self._interceptors = interceptors
        self._breakers = breakers
        self._shared: dict[str, Any] = {}
        self._operations: dict[str, OperationPlan | None] = {}
        self._configs: Mapping[str, OperationConfig] = getattr(parsed.model, "operations", {})
        self._shapes = SourceShapes(parsed.model, self._configs, compiler, known)

    @property
    def configs(self) -> Mapping[str, OperationConfig]:
        """The operations that the document declares."""
        return self._configs

    def config(self, name: str) -> OperationConfig:
        """What the document says of an operation; all defaults for one that only the API description names."""
        return self._configs.get(name) or OperationConfig()

    def operation(self, name: str) -> OperationPlan | None:
        """The operation of that name, planned the first time it is asked for; None where the source has none."""
        if name not in self._operations:
            bound = self.source.operation(name)
            self._operations[name] = planned = None if bound is None else self._plan(name, bound)
            if planned is not None:
                self._check_batch(name, planned)
        return self._operations[name]

    def _check_batch(self, name: str, planned: OperationPlan) -> None:
        batch = self._configs[name].batch if name in self._configs else None
        if batch is not None:
            check = BatchCheck(self.parsed.name, self._configs, list(self.source.names()), self.compiler)
            target = None if batched(self._configs, batch.operation) else self.operation(batch.operation)
            check.check(name, batch, planned, target)

    def plan_declared(self) -> None:
        """Plans every operation that the document declares, so that its faults are found whether it is used or not."""
        for name in self._configs:
            self.operation(name)

    def _plan(self, name: str, bound: Operation) -> OperationPlan:
        config = self.config(name)
        at: Path = ("operations", name)
        identity = f"{self.parsed.name}.{name}"
        planned = OperationPlan(
            id=identity,
            source=self.parsed.name,
            name=name,
            effect=bound.effect,
            handler=self._chain(identity, bound, config, at),
            timeout=float(config.timeout if config.timeout is not None else self.parsed.model.timeout),
            required=_required(bound.params),
            complete=self._reader(bound, at),
            params=bound.params,
            batched=config.batch is not None,
            keeps=config.cache is not None and bound.effect == "read",
            local=self.parsed.model.type == LOCAL,
            **self._tries(bound, config),
        )
        self._shapes.add(bound)
        return planned

    def _tries(self, bound: Operation, config: OperationConfig) -> dict[str, Any]:
        retry = retries(bound.effect, config, self.parsed.model)
        return {"tries": 1 + retry.max, "pause": retry.waits[1]}

    def answered(self, name: str) -> Callable[[Given], Answered]:
        """What an operation that was planned answers, and where its arguments go."""
        answered = Answered(self._shapes.result(name), self._shapes.failure(name), frozenset({self.parsed.name}))
        return answered.to_backend

    def check_shapes(self) -> None:
        """Holds every expression of the document against what it reads."""
        self._shapes.check_rest()

    def _chain(self, identity: str, bound: Operation, config: OperationConfig, at: Path) -> CallHandler:
        binding = Binding(
            identity,
            bound,
            config,
            self.parsed.model,
            self._sibling,
            tuple(self.involved(bound.name)),
            breaker=self._breaker(config.circuit_breaker or self.parsed.model.circuit_breaker),
            apart=frozenset(self._surroundings.tenants_apart(self.parsed.name)),
            shared=self._shared,
        )
        services = ComponentServices(identity, self._surroundings, self.compiler, at)
        handler: CallHandler = self._outcome(bound, config, at)
        for component in reversed(self._interceptors):
            interceptor = component.build(binding, services) if component.build is not None else None
            if interceptor is not None:
                handler = _wrap(interceptor, handler)
        return handler

    def _breaker(self, written: str | CircuitBreaker | None) -> CircuitBreaker | None:
        """A name that no policy knows is reported by the rules on names (GW510)."""
        return self._breakers.get(written) if isinstance(written, str) else written

    def _sibling(self, name: str) -> CallHandler | None:
        """The chain of another operation; None of one that would itself ask for another's."""
        planned = None if batched(self._configs, name) else self.operation(name)
        return None if planned is None else _completing(planned, self._surroundings.clock)

    def involved(self, name: str) -> Iterator[Operation]:
        """An operation and those that its batch leads to, one behind the other."""
        seen: set[str] = set()
        while name not in seen and (bound := self.source.operation(name)) is not None:
            yield bound
            seen.add(name)
            config = self._configs.get(name)
            if config is None or config.batch is None:
                return
            name = config.batch.operation

    def _outcome(self, bound: Operation, config: OperationConfig, at: Path) -> Outcome:
        def compiled(text: str | None, *below: str) -> Compiled | None:
            return self.compiler.optional(text, (*at, *below), RESPONSE_ROOTS)

        error = config.error
        return Outcome(
            operation=bound,
            success=compiled(config.success, "success"),
            result=compiled(config.result, "result"),
            error_code=compiled(error.code, "error", "code") if error else None,
            error_message=compiled(error.message, "error", "message") if error else None,
            declared=_declared(bound.output_schema),
            clock=self._surroundings.clock,
        )

    def _reader(self, bound: Operation, at: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
        try:
            return partial(SchemaReader(bound.params, text="out").read, coerce=True)
        except ValueError as error:
            message = f"`params` of `{bound.name}` is not a usable JSON Schema: {str(error).splitlines()[0]}"
            self.compiler.findings.report(self.compiler.document, "GW303", message, (*at, "params"))
            return dict


def _declared(schema: Any) -> type[Any] | None:
    """The Python type of an answer that is declared to be an object, or an array, and nothing else."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return {"object": dict, "array": list}.get(kind) if isinstance(kind, str) else None


def _required(params: Mapping[str, Any]) -> frozenset[str]:
    """What must be given: a default makes it optional."""
    declared = params.get("properties") or {}
    return frozenset(
        name for name in params.get("required", ()) if not (isinstance(declared.get(name), Mapping) and "default" in declared[name])
    )


def _completing(planned: OperationPlan, clock: Clock) -> CallHandler:
    """An operation for who is no step: its `params` and its `timeout` hold all the same."""

    def ask(call: Call) -> Awaitable[Result]:
        timeout = min(call.timeout, planned.timeout)
        deadline = min(call.deadline, clock.monotonic() + planned.allowance(timeout, call.limits))
        asked = call.replace(arguments=planned.complete(call.arguments), deadline=deadline)
        asked.timeout = timeout
        return planned.handler(asked)

    return ask


def _wrap(interceptor: Any, handler: CallHandler) -> CallHandler:
    return lambda call: interceptor(call, handler)


class Backends:
    """All sources by name."""

    def __init__(
        self,
        sources: Mapping[str, Parsed[SourceConfig]],
        components: Mapping[tuple[str, str], Component],
        surroundings: Surroundings,
        compiler_for: CompilerFor,
        *,
        names: frozenset[str],
        known: Known,
        breakers: Mapping[str, CircuitBreaker],
        without: frozenset[str] = frozenset(),
    ) -> None:
        """`breakers` are those of policies, by name; `without` are interceptors that no operation has, since what asks for them is not
        written."""
        self._names = names
        interceptors = [components["interceptor", name] for name in INTERCEPTORS if name not in without]
        self._backends: dict[str, Backend] = {}
        for name, parsed in sources.items():
            component = components["source", parsed.model.type]
            compiler = compiler_for(parsed)
            build = component.build or AbsentSource
            source = build(parsed.model, ComponentServices(name, surroundings, compiler))
            self._backends[name] = Backend(
                parsed, source, compiler, surroundings=surroundings, interceptors=interceptors, known=known, breakers=breakers
            )
        for backend in self._backends.values():
            backend.plan_declared()

    def names(self) -> Iterable[str]:
        """All sources, those included whose documents are broken."""
        return self._names

    def all(self) -> Iterable[Backend]:
        """Every source whose document is sound."""
        return self._backends.values()

    def get(self, name: str) -> Backend | None:
        """The source of that name."""
        return self._backends.get(name)

    def check_shapes(self) -> None:
        """Holds the sources' own expressions against what they read."""
        for backend in self._backends.values():
            backend.check_shapes()

    def sources(self) -> dict[str, Source]:
        """What the server starts and closes."""
        return {name: backend.source for name, backend in self._backends.items()}


def report_operation(backend: Backend, name: str, where: Compiler, path: Path, before: int) -> None:
    """An operation that can't be had: unknown, with the nearest that is known; or not callable, as was found since `before`.

    Of a source whose operations could not be found out nothing is said.
    """
    document = where.document
    if name in backend.source.names():
        where.findings.moved(backend.parsed.document, ("spec",), since=before, to=(document, path))
        return
    if where.findings.failed_in(backend.parsed.document) and not list(backend.source.names()):
        return
    value = document.place(path)
    prefix = len(backend.parsed.name) + 1
    width = value.end - value.column
    exact = document.place_in_text(path, prefix, prefix + len(name)) if width >= prefix + len(name) else value
    known = backend.source.names()
    where.findings.unknown(document, "GW223", "operation", name, known=known, path=path, of=backend.parsed.name, place=exact)
