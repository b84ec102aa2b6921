"""Random companies, and who may do what in them by the words of the language's description (§4 "Access", §6).

The reference reads the files' data as it is written and decides by going through all of it, for each question anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from tests.scenarios.access_conditions import Condition, World, draw

ROLES = ("r0", "r1", "r2", "r3", "r4", "r5")
INTENTS = ("a_read", "a_write", "b_read", "b_write", "c")
SOURCES = ("s_one", "s_two")
PATTERNS = ("intent:*", "intent:a_*", "intent:*_write", *(f"intent:{name}" for name in INTENTS))
OFTEN_SIGNED_IN = 300
"""Seconds."""


class Company(NamedTuple):
    """`roles assign rules` as in a policy (conditions as trees), `access` by intent and `route`, what each intent calls."""

    roles: dict[str, dict[str, Any]]
    assign: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    access: dict[str, dict[str, Any]]
    sources: dict[str, list[str]]
    inner: dict[str, str]

    def files(self) -> dict[str, str]:
        """The policy, and specs whose intents answer `done`. A route leads to the first intent."""
        policy = {"policy": "roles", "roles": self.roles, "assign": self.assign, "rules": self.rules}
        specs: list[Any] = [{"source": name, "type": "static", "operations": {"fact": {"value": 1}}} for name in SOURCES]
        specs += [self._intent(name) for name in INTENTS]
        specs.append({"route": "at", "match": {"path": "/at"}, "intent": INTENTS[0], "access": self.access["route"]})
        return {"policies/roles.yaml": as_text(policy), "specs/all.yaml": "\n---\n".join(map(as_text, specs))}

    def _intent(self, name: str) -> dict[str, Any]:
        steps: dict[str, Any] = {f"s{number}": {"call": f"{source}.fact"} for number, source in enumerate(self.sources[name])}
        if name in self.inner:
            steps["inner"] = {"call": f"intent.{self.inner[name]}"}
        return {"intent": name, "access": self.access[name], "steps": steps, "output": {"done": [f"${{ steps.{step} }}" for step in steps]}}


def as_text(data: Any) -> str:
    """JSON, which is YAML too."""
    return json.dumps(plain(data))


def plain(data: Any) -> Any:
    """With conditions as they are written."""
    if isinstance(data, Condition):
        return data.text
    if isinstance(data, dict):
        return {name: plain(member) for name, member in data.items()}
    return [plain(item) for item in data] if isinstance(data, list) else data


def company(random: Random) -> Company:
    """One of its kind."""
    roles = {
        name: {
            "allow": random.sample((*PATTERNS, "route:at", "route:*"), random.randint(0, 2)),
            "inherits": random.sample(ROLES[number + 1 :], min(random.choice((0, 0, 1, 2)), len(ROLES) - number - 1)),
        }
        for number, name in enumerate(ROLES)
    }
    assign = [{"roles": random.sample(ROLES, random.randint(1, 2)), "when": draw(random, ROLES)} for _ in range(random.randint(0, 3))]
    rules = [_rule(random, number) for number in range(random.randint(0, 5))]
    sources = {name: random.sample(SOURCES, random.choice((0, 1, 1, 2))) for name in INTENTS}
    inner = {name: random.choice(INTENTS[:number]) for number, name in enumerate(INTENTS) if number and random.random() < 0.3}
    return Company(roles, assign, rules, {name: _access(random) for name in (*INTENTS, "route")}, sources, inner)


def _rule(random: Random, number: int) -> dict[str, Any]:
    denies = random.random() < 0.6
    patterns = (*PATTERNS, "route:*", "source:s_one", "source:s_*") if denies else (*PATTERNS, "route:at", "source:s_two")
    rule: dict[str, Any] = {"deny" if denies else "allow": random.sample(patterns, random.randint(1, 2)), "reason": f"rule {number}"}
    if random.random() < 0.6:
        rule["roles"] = random.sample(ROLES, random.randint(1, 2))
    for key in ("when", "unless"):
        if random.random() < 0.4:
            rule[key] = draw(random, ROLES)
    return rule


def _access(random: Random) -> dict[str, Any]:
    access: dict[str, Any] = {"roles": random.sample(ROLES, random.choice((0, 1, 1, 2)))}
    optional = {"scopes": ["read"], "acr": ["gold", "mfa"], "max_age": f"{OFTEN_SIGNED_IN}s", "when": draw(random, ROLES)}
    return access | {key: found for key, found in optional.items() if random.random() < 0.15}


def person(random: Random, now: float) -> dict[str, Any]:
    """A user; what isn't there is null."""
    maybe = {
        "roles": random.sample((*ROLES, "stranger"), random.randint(0, 3)),
        "groups": random.sample(("gold", "eu", "web"), random.randint(0, 2)),
        "scopes": random.sample(("read", "write"), random.randint(0, 2)),
        "acr": random.choice(("gold", "mfa", "weak")),
        "auth_time": int(now) - random.choice((10, 3600)),
        "level": random.choice(("gold", "eu")),
        "region": random.choice(("eu", "web", "default")),
        "rank": random.randint(0, 6),
        "vip": random.choice((True, False)),
    }
    kept = {name: found for name, found in maybe.items() if random.random() < 0.75}
    return {"id": f"u{random.randrange(10**9)}", **kept}


