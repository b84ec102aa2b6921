"""Whatever happens at the same time, nobody sees another's data: generated runs of two users, two tenants and two processes, with callers
who leave, backends that fail, answers that age, purges, and a store that comes and goes."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sdk import BackendError, Call, GatewayError, NotFound, Reference, Response, Unavailable
from gateway.sdk.kept import EVERYTHING, Purge
from tests.policies.calls_under_way import FakeOperation
from tests.policies.kept_calls import Backend, Process, SharedState, asking
from tests.virtual_time import in_virtual_time

IDENTITIES: tuple[frozenset[Reference], ...] = (
    frozenset(), frozenset({("user", "id")}), frozenset({("tenant", "id")}), frozenset({("user", "id"), ("ctx", "locale")}),
)  # fmt: skip


class Asker(NamedTuple):
    """One caller; times in seconds."""

    process: int
    user: str
    tenant: str
    language: str
    argument: int
    comes: float
    leaves: float | None
    patience: float
    narrowed: str | None
    stale: float | None


class Setting(NamedTuple):
    """How the operation is configured, and what its backend and store do."""

    identity: frozenset[Reference]
    forwards: frozenset[str]
    scope: str | None
    ttl: str
    lasts: list[float]
    outcomes: list[str]
    purges: list[float]
    down: tuple[float, float]


moments = st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0])
askers = st.builds(
    Asker, process=st.integers(0, 1), user=st.sampled_from("ab"), tenant=st.sampled_from("xy"), language=st.sampled_from(["de", "en"]),
    argument=st.integers(0, 1), comes=moments, leaves=st.none() | moments, patience=st.sampled_from([0.2, 1.0, 5.0]),
    narrowed=st.sampled_from([None, None, "user", "tenant"]), stale=st.sampled_from([None, None, None, 3.0]),
)  # fmt: skip
settings_of_runs = st.builds(
    Setting, identity=st.sampled_from(IDENTITIES), forwards=st.sampled_from([frozenset(), frozenset({"accept-language"})]),
    scope=st.sampled_from([None, "user", "tenant", "public"]), ttl=st.sampled_from(["1s", "auto"]),
    lasts=st.lists(st.sampled_from([0.0, 0.2, 0.7]), min_size=1, max_size=3),
    outcomes=st.lists(st.sampled_from(["ok", "ok", "ok", "private", "absent", "down", "refused"]), min_size=1, max_size=5),
    purges=st.lists(moments, max_size=2), down=st.tuples(moments, moments),
)  # fmt: skip


def sent(setting: Setting, call: Call) -> tuple[Any, ...]:
    """All that a backend is told."""
    scope = call.context.scope
    return (
        tuple(scope[root][name] for root, name in sorted(setting.identity)),
        tuple(call.context.headers[name] for name in setting.forwards),
        call.arguments["x"],
    )


class Run:
    """One generated run."""

    def __init__(self, setting: Setting) -> None:
        state = SharedState()
        self.stores = [state, state.of()]
        self.setting = setting
        self.backend = Backend(self.answer)
        operation = FakeOperation(identity=setting.identity, forwards=setting.forwards)
        keys = {"ttl": setting.ttl, "stale_while_revalidate": "1s", "stale_if_error": "5s", "negative": "1s", "tags": ["t:${ args.x }"]}
        self.processes = [Process(state=store) for store in self.stores]
        self.caches = [process.cache(operation, scope=setting.scope, **keys) for process in self.processes]

    def answer(self, call: Call, number: int) -> Any:
        self.backend.seconds = self.setting.lasts[number % len(self.setting.lasts)]
        outcome = self.setting.outcomes[number % len(self.setting.outcomes)]
        failures = {"absent": NotFound(), "down": Unavailable(), "refused": BackendError(status_code=403)}
        if outcome in failures:
            return failures[outcome]
        whose = (call.context.identity[3], call.context.identity[0])
        headers = {"cache-control": "max-age=1" + (", private" if outcome == "private" else "")}
        return Response({"sent": sent(self.setting, call), "private": whose if outcome == "private" else None}, 200, headers)

    async def ask(self, asker: Asker) -> tuple[Any, Call]:
        await asyncio.sleep(asker.comes)
        call = asking(
            asker.user, tenant=asker.tenant, headers={"accept-language": asker.language}, arguments={"x": asker.argument},
            seconds=asker.patience, stale=asker.stale, limits={"scope": asker.narrowed} if asker.narrowed else None,
        )  # fmt: skip
        try:
            return (await self.caches[asker.process](call, self.backend)).value, call
        except GatewayError as error:
            return error, call

    async def all(self, crowd: list[Asker]) -> list[Any]:
        loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(self.ask(asker)) for asker in crowd]
        for task, asker in zip(tasks, crowd, strict=True):
            if asker.leaves is not None:
                loop.call_later(asker.leaves, task.cancel)
        purging = [asyncio.create_task(self.purge(at)) for at in self.setting.purges]
        falling = asyncio.create_task(self.fall())
        got = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(falling, *purging)
        await asyncio.sleep(10)
        for process in self.processes:
            for hook in process.services.closers:
                await hook()
        return got

    async def purge(self, at: float) -> None:
        await asyncio.sleep(at)
        await self.processes[0].answers.purge(Purge((EVERYTHING,)))

    async def fall(self) -> None:
        down, lasting = self.setting.down
        await asyncio.sleep(down)
        for up in (False, True):
            for store in self.stores:
                store.up = up
            await asyncio.sleep(lasting)


@settings(max_examples=200)
@given(st.lists(askers, min_size=1, max_size=10), settings_of_runs)
def test_nobody_sees_what_is_anothers(crowd: list[Asker], setting: Setting) -> None:
    async def run() -> list[Any]:
        return await Run(setting).all(crowd)

    for asker, outcome in zip(crowd, in_virtual_time(run()), strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            assert asker.leaves is not None
            continue
        assert not isinstance(outcome, BaseException), outcome
        value, call = outcome
        if isinstance(value, GatewayError):
            continue
        assert tuple(map(_frozen, value["sent"])) == sent(setting, call)
        if value["private"] is not None and call.course.cached:
            assert tuple(value["private"]) == (asker.user, asker.tenant)


def _frozen(part: Any) -> Any:
    """What went through the store came back as lists."""
    return tuple(part) if isinstance(part, list) else part
