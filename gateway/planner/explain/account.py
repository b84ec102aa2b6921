"""The account of an intent as data. These names are what `gateway explain --format json` prints: members are added, never renamed.

Times are in seconds. A `place` is `file:line`, relative to the configuration's folder. Sources are told by name; no address, no
secret and no value of the environment is in an account.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Shared = Literal["nobody", "caller", "equals", "tenant", "all"]
"""Who may be given the answer to another's call: nobody, the same caller, callers who send the same, everybody of the tenant, or
callers of all tenants who send the same."""

Answer = Literal["yes", "no", "depends"]


class Line(msgspec.Struct, frozen=True):
    """Something that holds, and where it is written. `in_force` is false for what this release checks and doesn't apply yet."""

    text: str
    place: str | None
    in_force: bool = True


class Grant(msgspec.Struct, frozen=True):
    """A role that may call, and the line that says so. `through` are the roles that it inherits this from, the last one named there."""

    role: str
    through: tuple[str, ...]
    rule: str
    place: str


class RouteAccount(msgspec.Struct, frozen=True):
    """An HTTP address that leads to the intent. `roles` is None where it asks for nothing besides the intent's own access; `rules` are
    those about the route itself."""

    name: str
    methods: tuple[str, ...]
    path: str
    place: str
    roles: tuple[str, ...] | None = None
    conditions: tuple[Line, ...] = ()
    rules: tuple[Line, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """Whether a caller may use something: `reasons` are what decided it, or what it still depends on."""

    what: str
    answer: Answer
    reasons: tuple[Line, ...]


class FanOut(msgspec.Struct, frozen=True):
    """Estimated requests to backends: where no condition holds and lists are empty; where all hold, lists are as long as they
    may be and nothing fails; and the most, with every retry and hedge and every rung of every ladder."""

    least: int = 0
    usual: int = 0
    most: int = 0


class CallAccount(msgspec.Struct, frozen=True):
    """A backend operation that a step (or, with its number, a rung of its ladder) calls.

    `sends` is what goes to the backend besides the arguments; with them it makes the key of every shared answer. `shared` tells
    who may be given the same answer. `backend` is false for a source that lives in the configuration.
    """

    operation: str
    rung: int | None
    effect: str
    backend: bool
    shared: Shared
    sends: tuple[str, ...]
    cache: Line | None
    policies: tuple[Line, ...]


class RungAccount(msgspec.Struct, frozen=True):
    """A rung of a ladder. `longest` is None for one that calls nothing."""

    number: int
    action: str
    when: str | None
    longest: float | None


class StepAccount(msgspec.Struct, frozen=True):
    """One step. It `starts` and `ends` then if everything takes its longest; `after` are the steps that it waits for, `barriers`
    those of them whose checks must have passed before it writes."""

    id: str
    action: str
    effect: str
    after: tuple[str, ...]
    barriers: tuple[str, ...]
    when: str | None
    foreach: str | None
    required: bool
    ensures: tuple[Line, ...]
    ladder: tuple[RungAccount, ...]
    calls: tuple[CallAccount, ...]
    requests: FanOut
    longest: float
    starts: float
    ends: float


class KeptAccount(msgspec.Struct, frozen=True):
    """The intent's own `cache`. `scope` is the one in force, and `key` what makes two requests different: equal ones are given one answer.

    Its guards and ensures, its reply and its masks are no part of it: they are evaluated anew each time.
    """

    cache: Line
    scope: Literal["user", "tenant", "public"]
    key: tuple[str, ...]


class HiddenField(msgspec.Struct, frozen=True):
    """A part of the answer that a rule masks: for the caller who is asked for, or for all of whom the rule says so."""

    field: str
    mask: str
    answer: Answer
    rule: Line


class Account(msgspec.Struct, frozen=True):
    """One intent. `budget` is what steps have of `deadline`; `worst` is the longest that the chain of steps `critical` can take.

    `roles` may call it, as far as no request decides otherwise (`*` is every caller); `grants` say by which line, `rules` who else may
    and who may not, denials first; `conditions` are what else must hold, `identities` who such callers can be, and `assigned` the
    conditions that give callers roles.
    `scope` is whom an answer of the whole intent is good for, `verdicts` answer for the caller that was `asked` for. `hidden` are the
    parts of the answer that masks are about, `kept` is what is kept of it.
    """

    intent: str
    version: int
    summary: str | None
    place: str
    roles: tuple[str, ...]
    grants: tuple[Grant, ...]
    conditions: tuple[Line, ...]
    identities: tuple[Line, ...]
    routes: tuple[RouteAccount, ...]
    input: tuple[str, ...]
    pipeline: tuple[tuple[str, str], ...]
    guards: tuple[Line, ...]
    scope: Shared
    scope_because: str
    policies: tuple[Line, ...]
    steps: tuple[StepAccount, ...]
    waves: tuple[tuple[str, ...], ...]
    requests: FanOut
    deadline: float
    budget: float
    worst: float
    critical: tuple[str, ...]
    asked: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    rules: tuple[Line, ...] = ()
    assigned: tuple[Line, ...] = ()
    hidden: tuple[HiddenField, ...] = ()
    kept: KeptAccount | None = None
    schema_version: int = 1
