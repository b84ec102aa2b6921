"""Whether a described caller may use something, and by which line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateway.planner.access import Roles
from gateway.planner.explain.account import Answer, Grant, Line
from gateway.planner.explain.asker import Asker
from gateway.planner.explain.grants import Entry, RuleLine
from gateway.sdk import Assignment, Compiled, ExpressionFault

ORDER: tuple[Answer, ...] = ("no", "depends", "yes")
"""What is missing outweighs what is not known, and that what is there."""

Known = bool | None
"""What a condition comes to; None is unknown in the request too."""


class Court:
    """Decides for one caller. Roles that `assignments` give count as theirs, or as perhaps theirs where what is told doesn't decide it."""

    def __init__(self, asker: Asker, roles: Roles, config: Mapping[str, Any], assignments: Sequence[Assignment] = ()) -> None:
        self._roles = roles
        self._config = config
        self._told = asker.roles
        given = [(each, self._known(each.when, asker)) for each in assignments]
        sure = [role for each, (known, found) in given if known and found is True for role in each.roles]
        self._held = frozenset([*(asker.roles or ()), *sure])
        self._perhaps = {
            role: Line(f"on the role {role}, given where {each.when.source}", each.rule)
            for each, (known, _) in reversed(given)
            if not known
            for role in each.roles
            if role not in self._held
        }
        self._asker = asker.without_roles() if self._perhaps or self._told is None else asker.with_roles(sure)

    def decide(self, entry: Entry) -> tuple[Answer, tuple[Line, ...]]:
        """The answer for one intent or route, with the lines that decide it, or those that it hangs on."""
        denials = list(self._by_denial(entry))
        if any(answer == "no" for answer, _ in denials):
            return "no", tuple(line for answer, line in denials if answer == "no")
        found = [*self._by_allowance(entry), *denials, *self._by_scope(entry), *self._by_condition(entry), *self._by_sign_in(entry)]
        if entry.internal is not None:
            found.insert(0, ("no", entry.internal))
        for answer in ORDER[:2]:
            if any(each == answer for each, _ in found):
                return answer, tuple(line for each, line in found if each == answer)
        return "yes", tuple(line for _, line in found)

    def _by_denial(self, entry: Entry) -> Iterator[tuple[Answer, Line]]:
        for rule in entry.denials:
            applies = self._applies(rule, against=True)
            if applies != "no":
                answer: Answer = "no" if applies == "yes" else "depends"
                word = "" if applies == "yes" else "on whether it is denied: "
                yield answer, Line(f"{word}{rule.line.text}", rule.line.place)

    def _by_allowance(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        """The first line that allows; else all that may, or one that says why none does."""
        if entry.free:
            return [("yes", Line("it asks for nothing of its own", entry.place))]
        found: list[tuple[Answer, Line]] = [*self._by_role(entry), *self._by_rule(entry)]
        leading = next((line for answer, line in found if answer == "yes"), None)
        if leading is not None:
            return [("yes", leading)]
        return found or [("no", self._why_not(entry))]

    def _by_rule(self, entry: Entry) -> Iterator[tuple[Answer, Line]]:
        for rule in entry.allowances:
            applies = self._applies(rule, against=False)
            if applies != "no":
                yield applies, rule.line if applies == "yes" else Line(f"on the rule: {rule.line.text}", rule.line.place)

    def _by_role(self, entry: Entry) -> Iterator[tuple[Answer, Line]]:
        leading = next((grant for grant in entry.grants if grant.role in self._held), None)
        if leading is not None:
            yield "yes", because(leading)
        elif self._told is None and entry.grants:
            names = ", ".join(dict.fromkeys(grant.role for grant in entry.grants))
            yield "depends", Line(f"on the role: {names}", entry.grants[0].place)
        else:
            yield from (("depends", self._perhaps[grant.role]) for grant in entry.grants if grant.role in self._perhaps)

    def _why_not(self, entry: Entry) -> Line:
        if not entry.grants and not entry.allowances:
            return Line(f"no role is allowed {entry.permission}", entry.place)
        if not self._told:
            return Line(f"without a role it is not allowed {entry.permission}", entry.place)
        where = self._roles.place(self._told[0])
        above = [name for role in self._told for name in self._roles.above(role)]
        who = f"role {', '.join(self._told)}" + (f" (which inherits {', '.join(dict.fromkeys(above))})" if above else "")
        return Line(f"{who} is not allowed {entry.permission}", f"{where.file}:{where.line}" if where else entry.place)

    def _by_scope(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        for scope, line in entry.scopes:
            told = self._asker.user.get("scopes")
            answer: Answer = "depends" if told is None else "yes" if scope in told else "no"
            word = {"depends": "on the scope", "yes": "with the scope", "no": "without the scope"}[answer]
            yield answer, msgspec.structs.replace(line, text=f"{word} {scope}")

    def _by_condition(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        if entry.when is not None:
            condition, line = entry.when
            known, found = self._known(condition, self._asker)
            answer: Answer = "depends" if not known else "yes" if found is True else "no"
            word = {"depends": "on", "yes": "it holds that", "no": "it does not hold that"}[answer]
            yield answer, msgspec.structs.replace(line, text=f"{word} {condition.source}")

    def _by_sign_in(self, entry: Entry) -> Iterable[tuple[Answer, Line]]:
        if entry.acr is not None:
            strong, line = entry.acr
            told = self._asker.user.get("acr")
            answer: Answer = "depends" if told is None else "yes" if told in strong else "no"
            word = {"depends": "on being", "yes": "being", "no": "without being"}[answer]
            yield answer, msgspec.structs.replace(line, text=f"{word} {line.text}")
        if entry.max_age is not None:
            yield "depends", msgspec.structs.replace(entry.max_age, text=f"on having {entry.max_age.text}")

    def _applies(self, rule: RuleLine, *, against: bool) -> Answer:
        """Whether a rule is about this caller; `against` is true for a denial, which what is unknown doesn't stop."""
        written = rule.rule
        answers = [self._is_for(written.roles)]
        if written.when is not None:
            answers.append(self._side(written.when, (True, None) if against else (True,)))
        if written.unless is not None:
            answers.append(self._side(written.unless, (False, None) if against else (False,)))
        return min(answers, key=ORDER.index)

    def _is_for(self, roles: frozenset[str] | None) -> Answer:
        if roles is None or self._held & roles:
            return "yes"
        return "depends" if self._told is None or roles & self._perhaps.keys() else "no"

    def _side(self, condition: Compiled, applying: tuple[Known, ...]) -> Answer:
        known, found = self._known(condition, self._asker)
        return "depends" if not known else "yes" if found in applying else "no"

    def _known(self, condition: Compiled, asker: Asker) -> tuple[bool, Known]:
        """Whether what is told decides a condition, and how."""
        if not all(asker.knows(reference) for reference in condition.references):
            return False, None
        try:
            return True, condition(asker.scope(self._config))
        except ExpressionFault:  # the time of the request decides it, or data that nobody foresaw
            return False, None


def because(grant: Grant) -> Line:
    """The line that allows a role, in words."""
    if not grant.through:
        return Line(f"role {grant.role}: {grant.rule}", grant.place)
    return Line(f"role {grant.role} inherits {' > '.join(grant.through)}: {grant.rule}", grant.place)