class Ruling(NamedTuple):
    """Whether somebody may, the words of every rule that may have decided it, and whether something else may have."""

    allowed: bool
    rules: frozenset[str]
    otherwise: bool


class Reference:
    """Who may do what in one company."""

    def __init__(self, company: Company, now: float) -> None:
        self._company = company
        self._now = now

    def world(self, user: Mapping[str, Any], channel: str) -> dict[str, Any]:
        """What conditions see, the roles that `assign` gives included: each is decided by the roles that somebody came with."""
        lists = {name: list(user.get(name, ())) for name in ("roles", "groups", "scopes")}
        roots: dict[str, Any] = {"tenant": {"id": "default"}, "ctx": {"channel": channel}, "config": {"home": "eu", "limit": 3}}
        came: World = {"user": {**user, **lists}, **roots}
        given = [role for each in self._company.assign if each["when"].verdict(came) is True for role in each["roles"]]
        return {"user": {**user, **lists, "roles": [*lists["roles"], *given]}, **roots}

    def may_use(self, intent: str, world: World) -> bool:
        """Whether an intent answers: a sub-intent runs as the caller."""
        inner = self._company.inner.get(intent)
        return self.ruling(intent, world).allowed and (inner is None or self.may_use(inner, world))

    def ruling(self, name: str, world: World) -> Ruling:
        """Of an intent, or of `route`, by itself."""
        permission = "route:at" if name == "route" else f"intent:{name}"
        called = [] if name == "route" else [f"source:{source}" for source in self._called(name)]
        denials = frozenset(self._denials([permission, *called], world))
        if denials:
            return Ruling(False, denials, otherwise=False)
        access = self._company.access[name]
        held = set(self._with_ancestors(world["user"]["roles"]))
        by_role = bool(held & set(access["roles"])) or any(fits(self._company.roles[role]["allow"], permission) for role in held)
        by_rule = frozenset(self._allowances(permission, world, held))
        if not (by_role or by_rule) or not self._conditions(access, world):
            return Ruling(False, frozenset(), otherwise=True)
        return Ruling(True, by_rule, otherwise=by_role)

    def _called(self, intent: str) -> Iterator[str]:
        yield from self._company.sources[intent]
        if intent in self._company.inner:
            yield from self._called(self._company.inner[intent])

    def _with_ancestors(self, roles: Iterable[str]) -> Iterator[str]:
        for role in roles:
            if role in self._company.roles:
                yield role
                yield from self._with_ancestors(self._company.roles[role]["inherits"])

    def _denials(self, permissions: list[str], world: World) -> Iterator[str]:
        held = set(self._with_ancestors(world["user"]["roles"]))
        for rule in self._company.rules:
            if "deny" not in rule or not any(fits(rule["deny"], permission) for permission in permissions):
                continue
            if "roles" in rule and not held & set(rule["roles"]):
                continue
            holds = "when" not in rule or rule["when"].verdict(world) is not False
            excepted = "unless" in rule and rule["unless"].verdict(world) is True
            if holds and not excepted:
                yield rule["reason"]

    def _allowances(self, permission: str, world: World, held: set[str]) -> Iterator[str]:
        for rule in self._company.rules:
            if "allow" not in rule or not fits(rule["allow"], permission) or ("roles" in rule and not held & set(rule["roles"])):
                continue
            holds = "when" not in rule or rule["when"].verdict(world) is True
            surely_not_excepted = "unless" not in rule or rule["unless"].verdict(world) is False
            if holds and surely_not_excepted:
                yield rule["reason"]

    def _conditions(self, access: Mapping[str, Any], world: World) -> bool:
        user = world["user"]
        if "max_age" in access and (user.get("auth_time") is None or self._now - user["auth_time"] > OFTEN_SIGNED_IN):
            return False
        return (
            all(scope in user["scopes"] for scope in access.get("scopes", ()))
            and ("acr" not in access or user.get("acr") in access["acr"])
            and ("when" not in access or access["when"].verdict(world) is True)
        )


def fits(patterns: Iterable[str], permission: str) -> bool:
    """Whether one of them is the permission, `*` standing for any text."""
    return any(_fits(pattern, permission) for pattern in patterns)


def _fits(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_fits(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] == text[0] and _fits(pattern[1:], text[1:])
