"""Who may do what equals what a naive reference decides, over random roles, rules, callers and requests."""

from __future__ import annotations

import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from gateway import app
from gateway.sdk import Decision
from gateway.testing.scenario import Scenario, prepare, write
from tests.scenarios.access_reference import INTENTS, ROLES, Company, Reference, Ruling, company, person
from tests.server.gateways import Client

CONFIG = "config: {home: eu, limit: 3}\n"
GATEWAY = "gateway: acme\nidentity: [{scenario: {}}]\n" + CONFIG
CHANNELS = ("web", "gold")


def planned(drawn: Company) -> Scenario:
    with TemporaryDirectory() as folder:
        return prepare(Path(folder), {"gateway.yaml": GATEWAY, **drawn.files()}, {})


async def decide(made: Scenario, name: str, user: dict[str, Any], channel: str) -> tuple[str, Decision | None]:
    """The answer's status and what was decided, through the whole pipeline; None where that was a sub-intent's."""
    exchange = made.exchange(INTENTS[0] if name == "route" else name, user=user)
    exchange.channel = channel
    if name == "route":
        exchange.access = made.plan.routes[0].access
    answer = await made.plan.handler(exchange)
    return answer.status, None if "denied_by" in exchange.notes else exchange.notes["decision"]


def justified(decision: Decision, ruling: Ruling) -> bool:
    """Whether what decided is something that may have."""
    if decision.reason.startswith("rule "):
        return decision.reason in ruling.rules and decision.rule is not None
    return ruling.otherwise


async def compare(seed: int, decisions: int) -> Counter[str]:
    """One company; counts what was decided, so that a test which looks at nothing is noticed."""
    random, now = Random(seed), time.time()
    drawn = company(random)
    made, reference = planned(drawn), Reference(drawn, now)
    seen: Counter[str] = Counter()
    for _ in range(decisions // (len(INTENTS) + 1)):
        user, channel = person(random, now), random.choice(CHANNELS)
        world = reference.world(user, channel)
        for name in (*INTENTS, "route"):
            status, decision = await decide(made, name, user, channel)
            intent = INTENTS[0] if name == "route" else name
            wanted = reference.may_use(intent, world) and (name != "route" or reference.ruling(name, world).allowed)
            assert (status == "complete") is wanted, (seed, name, user, channel, decision)
            assert status in ("complete", "denied")
            seen[f"{status} {decision.cause if decision is not None else 'inside'}"] += 1
            rulings = [reference.ruling(each, world) for each in dict.fromkeys((intent, name))]
            deciding = next((ruling for ruling in rulings if not ruling.allowed), rulings[0])
            if decision is None:
                assert deciding.allowed
            else:
                assert decision.allowed is deciding.allowed
                assert justified(decision, deciding), (seed, name, user, decision, deciding)
    return seen


async def compare_many(seeds: range, decisions: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in seeds:
        seen += await compare(seed, decisions)
    return seen


CAUSES = ("complete allowed", "denied inside", "denied rule", "denied role", "denied scope", "denied condition", "denied sign_in")


async def test_three_thousand_decisions() -> None:
    seen = await compare_many(range(20), 156)
    assert sum(seen.values()) > 3_000
    assert set(seen) == set(CAUSES)


@pytest.mark.slow
async def test_a_hundred_thousand_decisions() -> None:
    seen = await compare_many(range(1_000, 1_200), 504)
    assert sum(seen.values()) > 100_000
    assert all(seen[cause] > 500 for cause in CAUSES), seen


async def test_over_http(tmp_path: Path) -> None:
    """The same, asked as callers do: each intent, the route, and the catalogue, which shows what may be used and nothing else."""
    random, now = Random(11), time.time()
    seen: Counter[int] = Counter()
    for number in range(4):
        drawn = company(random)
        people = [_of_known_roles(person(random, now)) for _ in range(12)]
        reference = Reference(drawn, now)
        client = Client(await _started(tmp_path / str(number), drawn, people))
        for user in people:
            world, key = reference.world(user, "api"), str(user["id"])
            allowed = {name for name in INTENTS if reference.ruling(name, world).allowed}
            assert set(await _listed(client, key)) == allowed
            for name in INTENTS:
                received = await client.send("POST", f"/v1/intents/{name}", key=key)
                assert (received.status == 200) is reference.may_use(name, world), (number, user, name)
                seen[received.status] += 1
            received = await client.send("GET", "/at", key=key)
            assert (received.status == 200) is (reference.may_use(INTENTS[0], world) and reference.ruling("route", world).allowed)
    assert set(seen) == {200, 401, 403}


def _of_known_roles(user: dict[str, Any]) -> dict[str, Any]:
    return {**user, "roles": [role for role in user.get("roles", ()) if role in ROLES]}


async def _listed(client: Client, key: str) -> list[str]:
    received = await client.send("GET", "/v1/intents", key=key)
    return [entry["name"] for entry in received.json()["intents"]]


async def _started(folder: Path, drawn: Company, people: list[dict[str, Any]]) -> Any:
    keys = [{"hash": f"sha256:{sha256(user['id'].encode()).hexdigest()}", "user": user} for user in people]
    identity = msgspec.json.encode([{"api_key": {"keys": keys}}]).decode()
    prepared = app.prepare(write(folder, {"gateway.yaml": f"gateway: acme\nidentity: {identity}\n{CONFIG}", **drawn.files()}), environ={})
    assert prepared.plan is not None, prepared.problems
    return app.application(prepared)
