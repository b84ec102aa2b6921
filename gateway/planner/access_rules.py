"""`assign` and `rules` of the `roles` policies, compiled (language §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import RolesPolicy
from gateway.config.models.policies import AccessRule
from gateway.expressions import Typing
from gateway.planner import roots
from gateway.planner.access import Roles, form_of, spot
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.sdk import Assignment, Compiled, Path, user_root, verdict


class WrittenRule(NamedTuple):
    """One of `rules`. `roles` are those that it names and all that inherit from them, None for everybody; `spot` is its file:line."""

    allows: bool
    patterns: tuple[str, ...]
    forms: tuple[re.Pattern[str], ...]
    named: tuple[str, ...] | None
    roles: frozenset[str] | None
    when: Compiled | None
    unless: Compiled | None
    reason: str | None
    document: Document
    path: Path
    spot: str

    @property
    def conditional(self) -> bool:
        """Whether a request decides it, besides the caller's roles."""
        return self.when is not None or self.unless is not None

    def pattern_for(self, permission: str) -> str | None:
        """The first of its patterns that fits; None where none does."""
        return next((pattern for pattern, form in zip(self.patterns, self.forms, strict=True) if form.fullmatch(permission)), None)

    def told(self, pattern: str) -> str:
        """In the words of who wrote it, else as the line that it is."""
        return self.reason or f"{'allow' if self.allows else 'deny'} {pattern}"


class AccessRules:
    """All of them, in the order written. Their conditions are compiled, and held against what is known of callers, here."""

    def __init__(self, policies: Iterable[Parsed[RolesPolicy]], roles: Roles, compiler_for: Callable[[Parsed[Any]], Compiler]) -> None:
        self._compilers: list[Compiler] = []
        self._rules: list[WrittenRule] = []
        found: list[Assignment] = []
        for policy in policies:
            compiler = compiler_for(policy)
            self._compilers.append(compiler)
            found += _assignments(policy, compiler)
            self._rules += (_rule(rule, ("rules", index), roles, compiler) for index, rule in enumerate(policy.model.rules))
        self.assignments = tuple(found)

    def check_shapes(self, known: Known) -> None:
        """Reports what the conditions read and callers can't have."""
        for compiler in self._compilers:
            known.check(compiler).rest(lambda _: Typing(known.roots))

    def given_to_strangers(self, roles: Iterable[str]) -> frozenset[str]:
        """The roles that conditions may give to callers without a credential, who come with `roles` and of whom nothing else is known.

        A condition that reads more than `user` is decided by each request: such roles count.
        """
        stranger = {"user": user_root(None, {"roles": list(roles)})}
        return frozenset(
            role
            for each in self.assignments
            if any(reference[0] != "user" for reference in each.when.references) or verdict(each.when, stranger) is True
            for role in each.roles
        )

    def all(self) -> Iterable[WrittenRule]:
        """Every rule."""
        return self._rules

    def about(self, permissions: Iterable[str], *, allows: bool) -> Iterator[tuple[WrittenRule, str]]:
        """The rules that allow (or deny) one of `permissions`, each with its pattern that says so."""
        wanted = tuple(permissions)
        for rule in self._rules:
            if rule.allows is allows:
                pattern = next((found for permission in wanted if (found := rule.pattern_for(permission)) is not None), None)
                if pattern is not None:
                    yield rule, pattern


def _assignments(policy: Parsed[RolesPolicy], compiler: Compiler) -> Iterator[Assignment]:
    for index, assignment in enumerate(policy.model.assign):
        at: Path = ("assign", index)
        when = compiler.expression(assignment.when, (*at, "when"), roots.POLICY, authorisation=True)
        yield Assignment(tuple(assignment.roles), when, spot(policy.document, at))


def _rule(rule: AccessRule, at: Path, roles: Roles, compiler: Compiler) -> WrittenRule:
    patterns = tuple(rule.allow if rule.allow is not None else rule.deny or ())
    return WrittenRule(
        allows=rule.allow is not None,
        patterns=patterns,
        forms=tuple(form_of(pattern) for pattern in patterns),
        named=None if rule.roles is None else tuple(rule.roles),
        roles=None if rule.roles is None else roles.heirs(rule.roles),
        when=compiler.optional(rule.when, (*at, "when"), roots.POLICY, authorisation=True),
        unless=compiler.optional(rule.unless, (*at, "unless"), roots.POLICY, authorisation=True),
        reason=rule.reason,
        document=compiler.document,
        path=at,
        spot=spot(compiler.document, at),
    )
