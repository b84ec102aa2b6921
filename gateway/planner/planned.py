"""A planned folder together with what it was planned from: what rules and accounts look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from gateway.config.document import Document
from gateway.config.loaded import Loaded, Parsed
from gateway.config.models import Intent
from gateway.expressions import Evaluated
from gateway.planner.access import Roles
from gateway.planner.access_planner import AccessPlanner
from gateway.planner.backends import Backends
from gateway.planner.findings import Findings
from gateway.planner.flows import Flow, Outflow
from gateway.planner.masking import MaskPlanner
from gateway.runtime.plan import IntentPlan, RoutePlan

DEFAULT = "default"
"""The tenant where there are no others."""


class Planned(msgspec.Struct, frozen=True):
    """All parts of a folder. `intents` are the highest versions; a part whose document is broken may be incomplete, or not there.

    `expressions` are all that can run, not all of it made `ready` yet; `outflows` tell which classified data leaves by each intent, in
    all its versions, and by each route; `masks` what is hidden of it from whom.
    """

    loaded: Loaded
    findings: Findings
    backends: Backends
    access: AccessPlanner
    intents: Mapping[str, IntentPlan]
    routes: tuple[RoutePlan, ...]
    expressions: Sequence[Evaluated]
    outflows: Sequence[Outflow] = ()
    masks: MaskPlanner | None = None

    @property
    def roles(self) -> Roles:
        """What each role may do, without `rules`."""
        return self.access.roles

    @property
    def tenants(self) -> frozenset[str]:
        """The names of all tenants; without `tenants:` there is one."""
        tenants = None if self.loaded.gateway is None else self.loaded.gateway.model.tenants
        return frozenset({DEFAULT, *(tenants.known if tenants is not None else ())})

    def flows(self, document: Document) -> Iterator[Flow]:
        """All classified data that leaves by an intent or a route."""
        for outflow in self.outflows:
            if outflow.document is document:
                yield from outflow.flows

    def sound_intents(self) -> Iterator[tuple[Parsed[Intent], IntentPlan]]:
        """Each intent whose document has no error so far, with the model that it was planned from."""
        for name, plan in self.intents.items():
            parsed = self.loaded.intents[name][-1]
            if not self.findings.failed_in(parsed.document):
                yield parsed, plan
