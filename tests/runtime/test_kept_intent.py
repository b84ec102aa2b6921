"""Many requests at once: one run for all who ask alike, nobody is given another's answer, and what is shared by processes is checked."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

from gateway.policies.auditor import NOTE, Witness
from gateway.sdk import Answer, Response, Timeout, Unavailable
from gateway.sdk.kept import Purge, label_of
from tests.policies.kept_calls import SharedState
from tests.runtime.kept import ANN, BOB
from tests.runtime.kept_node import Node, planned, virtually

ASK = """
intent: ask
deadline: 2s
input: {type: object, properties: {id: {type: string}}}
cache: {ttl: 10s, stale_while_revalidate: 5s, stale_if_error: 1m, tags: ["order:${ input.id || 'none' }", orders]}
steps: {order: {call: erp.orders, with: {id: "${ input.id || 'none' }"}}}
output: ${ steps.order }
"""
GUARDED = ASK + "guard: [{check: \"contains(user.roles, 'customer')\"}]\n"


class Slow:
    """Answers after `seconds` which call it was; fails with what `failing` holds."""

    def __init__(self, seconds: float = 0.3) -> None:
        self.seconds = seconds
        self.begun = self.ended = 0
        self.failing: Exception | None = None
        self.headers: dict[str, str] = {}

    async def __call__(self, id: str) -> Any:
        self.begun += 1
        call = self.begun
        await asyncio.sleep(self.seconds)
        self.ended += 1
        if self.failing is not None:
            raise self.failing
        return Response({"id": id, "call": call}, headers=self.headers)


@virtually
async def test_equal_requests_are_one_run(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        answers = await asyncio.gather(*(node.ask(user, {"id": "7"}) for user in (ANN, BOB) for _ in range(500)))
        assert slow.begun == 1
        assert {(answer.status, answer.level, answer.data["call"]) for answer in answers} == {("complete", "full", 1)}
        assert len({id(answer) for answer in answers}) == 1000
        assert [answers[0].steps["order"].cached, answers[999].steps["order"].attempts] == [False, 0]
        assert (node.count("miss"), node.count("hit")) == (1000, 0)
        await node.close()


@virtually
async def test_the_first_who_leaves_ends_nobody_elses_wait(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        tasks = [asyncio.ensure_future(node.ask(ANN)) for _ in range(3)]
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        tasks[1].cancel()
        assert (await tasks[2]).data == {"id": "none", "call": 1}
        assert [task.cancelled() for task in tasks] == [True, True, False]
        assert (await node.ask(BOB)).data["call"] == 1
        await node.close()


@virtually
async def test_the_last_who_leaves_ends_the_run(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        tasks = [asyncio.ensure_future(node.ask(ANN)) for _ in range(3)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(1)
        assert (slow.begun, slow.ended) == (1, 0)
        assert (await node.ask(ANN)).data["call"] == 2
        await node.close()


@virtually
async def test_less_time_is_a_run_of_its_own(tmp_path: Path) -> None:
    slow = Slow(1.0)
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        hasty, patient = await asyncio.gather(node.ask(ANN, deadline_limit=0.5), node.ask(ANN, deadline_limit=60.0))
        assert isinstance(hasty.error, Timeout)
        assert patient.status == "complete"
        await node.close()


@virtually
async def test_a_denial_is_nobody_elses(tmp_path: Path) -> None:
    """The first of several who ask alike has lost the role that the others still have."""
    slow = Slow()
    async with planned(tmp_path, GUARDED, {"erp.orders": slow}) as made:
        node = Node(made)
        fallen = {**ANN, "roles": ["visitor"]}
        answers = await asyncio.gather(*(node.ask(user) for user in (fallen, ANN, fallen, ANN)))
        assert [answer.status for answer in answers] == ["denied", "complete", "denied", "complete"]
        answers = await asyncio.gather(*(node.ask(user, {"id": "2"}) for user in (ANN, fallen)))
        assert [answer.status for answer in answers] == ["complete", "denied"]
        await node.close()


@virtually
async def test_what_is_for_one_caller_is_given_to_no_other(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        for header in ({"cache-control": "private"}, {"cache-control": "no-store"}, {"set-cookie": "a=b"}):
            slow.headers, slow.begun = header, 0
            both = await asyncio.gather(node.ask(ANN), node.ask(BOB))
            assert [answer.status for answer in both] == ["complete"] * 2
            assert slow.begun == 2
            await node.ask(ANN)
            assert slow.begun == 3
        await node.close()


@virtually
async def test_what_is_for_one_caller_is_kept_for_that_one(tmp_path: Path) -> None:
    slow = Slow()
    slow.headers = {"cache-control": "private"}
    async with planned(tmp_path, GUARDED, {"erp.orders": slow}) as made:
        node = Node(made)
        assert [(await node.ask(user)).data["call"] for user in (ANN, BOB, ANN, BOB)] == [1, 2, 1, 2]
        await node.close()


@virtually
async def test_a_run_that_takes_too_long_lets_what_is_kept_stand_in(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        await node.ask(ANN)
        slow.seconds = 60
        await asyncio.sleep(20)
        began = node.clock.monotonic()
        answer = await node.ask(ANN)
        assert (answer.status, answer.level, answer.data["call"]) == ("complete", "reduced", 1)
        assert node.clock.monotonic() - began <= 2
        await node.close()


@virtually
async def test_a_purge_by_tag(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        for name in ("1", "2"):
            await node.ask(ANN, {"id": name})
        assert await node.answers.purge(Purge((label_of("tag", "order:1"),))) == 1
        await asyncio.sleep(0.01)
        await node.ask(ANN, {"id": "2"})
        assert slow.begun == 2
        await node.ask(ANN, {"id": "1"})
        assert slow.begun == 3
        assert await node.answers.purge(Purge((label_of("operation", "intent.ask"),), tenant="zeta")) == 0
        assert await node.answers.purge(Purge((label_of("operation", "intent.ask"),), tenant="acme")) == 2
        await node.close()


@virtually
async def test_a_run_that_began_before_a_purge_is_not_kept(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        asking = asyncio.ensure_future(node.ask(ANN))
        await asyncio.sleep(0.1)
        await node.answers.purge(Purge((label_of("tag", "orders"),)))
        assert (await asking).data["call"] == 1
        assert (await node.ask(ANN)).data["call"] == 2
        await node.close()


@virtually
async def test_processes_share_and_check_anew(tmp_path: Path) -> None:
    slow, state = Slow(), SharedState()
    async with planned(tmp_path, GUARDED, {"erp.orders": slow}) as made:
        one, other = Node(made, state=state), Node(made, state=state.of())
        assert (await one.ask(ANN)).data["call"] == 1
        await asyncio.sleep(0.01)
        answer = await other.ask(ANN)
        assert (answer.data["call"], answer.steps["order"].cached, other.count("hit")) == (1, True, 1)
        assert (await Node(made, state=state.of()).ask({**ANN, "roles": []})).status == "denied"
        assert (await other.ask(BOB)).data["call"] == 2
        changed = Node(made, state=state.of(), revision=b"2")
        assert (await changed.ask(ANN)).data["call"] == 3
        for node in (one, other, changed):
            await node.close()


@virtually
async def test_a_store_that_fails_costs_no_answer(tmp_path: Path) -> None:
    slow, state = Slow(), SharedState()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made, state=state)
        state.up = False
        assert [(await node.ask(ANN)).data["call"] for _ in range(2)] == [1, 1]
        state.up = True
        await node.ask(ANN, {"id": "2"})
        await asyncio.sleep(0.01)
        rng = random.Random(5)
        for key, (value, until) in list(state.values.items()):
            spoilt = bytearray(value)
            spoilt[rng.randrange(len(spoilt))] ^= 0xFF
            state.values[key] = (bytes(spoilt[: rng.randrange(len(spoilt))]), until)
        other = Node(made, state=state.of())
        assert (await other.ask(ANN, {"id": "2"})).data["call"] == 3
        await node.close()
        await other.close()


@virtually
async def test_answers_that_are_too_large_are_not_kept(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made, most=1 << 13)
        assert [(await node.ask(ANN, {"id": "x" * 5000})).data["call"] for _ in range(2)] == [1, 2]
        await node.close()


@virtually
async def test_records_hear_of_what_was_used(tmp_path: Path) -> None:
    async with planned(tmp_path, ASK, {"erp.orders": Slow()}) as made:
        node = Node(made)
        await node.ask(ANN)
        exchange = node.exchange(BOB)
        exchange.notes[NOTE] = witness = Witness(None, exchange)  # type: ignore[arg-type]
        await node.recall(exchange, node.executor)
        assert list(witness.operations) == ["erp.orders"]
        await node.close()


@virtually
async def test_a_refresh_that_fails_is_told_once(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        await node.ask(ANN)
        slow.failing = Unavailable()
        await asyncio.sleep(11)
        for _ in range(6):
            assert (await node.ask(ANN)).level == "reduced"
            await asyncio.sleep(0.5)
        assert 2 <= slow.begun <= 5
        failures = node.services.metrics.total("gateway_cache_refresh_failures_total", source="intent", operation="ask")
        assert failures == slow.begun - 1
        await node.close()


@virtually
async def test_closing_ends_what_is_under_way(tmp_path: Path) -> None:
    slow = Slow(60)
    async with planned(tmp_path, ASK, {"erp.orders": slow}) as made:
        node = Node(made)
        asking = asyncio.ensure_future(node.ask(ANN))
        await asyncio.sleep(0.1)
        await node.close()
        answer = await asking
        assert (answer.status, slow.ended) == ("failed", 0)


UNSURE = """
intent: ask
cache: {ttl: 10s}
steps: {part: {call: intent.part, fallback: [{call: erp.orders, with: {id: other}}]}}
output: ${ steps.part }
---
intent: part
steps: {o: {call: erp.order, with: {id: "1"}, ensure: [{check: "result == user.id"}]}}
output: ${ steps.o }
"""


@virtually
async def test_where_a_check_was_not_looked_at_nothing_is_kept(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, UNSURE, {"erp.orders": slow, "erp.order": Unavailable()}) as made:
        node = Node(made)
        answers = [await node.ask(ANN) for _ in range(2)]
        assert [(answer.status, answer.level, answer.data["call"]) for answer in answers] == [
            ("complete", "full", 1),
            ("complete", "full", 2),
        ]
        await node.close()


WITH_A_CACHE_BELOW = """
source: kept
type: fake
operations: {orders: {cache: {ttl: 1s, stale_if_error: 1h}}}
---
intent: ask
cache: {ttl: 10s}
steps: {o: {call: kept.orders, with: {id: "1"}}}
output: ${ steps.o }
"""


@virtually
async def test_what_was_made_of_something_stale_is_not_kept(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, WITH_A_CACHE_BELOW, {"kept.orders": slow}) as made:
        node = Node(made)
        assert (await node.ask(ANN)).level == "full"
        await asyncio.sleep(11)
        slow.failing = Unavailable()
        answer = await node.ask(ANN)
        assert (answer.status, answer.level, answer.data["call"]) == ("complete", "reduced", 1)
        slow.failing = None
        assert (await node.ask(ANN)).data["call"] == 3
        await node.close()


@virtually
async def test_a_refresh_notes_nothing_of_its_request(tmp_path: Path) -> None:
    slow = Slow()
    async with planned(tmp_path, GUARDED, {"erp.orders": slow}) as made:
        node = Node(made)
        await node.ask(ANN)
        await asyncio.sleep(11)
        exchange = node.exchange(ANN)
        noted = dict(exchange.notes)
        assert (await node.recall(exchange, node.executor)).level == "reduced"
        scope = dict(exchange.scope or {})
        await asyncio.sleep(1)
        assert slow.begun == 2
        assert exchange.notes == noted
        assert exchange.scope == scope
        await node.close()


OWNED = """
intent: ask
deadline: 1s
input: {type: object, properties: {id: {type: string}}}
cache: {ttl: 2s, stale_while_revalidate: 1s, stale_if_error: 5s, tags: [all]}
steps:
  mine: {call: erp.orders, with: {whose: "${ tenant.id }/${ user.id }/${ ctx.locale }", id: "${ input.id }"}}
  part: {call: intent.part}
