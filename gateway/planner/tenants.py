"""The tenants of gateway.yaml: what is particular to each, checked at load (language §7 `tenants`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import Gateway, TenantConfig, Tenants
from gateway.expressions import Evaluated, Shape, compile_expression
from gateway.expressions.shape import ANY, OBJECT, TEXT, nullable, object_of, of_data, united
from gateway.planner import roots
from gateway.planner.access import form_of
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.policies.tenant import Directory
from gateway.runtime.languages import Languages
from gateway.sdk import Compiled, Decision, Path, Rule, Tenant
from gateway.sdk.host_name import host_name
from gateway.sdk.source_config import BackendAuth, ServerEntry, WeightedServer
from gateway.sources.server_list import HINT, server_fault, url_of

DEFAULT = "default"
"""The one tenant where none are configured, and whose requests are that no tenant is found for (`unknown: default`)."""


class TenantPlanner:
    """What follows from `tenants`, for sources, intents and the pipeline. `made` gets the expressions that it makes."""

    def __init__(self, loaded: Loaded, findings: Findings, made: list[Evaluated]) -> None:
        self._parsed: Parsed[Gateway] | None = loaded.gateway
        self._findings = findings
        self._model: Tenants | None = None if loaded.gateway is None else loaded.gateway.model.tenants
        self._known: Mapping[str, TenantConfig] = {} if self._model is None else self._model.known
        self._hosts = dict(self._claimed_hosts())
        self._made = made
        self._conditions: dict[str, Compiled | None] = {}

    def names(self) -> frozenset[str]:
        """All tenants that a request may belong to."""
        return frozenset(self._known) | ({DEFAULT} if self._model is None or self._model.unknown == "default" else frozenset())

    def shape(self) -> Shape:
        """The shape of the root `tenant`. Where gateway.yaml is broken nothing is known of `config`."""
        configs = [of_data(tenant.config, exact=False) for tenant in self._known.values()]
        if self._parsed is None:
            config: Shape = ANY
        else:
            config = united([*configs, object_of({})]) if configs else OBJECT
        return object_of({"id": TEXT, "plan": nullable(TEXT, declared=False), "config": config})

    def servers(self, source: str) -> dict[str, tuple[ServerEntry, ...]]:
        """The servers of a source that tenants have of their own, by tenant; those that can't be used are reported."""
        found: dict[str, tuple[ServerEntry, ...]] = {}
        for name, tenant in self._known.items():
            if source in tenant.servers:
                found[name] = tuple(self._checked(tenant.servers[source], ("tenants", "known", name, "servers", source)))
        return {name: servers for name, servers in found.items() if servers}

    def apart(self, source: str) -> Iterator[str]:
        """The tenants that have servers or credentials of their own for a source."""
        return (name for name, tenant in self._known.items() if source in tenant.servers or source in tenant.auth)

    def auth(self, source: str, compiler: Compiler) -> dict[str, tuple[BackendAuth, Compiler, Path]]:
        """The credentials for a source that tenants have of their own, by tenant, and where each is written."""
        at: Path = ("tenants", "known")
        return {
            name: (tenant.auth[source], compiler, (*at, name, "auth", source))
            for name, tenant in self._known.items()
            if source in tenant.auth
        }

    def denials(self, intent: str) -> list[Rule]:
        """A rule for each tenant whose callers may not use an intent."""
        return [Rule(self._denial(name, tenant), when=self._is(name)) for name, tenant in self._known.items() if not _has(tenant, intent)]

    def directory(self, compiler: Compiler, languages: Languages) -> Directory | None:
        """How a request's tenant is found; None where there is only one."""
        if self._model is None or self._parsed is None:
            return None
        known = {name: _tenant(name, tenant, languages) for name, tenant in self._known.items()}
        standing_in = Tenant(DEFAULT, {"id": DEFAULT, "plan": None, "config": {}})
        return Directory(
            known=known,
            hosts=self.hosts(),
            claim=self._model.claim,
            id=compiler.optional(self._model.id, ("tenants", "id"), roots.TENANTS),
            unknown=known.get(DEFAULT, standing_in) if self._model.unknown == "default" else None,
            place=self._place(("tenants",)),
        )

    def hosts(self) -> Mapping[str, str]:
        """The tenants by host name, where that tells them."""
        return self._hosts if self._model is not None and self._model.host else {}

    def _claimed_hosts(self) -> Iterator[tuple[str, str]]:
        """Each host with its tenant; one host can't mean two."""
        taken: dict[str, str] = {}
        for name, tenant in self._known.items():
            for index, host in enumerate(tenant.hosts):
                other = taken.setdefault(host_name(host) or host, name)
                if other != name and self._parsed is not None:
                    path: Path = ("tenants", "known", name, "hosts", index)
                    self._findings.report(
                        self._parsed.document, "GW514", f"host `{host}` means tenant `{other}` already", path, hint="take one of them out"
                    )
        yield from taken.items()

    def _checked(self, servers: list[ServerEntry], path: Path) -> Iterator[ServerEntry]:
        for index, entry in enumerate(servers):
            fault = server_fault(url_of(entry))
            if fault is None:
                yield entry
            elif self._parsed is not None:
                below = ("url",) if isinstance(entry, WeightedServer) else ()
                self._findings.report(self._parsed.document, "GW254", fault, (*path, index, *below), hint=HINT)

    def _is(self, name: str) -> Compiled | None:
        """The condition that a caller is of this tenant."""
        if name not in self._conditions:
            compiled, _ = compile_expression(f"tenant.id == '{name}'", roots=roots.POLICY, authorisation=True)
            if isinstance(compiled, Evaluated):
                self._made.append(compiled)
            self._conditions[name] = compiled
        return self._conditions[name]

    def _denial(self, name: str, tenant: TenantConfig) -> Decision:
        key = "deny" if tenant.intents.deny else "allow"
        place = self._place(("tenants", "known", name, "intents", key))
        return Decision(False, place, f"tenant {name} doesn't have it", "rule")

    def _place(self, path: Path) -> str:
        if self._parsed is None:
            return ""
        place = self._parsed.document.place(path)
        return f"{place.file}:{place.line}"


def _has(tenant: TenantConfig, intent: str) -> bool:
    """Whether a tenant has an intent: a denial beats `allow`."""
    if any(form_of(pattern).fullmatch(intent) for pattern in tenant.intents.deny):
        return False
    return tenant.intents.allow is None or any(form_of(pattern).fullmatch(intent) for pattern in tenant.intents.allow)


def _tenant(name: str, model: TenantConfig, languages: Languages) -> Tenant:
    locale = None if model.locale is None else languages.settle([model.locale])
    return Tenant(name, {"id": name, "plan": model.plan, "config": model.config}, locale)
