"""A company with hundreds of specs, made up: the same seed always gives the same files.

No two specs are alike: systems, fields, operations, inputs and texts are drawn anew for each, so nothing that works by remembering
equal texts looks better here than it would over a real fleet.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks import fleet_intents, fleet_sources
from benchmarks.fleet_words import Entity, entities

SEED = 20_261_120
SOURCES, ROUTES, TRANSFORMS, INTENTS = 100, 60, 25, 315
"""How many specs of each kind: 500 together, one to a file."""
ROLES = ("customer", "agent", "employee", "manager", "partner")

GATEWAY = """\
gateway: fleet
summary: Every department's systems behind one assistant.
specs: [specs]
policies: [policies]
identity:
  - api_key:
      header: X-API-Key
      keys:
        - hash: "sha256:c0ab2538f64375ff82f198a1dea7763398a807409ad93fe7a17577fef18d6fff"
          user: {id: ada, customer_id: C1001, employee_id: E2005, roles: [customer, agent]}
  - anonymous: {roles: [anonymous]}
config:
  currency: EUR
  trouble: [unavailable, timeout, backend_error, bad_response, circuit_open, overloaded]
  states:
    en: {open: being worked on, closed: done, blocked: on hold}
    de: {open: in Arbeit, closed: erledigt, blocked: angehalten}
"""


class Fleet(NamedTuple):
    """Relative path → text, `gateway.yaml` and the policies included."""

    files: dict[str, str]

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    @property
    def specs(self) -> dict[str, str]:
        return {name: text for name, text in self.files.items() if name.startswith("specs/")}


def fleet(seed: int = SEED) -> Fleet:
    """The files of the whole company."""
    random = Random(seed)
    known = entities(random, SOURCES)
    files = {"gateway.yaml": GATEWAY}
    for entity in known:
        files |= fleet_sources.source(entity)
    intents = [fleet_intents.intent(number, known, random) for number in range(INTENTS)]
    files |= {f"specs/intents/{made.name}.yaml": made.text for made in intents}
    for made in intents[:ROUTES]:
        files[f"specs/routes/{made.name}.yaml"] = route(made)
    for entity in known[:TRANSFORMS]:
        files[f"specs/transforms/{entity.name}.yaml"] = transform(entity)
    files["policies/roles.yaml"] = roles([made.name for made in intents], random)
    return Fleet(files)


def route(made: fleet_intents.Made) -> str:
    """The same answer for a frontend that speaks plain REST."""
    inputs = ", ".join(f'{name}: "${{ request.{"path" if place == 0 else "query"}.{name} }}"' for place, name in enumerate(made.inputs))
    return f"""\
route: {made.name}
summary: {made.name.replace("_", " ").capitalize()}, for the portal.
match: {{method: GET, path: "/{made.name}/{{{made.inputs[0]}}}"}}
intent: {made.name}
input: {{{inputs}}}
respond: {{body: "${{ output }}", headers: {{Cache-Control: no-store}}}}
"""


def transform(entity: Entity) -> str:
    """An entity as customers see it."""
    fields = "".join(f"  {field.name}: ${{ value.{field.name} }}\n" for field in entity.fields)
    return f"""\
transform: {entity.name}_card
summary: {entity.title} as customers see it.
output:
{fields}  shown: ${{ concat(value.{entity.key}, ' · ', value.{entity.fields[1].name}) }}
"""


def roles(names: list[str], random: Random) -> str:
    """Who may ask for what: each intent is allowed to one role or two."""
    allowed: dict[str, list[str]] = {role: [] for role in ROLES}
    for name in names:
        for role in random.sample(ROLES, random.choice((1, 1, 2))):
            allowed[role].append(f"intent:{name}")
    lines = "".join(f"  {role}:\n    allow:\n" + "".join(f"      - {name}\n" for name in found) for role, found in allowed.items())
    return f"policy: roles\nroles:\n  anonymous: {{allow: []}}\n{lines}"
