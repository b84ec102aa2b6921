"""The arguments of an operation: its `params` schema, written or inferred, against what its templates use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.sdk import Compiled, JsonSchema, Path, Reference, Services
from gateway.sources.suggestion import did_you_mean


class Used(msgspec.Struct, frozen=True):
    """The arguments that templates read; `everything` where one reads `args` as a whole."""

    names: frozenset[str] = frozenset()
    everything: bool = False

    def covers(self, name: str) -> bool:
        """Whether the argument `name` is read."""
        return self.everything or name in self.names


def used_arguments(templates: Iterable[Compiled]) -> Used:
    """What `templates` read below `args`."""
    names: set[str] = set()
    everything = False
    for reference in references_of(templates):
        if reference[0] == "args":
            if len(reference) > 1 and isinstance(reference[1], str):
                names.add(reference[1])
            else:
                everything = True
    return Used(frozenset(names), everything)


def references_of(templates: Iterable[Compiled]) -> frozenset[Reference]:
    """All references of some templates."""
    return frozenset(reference for template in templates for reference in template.references)


def identity_of(templates: Iterable[Compiled]) -> frozenset[Reference]:
    """What of the request besides the arguments changes what is sent. `config` is the same for all requests of a plan."""
    return frozenset(reference for reference in references_of(templates) if reference[0] not in ("args", "config"))


def written_params(params: JsonSchema) -> dict[str, Any]:
    """A written `params` as the schema of an object."""
    if isinstance(params, bool):
        return {"type": "object", "additionalProperties": params}
    return {"type": "object", **params}


def inferred_params(required: Iterable[str], used: Used) -> dict[str, Any]:
    """The params of an operation that writes none: what it needs, and what its templates read."""
    needed = list(required)
    optional = sorted(used.names.difference(needed))
    schema: dict[str, Any] = {"type": "object", "properties": {name: {} for name in [*needed, *optional]}, "required": needed}
    if used.everything:
        schema["additionalProperties"] = True
    return schema


def properties_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The declared arguments, by name."""
    properties = params.get("properties")
    return properties if isinstance(properties, dict) else {}


def is_open(params: Mapping[str, Any]) -> bool:
    """Whether arguments may be given that are not declared."""
    return params.get("additionalProperties", False) is not False


def check_declared(services: Services, names: Iterable[str], params: Mapping[str, Any], path: Path, kind: str) -> None:
    """Reports each of `names` that `params` doesn't declare; `kind` says what names it (`the path`, `a template`)."""
    declared = properties_of(params)
    if is_open(params):
        return
    for name in sorted(set(names).difference(declared)):
        hint = did_you_mean(name, declared) or f"add `{name}` to `params`"
        services.problem("GW240", f"{kind} needs the argument `{name}`, which `params` doesn't declare", path=path, hint=hint)
