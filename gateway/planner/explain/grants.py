"""Who may use an intent or a route: which line allows which role, what else must hold, and as whom such callers come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.config.document import Document
from gateway.config.models import Access as AccessModel
from gateway.planner.access import spot as spot_of
from gateway.planner.access_rules import WrittenRule
from gateway.planner.explain.account import Grant, Line
from gateway.planner.explain.lines import Lines, spot
from gateway.planner.planned import Planned
from gateway.sdk import EVERYBODY, Access, Compiled

BY_CONDITION = ", by a role that a condition gives"


class RuleLine(msgspec.Struct, frozen=True):
    """One of `rules` that is about something, and how it is told."""

    rule: WrittenRule
    line: Line


class Entry(msgspec.Struct, frozen=True):
    """An intent or a route, as those who want to use it meet it. `internal` is the line that shuts it to all from outside.

    `denials` and `allowances` are the rules about it, those that deny a source that it may call included. `free` is a route that asks for
    nothing itself: whoever may use its intent may use it, save for whom a rule denies it.
    """

    permission: str
    place: str
    grants: tuple[Grant, ...]
    scopes: tuple[tuple[str, Line], ...]
    when: tuple[Compiled, Line] | None
    internal: Line | None
    acr: tuple[tuple[str, ...], Line] | None = None
    max_age: Line | None = None
    denials: tuple[RuleLine, ...] = ()
    allowances: tuple[RuleLine, ...] = ()
    free: bool = False

    @property
    def conditions(self) -> tuple[Line, ...]:
        """What must hold besides the role."""
        several = (None if self.when is None else self.when[1], None if self.acr is None else self.acr[1], self.max_age, self.internal)
        return (*(line for _, line in self.scopes), *(line for line in several if line is not None))

    @property
    def rules(self) -> tuple[Line, ...]:
        """The rules about it, denials first."""
        return tuple(each.line for each in (*self.denials, *self.allowances))


class Grants:
    """Reads access from a planned folder."""

    def __init__(self, planned: Planned, lines: Lines) -> None:
        self._planned = planned
        self._lines = lines

    def entry(
        self, permission: str, access: Access, model: AccessModel, document: Document, *, sources: frozenset[str] = frozenset()
    ) -> Entry:
        """`permission` is such as `intent:track_order`; `model` and `document` are where `access` was written, `sources` what it calls."""
        at = self._lines.at
        grants = tuple(sorted(self._grants(permission, model, document), key=lambda grant: (len(grant.through), grant.role)))
        age = written_age(document)
        called = (f"source:{name}" for name in sorted(sources))
        rules = self._planned.access.rules
        return Entry(
            permission,
            spot(document.place(())),
            grants,
            tuple((scope, at(document, ("access", "scopes", index), f"scope {scope}")) for index, scope in enumerate(model.scopes)),
            None if access.when is None else (access.when, at(document, ("access", "when"), f"when {access.when.source}")),
            at(document, ("access", "internal"), "only other intents may call it") if access.internal else None,
            (access.acr, at(document, ("access", "acr"), f"signed in by {' or '.join(access.acr)}")) if access.acr else None,
            None if access.max_age is None else at(document, ("access", "max_age"), f"signed in at most {age} ago"),
            tuple(
                _line(rule, pattern)
                for wanted in ((permission,), called)
                for rule, pattern in rules.about(wanted, allows=False)
            ),
            tuple(_line(rule, pattern) for rule, pattern in rules.about((permission,), allows=True)),
            free="route" in document.data and "access" not in document.data,
        )  # fmt: skip

    def _grants(self, permission: str, model: AccessModel, document: Document) -> Iterator[Grant]:
        """One line for each role that a policy or `access` itself names, or that inherits from one: that with the shortest way."""
        own = [(role, spot_of(document, ("access", "roles", index))) for index, role in enumerate(model.roles)]
        return (Grant(*lead) for lead in self._planned.roles.leads(permission, own).values())

    def identities(self, access: Access) -> tuple[Line, ...]:
        """The kinds of identity whose callers can have a role that is allowed."""
        gateway = self._planned.loaded.gateway
        if gateway is None:
            return ()
        found = []
        for index, entry in enumerate(gateway.model.identity):
            for kind, options in entry.items():
                told = self._told(kind, options, access.roles)
                if told is not None:
                    found.append(self._lines.at(gateway.document, ("identity", index, kind), f"{kind}{told}"))
        return tuple(found)

    def _told(self, kind: str, options: Any, allowed: frozenset[str]) -> str | None:
        """How many of a kind's callers may; None where none can."""
        everybody, rules = EVERYBODY in allowed, self._planned.access.rules
        if kind == "anonymous":
            roles = options.get("roles", ["anonymous"])
            if everybody or allowed.intersection(roles):
                return ""
            return BY_CONDITION if allowed & rules.given_to_strangers(roles) else None
        if kind == "api_key":
            keys = options["keys"]
            holders = sum(everybody or bool(allowed.intersection(key["user"].get("roles") or ())) for key in keys)
            given = any(allowed.intersection(each.roles) for each in rules.assignments)
            return f", {holders} of {len(keys)} keys" if holders else BY_CONDITION if given else None
        return ", by the roles that its callers prove" if allowed else None


def written_age(document: Document) -> str:
    """`access.max_age` as it is written."""
    access = document.data.get("access")
    return str(access.get("max_age", "")) if isinstance(access, dict) else ""


def _line(rule: WrittenRule, pattern: str) -> RuleLine:
    """As it is written, with the one pattern that is meant, and the words of who wrote it."""
    text = f"{'allow' if rule.allows else 'deny'} {pattern}"
    if rule.named is not None:
        text += f" {'to' if rule.allows else 'for'} {', '.join(rule.named)}"
    for word, condition in (("when", rule.when), ("unless", rule.unless)):
        if condition is not None:
            text += f" {word} {condition.source}"
    return RuleLine(rule, Line(text + (f": {rule.reason}" if rule.reason else ""), rule.spot))