output: {mine: "${ steps.mine }", part: "${ steps.part }", locale: "${ ctx.locale }"}
---
intent: part
steps:
  o: {call: erp.orders, with: {whose: "${ user.region }", id: part}, ensure: [{check: "contains(user.roles, 'agent')", deny: not_found}]}
output: ${ steps.o }
"""
SHARED = """
intent: ask
deadline: 1s
input: {type: object, properties: {id: {type: string}}}
cache: {ttl: 2s, stale_while_revalidate: 1s, stale_if_error: 5s, tags: [all]}
steps:
  mine: {call: erp.orders, with: {whose: "${ tenant.id }//${ ctx.locale }", id: "${ input.id }"}}
output: {mine: "${ steps.mine }", locale: "${ ctx.locale }"}
"""
INTERLEAVINGS = 3000


class Crowd:
    """Callers of two tenants who ask at random, leave, lose and get back a role; backends that are slow and fail."""

    def __init__(self, seed: int, *, owned: bool) -> None:
        self.rng = random.Random(seed)
        self.owned = owned
        self.complete = self.denied = self.shared = 0

    async def backend(self, whose: str | None = None, id: str = "") -> Any:
        await asyncio.sleep(self.rng.choice((0, 0.01, 0.05, 0.3)))
        if self.rng.random() < 0.1:
            raise Unavailable
        return f"{whose}:{id}"

    async def one(self, node: Node) -> None:
        rng = self.rng
        await asyncio.sleep(rng.random() * 30)
        roles = ["customer", "agent"] if rng.random() < 0.8 else ["customer"]
        user = {"id": rng.choice(("ann", "bob")), "roles": roles, "region": rng.choice(("eu", "us"))}
        tenant, locale, given = rng.choice(("acme", "zeta")), rng.choice(("en", "de")), rng.choice(("1", "2"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rng.choice((0.005, 0.02, 5, 5))):
                answer = await node.ask(user, {"id": given}, tenant=tenant, locale=locale)
                self.look(answer, user, f"{tenant}/{user['id'] if self.owned else ''}/{locale}:{given}", locale)

    def look(self, answer: Answer, user: dict[str, Any], mine: str, locale: str) -> None:
        """What was given is the caller's own."""
        if self.owned and "agent" not in user["roles"]:
            assert answer.status in ("denied", "failed")
            assert answer.data is None
            self.denied += answer.status == "denied"
            return
        assert answer.status in ("complete", "failed")
        if answer.status == "complete":
            part = {"part": f"{user['region']}:part"} if self.owned else {}
            assert answer.data == {"mine": mine, "locale": locale, **part}
            self.complete += 1
            self.shared += answer.steps["mine"].cached


def crowd(folder: Path, specs: str, seed: int, *, owned: bool) -> Crowd:
    made_of = Crowd(seed, owned=owned)

    async def run(folder: Path) -> None:
        async with planned(folder, specs, {"erp.orders": made_of.backend}) as made:
            state = SharedState()
            nodes = [Node(made, state=state), Node(made, state=state.of())]

            async def purge() -> None:
                for _ in range(10):
                    await asyncio.sleep(made_of.rng.random() * 5)
                    await nodes[0].answers.purge(Purge((label_of("tag", "all"),)))

            await asyncio.gather(purge(), *(made_of.one(made_of.rng.choice(nodes)) for _ in range(INTERLEAVINGS)))
            for node in nodes:
                await node.close()

    virtually(run)(folder)
    return made_of


def test_nobody_is_given_what_is_not_theirs(tmp_path: Path) -> None:
    made = crowd(tmp_path, OWNED, 11, owned=True)
    assert made.complete > 1000
    assert made.denied > 100
    assert made.shared > 500


def test_what_callers_share_stays_in_their_tenant_and_language(tmp_path: Path) -> None:
    made = crowd(tmp_path, SHARED, 12, owned=False)
    assert made.complete > 1000
    assert made.shared > 500
