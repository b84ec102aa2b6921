"""Who may call: the identity kinds of gateway.yaml, built in the order in which they are tried (language §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gateway.config.loaded import Parsed
from gateway.config.models import Gateway
from gateway.planner.access import Roles
from gateway.planner.compiler import Compiler
from gateway.planner.services import ComponentServices, Surroundings
from gateway.sdk import Authenticator, Component, Path
from gateway.sdk.fields import decode_hook


def plan_identity(
    parsed: Parsed[Gateway],
    components: Mapping[tuple[str, str], Component],
    roles: Roles,
    compiler: Compiler,
    surroundings: Surroundings,
) -> tuple[tuple[str, Authenticator], ...]:
    """The authenticators by kind. A kind that is not in force has been refused by the loader already (GW111)."""
    authenticators = []
    for index, entry in enumerate(parsed.model.identity):
        for kind, options in entry.items():
            at: Path = ("identity", index, kind)
            component = components["identity", kind]
            _check_roles(options, at, roles, compiler)
            if component.build is not None:
                config = msgspec.convert(options, component.Config, dec_hook=decode_hook)
                services = ComponentServices(kind, surroundings, compiler, at)
                authenticators.append((kind, component.build(config, services)))
    _check_issuers(parsed, compiler)
    if not parsed.model.identity:
        compiler.findings.report(
            compiler.document, "GW506", "there is no `identity`, so nobody can call", (), severity="warning",
            hint="add `identity: [{anonymous: {roles: [anonymous]}}]` or an `api_key`",
        )  # fmt: skip
    return tuple(authenticators)


def _check_issuers(parsed: Parsed[Gateway], compiler: Compiler) -> None:
    """A token's `iss` picks the entry that reads it, and an opaque token tells nothing: a second one would never be asked."""
    seen: set[tuple[str, ...]] = set()
    for index, entry in enumerate(parsed.model.identity):
        for kind, options in entry.items():
            at: Path = ("identity", index, kind)
            if kind == "jwt" and _is_repeated(("jwt", options["issuer"], options.get("header", "Authorization").lower()), seen):
                compiler.findings.report(
                    compiler.document, "GW526", "another entry reads the tokens of this issuer", (*at, "issuer"),
                    hint="write one entry, with both audiences",
                )  # fmt: skip
            elif kind == "introspection" and _is_repeated((kind,), seen):
                compiler.findings.report(
                    compiler.document, "GW526", "another entry asks about opaque tokens", at, key=True,
                    hint="nothing in an opaque token tells whom to ask: keep one entry",
                )  # fmt: skip


def _is_repeated(key: tuple[str, ...], seen: set[tuple[str, ...]]) -> bool:
    repeated = key in seen
    seen.add(key)
    return repeated


def _check_roles(options: Any, path: Path, roles: Roles, compiler: Compiler) -> None:
    for at, role in _roles_in(options, path):
        if not roles.known(role):
            compiler.findings.unknown(compiler.document, "GW501", "role", role, known=roles.names(), path=at)


def _roles_in(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every `roles: [...]` below an identity kind, wherever the kind keeps it."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "roles" and isinstance(member, list):
                yield from (((*path, name, index), role) for index, role in enumerate(member) if isinstance(role, str))
            elif name != "claims":
                yield from _roles_in(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _roles_in(member, (*path, index))
