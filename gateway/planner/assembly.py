"""Loaded models → plan. Every problem of every part is collected before anything is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import AuditPolicy, FlagsPolicy, RolesPolicy
from gateway.config.models.gateway import Stores
from gateway.config.models.policies import CircuitBreakersPolicy, MaskingPolicy
from gateway.config.secret_watch import SecretWatch
from gateway.expressions import Evaluated, Typing
from gateway.expressions.shape import ANY, closed, of_data
from gateway.pipeline.fold import Layer, fold, fold_front
from gateway.pipeline.phases import Phase
from gateway.planner import root_shapes
from gateway.planner.access import Roles
from gateway.planner.access_planner import AccessPlanner, Permitted
from gateway.planner.access_rules import AccessRules
from gateway.planner.backends import Backends
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.planner.idempotency import plan_once
from gateway.planner.identity import plan_identity
from gateway.planner.intents import IntentPlanner
from gateway.planner.known import Known
from gateway.planner.levels import LevelPlanner
from gateway.planner.limits import LimitPlanner
from gateway.planner.listener import plan_server
from gateway.planner.masking import MaskPlanner
from gateway.planner.planned import Planned
from gateway.planner.pressure import plan_pressure
from gateway.planner.recalls import plan_caches
from gateway.planner.records import plan_audit, record_store
from gateway.planner.routes import RoutePlanner
from gateway.planner.rules import RULES
from gateway.planner.services import ComponentServices, Surroundings
from gateway.planner.state import state_store
from gateway.planner.tenants import TenantPlanner
from gateway.planner.transforms import Transforms
from gateway.policies.auditor import Auditor
from gateway.policies.kept_answers import KeptAnswers
from gateway.policies.limits import Limits
from gateway.policies.tenant import Directory
from gateway.runtime.intents import Executor
from gateway.runtime.languages import Languages
from gateway.runtime.plan import IntentCatalogue, Plan
from gateway.sdk import Clock, Component, Metrics, Problem, SystemClock
from gateway.sdk.source_config import CircuitBreaker
from gateway.sdk.state import StateStore

STAGES = (
    "trace", "record", "audit", "mask_text", "render", "authenticate", "tenant", "assign", "rate_limit", "understand", "audit_gate",
    "authorize", "level", "admit", "intent_limits", "validate", "idempotency", "recall",
)  # fmt: skip
"""The built-in stages; each knows its phase."""

AUDITING = frozenset({"audit", "audit_gate"})
"""The stages, and the interceptor of that name, that are there where a policy `audit` is."""


class Assembled(NamedTuple):
    """The plan, or None where anything is wrong; every problem, in order of place; and what the plan was made from."""

    plan: Plan | None
    problems: list[Problem]
    planned: Planned


class Assembly:
    """Plans one loaded folder."""

    def __init__(
        self, loaded: Loaded, components: Mapping[tuple[str, str], Component], metrics: Metrics, clock: Clock | None = None
    ) -> None:
        self._loaded = loaded
        self._components = components
        self._findings = Findings(complete=loaded.complete)
        self._expressions: list[Evaluated] = []
        policies = loaded.policies
        config = loaded.gateway.model.config if loaded.gateway is not None else {}
        flags = {
            name: flag.default for policy in policies if isinstance(policy.model, FlagsPolicy) for name, flag in policy.model.flags.items()
        }
        self._surroundings = Surroundings(folder=loaded.folder, clock=clock or SystemClock(), metrics=metrics, config=config, flags=flags)
        watch = SecretWatch(loaded.secrets, metrics=metrics)
        self._surroundings.starters.append(("secrets", watch.start))
        self._surroundings.closers.append(watch.close)
        config_shape = ANY if loaded.gateway is None else of_data(config, exact=False)
        self._audits = [cast("Parsed[AuditPolicy]", policy) for policy in policies if isinstance(policy.model, AuditPolicy)]
        self._transforms = Transforms(loaded.transforms, loaded.names("transform"), config_shape)
        self._tenants = TenantPlanner(loaded, self._findings, self._expressions)
        self._surroundings.tenant_servers = self._tenants.servers
        if loaded.gateway is not None:
            self._surroundings.tenant_auth = partial(self._tenants.auth, compiler=self._compiler(loaded.gateway))
        self._surroundings.tenants = self._tenants.names()
        self._surroundings.circuit_breakers = _breakers(policies)
        self._surroundings.tenants_apart = self._tenants.apart
        maskings = (cast("Parsed[MaskingPolicy]", policy) for policy in policies if isinstance(policy.model, MaskingPolicy))
        self._masks = MaskPlanner(maskings, self._compiler, metrics)
        self._known = Known(
            config=config_shape,
            tenant=self._tenants.shape(),
            flags=ANY if ("policy", "flags") in loaded.broken or not loaded.complete else closed(flags),
            user=root_shapes.user(None if loaded.gateway is None else loaded.gateway.model, components),
            transforms=self._transforms.shapes,
            fields=self._masks.patterns if self._masks.patterns.texts else None,
        )

    def plan(self) -> Assembled:
        """Everything, the loader's problems included."""
        self._surroundings.state = self._state()
        self._transforms.compile_all(self._compiler)
        self._transforms.check_shapes()
        self._masks.check(self._known)
        access = self._access()
        sources = self._loaded.sources
        answers = self._surroundings.answers = _answers(self._loaded, self._surroundings)
        backends = Backends(
            sources, self._components, self._surroundings, self._compiler, names=self._loaded.names("source"), known=self._known,
            breakers=self._surroundings.circuit_breakers, without=frozenset() if self._audits else AUDITING,
        )  # fmt: skip
        self._surroundings.closers.append(answers.close)
        backends.check_shapes()
        names = self._loaded.names("intent")
        intents = IntentPlanner(
            self._loaded.intents, names, backends=backends, access=access, compiler_for=self._compiler, known=self._known, masks=self._masks
        )
        plans = intents.plan_all()
        planner = RoutePlanner(
            plans, names, access=access, known=self._known, masks=self._masks, compiler_for=self._compiler, answered=intents.answered
        )
        routes = planner.plan_all(self._loaded.routes)
        access.roles.check_targets(self._targets())
        outflows = (*intents.outflows, *planner.outflows)
        planned = Planned(self._loaded, self._findings, backends, access, plans, routes, self._expressions, outflows, self._masks)
        limits = self._limits()
        plan = self._finish(planned, limits, LevelPlanner(self._loaded, self._compiler, self._known))
        for rule in RULES:  # last, since they leave alone what has an error
            rule(planned)
        problems = _in_order([*self._loaded.problems, *self._findings.problems])
        failed = any(problem.severity == "error" for problem in problems)
        return Assembled(None if failed else plan, problems, planned)

    def _state(self) -> StateStore | None:
        """What interceptors are built with."""
        parsed = self._loaded.gateway
        return None if parsed is None else state_store(parsed, self._components, self._compiler(parsed), self._surroundings)

    def _access(self) -> AccessPlanner:
        """Roles and rules, which intents and routes are held against."""
        policies = [cast("Parsed[RolesPolicy]", policy) for policy in self._loaded.policies if isinstance(policy.model, RolesPolicy)]
        roles = Roles(policies, self._findings, complete=("policy", "roles") not in self._loaded.broken)
        rules = AccessRules(policies, roles, self._compiler)
        rules.check_shapes(self._known)
        return AccessPlanner(roles, rules, self._tenants.denials)

    def _limits(self) -> Limits:
        """How much callers may ask for."""
        planner = LimitPlanner(self._loaded, self._compiler, self._known)
        return Limits(planner.policy(), planner.of_intents(), self._surroundings.clock, self._surroundings.state)

    def _finish(self, planned: Planned, limits: Limits, degradation: LevelPlanner) -> Plan | None:
        parsed, access, intents = self._loaded.gateway, planned.access, planned.intents
        if parsed is None:
            return None
        compiler, permitted = self._compiler(parsed), access.permitted()
        authenticators = plan_identity(parsed, self._components, access.roles, compiler, self._surroundings)
        catalogue = IntentCatalogue(intents)
        store = record_store(parsed, self._components, compiler, self._surroundings)
        auditor = plan_audit(self._audits, intents, self._known.user, store=store, compiler=compiler, surroundings=self._surroundings)
        keeper = degradation.keeper(frozenset(intents), store, self._surroundings)
        credentials = frozenset[str]().union(*(authenticator.reads for _, authenticator in authenticators))
        pressure = plan_pressure(self._loaded, credentials, self._tenants.hosts())
        languages = Languages({*degradation.languages, *(language for intent in intents.values() for language in intent.languages)})
        given = {
            **self._given(planned, limits, degradation),
            "authenticate": {"authenticators": authenticators},
            "tenant": {"directory": self._directory(compiler, languages)},
            "level": {"levels": keeper.levels},
            "admit": {"pressure": pressure},
            "idempotency": {"intents": plan_once(planned), "store": store},
            **_audited(auditor),
        }
        layers = self._layers(given, catalogue, permitted, compiler)
        return Plan(
            name=parsed.model.gateway,
            digest=f"sha256:{self._loaded.digest}",
            catalogue=catalogue,
            routes=planned.routes,
            sources=planned.backends.sources(),
            handler=fold(layers, Executor(self._surroundings.clock)),
            front=fold_front(layers),
            layers=tuple((layer.phase, layer.name) for layer in layers),
            server=plan_server(parsed, compiler, self._surroundings.folder),
            permitted=permitted,
            credentials=credentials,
            starters=tuple(self._surroundings.starters),
            closers=(*reversed(self._surroundings.closers), *(client.close for client in self._surroundings.clients)),
            logs=parsed.model.telemetry.logs,
            hide_in_logs=self._masks.free_text(logs=True),
            metrics=parsed.model.telemetry.metrics,
            languages=languages,
            records=store,
            state=self._surroundings.state,
            answers=self._surroundings.answers,
            auditor=auditor,
            standings=self._surroundings.standings,
            limits=limits,
            levels=keeper,
            pressure=pressure,
        )

    def _given(self, planned: Planned, limits: Limits, degradation: LevelPlanner) -> dict[str, dict[str, Any]]:
        """The configurations of stages that follow from the documents alone."""
        return {
            "assign": {"assignments": planned.access.rules.assignments},
            "mask_text": {"free_text": self._masks.free_text(logs=False)},
            "rate_limit": {"limits": limits},
            "render": {"replies": degradation.replies},
            "intent_limits": {"limits": limits},
            "recall": {"caches": plan_caches(planned), "revision": self._loaded.digest.encode()},
        }

    def _directory(self, compiler: Compiler, languages: Languages) -> Directory | None:
        """How a request's tenant is found."""
        directory = self._tenants.directory(compiler, languages)
        self._known.check(compiler).expression(("tenants", "id"), Typing(self._known.roots))
        return directory

    def _layers(
        self,
        given: Mapping[str, dict[str, Any]],
        catalogue: IntentCatalogue,
        permits: Permitted,
        compiler: Compiler,
    ) -> list[Layer]:
        """`given` are the configurations of stages; a stage for auditing that has none, or one that is off, is not in the chain."""
        layers = []
        for name in (stage for stage in STAGES if stage not in AUDITING or stage in given):
            component = self._components["stage", name]
            services = ComponentServices(name, self._surroundings, compiler, catalogue=catalogue, permits=permits)
            if component.build is not None and component.phase is not None:
                stage = component.build(component.Config(**given.get(name, {})), services)
                if stage is not None:
                    layers.append(Layer(cast("Phase", component.phase), name, stage))
        return layers

    def _targets(self) -> Iterable[str]:
        for kind in ("intent", "route", "source"):
            yield from (f"{kind}:{name}" for name in sorted(self._loaded.names(kind)))

    def _compiler(self, parsed: Parsed[Any]) -> Compiler:
        return Compiler(parsed.document, self._findings, functions={}, transforms=self._transforms, made=self._expressions)


def _breakers(policies: Iterable[Parsed[Any]]) -> dict[str, CircuitBreaker]:
    found = (policy.model.circuit_breakers for policy in policies if isinstance(policy.model, CircuitBreakersPolicy))
    return {name: breaker for breakers in found for name, breaker in breakers.items()}


def _answers(loaded: Loaded, surroundings: Surroundings) -> KeptAnswers:
    stores = loaded.gateway.model.stores if loaded.gateway is not None else Stores()
    return KeptAnswers(int(stores.cache), surroundings.clock, surroundings.metrics, surroundings.state)


def _audited(auditor: Auditor | None) -> dict[str, dict[str, Any]]:
    return {} if auditor is None else {"audit": {"auditor": auditor}, "audit_gate": {"auditor": auditor}}


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (problem.place.file, problem.place.line, problem.place.column, problem.code))
