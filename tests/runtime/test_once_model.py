"""Generated histories of keyed requests, with processes that die, against a naive model of what each is answered and what was done.

Of one key a backend is to do something once at most; where it heeds keys, once whenever the caller is told that it was done.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.runtime.once import MARGIN
from gateway.sdk import Conflict, Timeout
from gateway.sdk.idempotency import Entry
from gateway.testing.idempotency import Drawer
from gateway.testing.scenario import Scenario, prepare
from tests.runtime.keyed import CAREFUL, DESK, OPEN, ROLES, Process, told
from tests.runtime.test_once import REUSED, RUNNING, UNKNOWN

Happens = Literal["done", "refused", "late", "lost", "dies_before", "dies_after"]
HAPPENINGS: tuple[Happens, ...] = ("done", "done", "refused", "late", "lost", "dies_before", "dies_after")
FAILED: dict[str, Any] = {"refused": ("failed", "conflict", None), "late": ("failed", "timeout", None), "lost": ("failed", "timeout", None)}
LONG = 10.0 + MARGIN + 1.0


class Ask(msgspec.Struct, frozen=True):
    key: str
    text: str
    happens: Happens


ASKS = st.builds(Ask, st.sampled_from(["k", "l"]), st.sampled_from(["a", "a", "a", "b"]), st.sampled_from(HAPPENINGS))
HISTORIES = st.lists(st.one_of(ASKS, ASKS, st.just("time passes")), min_size=1, max_size=12)


class Backend:
    """Does what it is told to happen. One that heeds keys knows what it has done."""

    def __init__(self, *, heeds: bool) -> None:
        self.heeds = heeds
        self.effects: dict[str, int] = {}
        self.happens: Happens = "done"
        self.key = ""
        self.drawer = Drawer()
        self.left_behind: dict[str, Entry] | None = None

    async def __call__(self, text: str) -> Any:
        del text
        happens = self.happens
        if happens == "refused":
            raise Conflict(status_code=409)
        if happens in ("done", "late", "dies_after"):
            done = self.effects.get(self.key, 0)
            self.effects[self.key] = 1 if self.heeds else done + 1
        if happens in ("late", "lost"):
            raise Timeout
        if happens != "done":
            self.left_behind = dict(self.drawer.entries)
        return {"id": self.key}


class Model:
    """What is known of each key: its text, and what has become of it."""

    def __init__(self, *, heeds: bool) -> None:
        self.heeds = heeds
        self.texts: dict[str, str] = {}
        self.states: dict[str, str] = {}

    def expect(self, ask: Ask) -> Any:
        """The answer; None to a process that dies."""
        state = self.states.get(ask.key)
        if state is not None and self.texts[ask.key] != ask.text:
            return REUSED
        if state == "finished":
            return ("complete", {"id": ask.key})
        if state == "running":
            return RUNNING
        if state == "unknown" and not self.heeds:
            return UNKNOWN
        self.texts[ask.key] = ask.text
        if ask.happens == "refused" and state is None:
            return FAILED["refused"]
        self.states[ask.key] = {"done": "finished", "dies_before": "running", "dies_after": "running"}.get(ask.happens, "unknown")
        return FAILED.get(ask.happens) or (("complete", {"id": ask.key}) if ask.happens == "done" else None)

    def time_passes(self) -> None:
        self.states = {key: "unknown" if state == "running" else state for key, state in self.states.items()}


@pytest.fixture(scope="module", params=["desk", "careful"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, bool, dict[str, Any]]:
    """A planned folder whose backend heeds keys, or doesn't; and where that backend is to be put."""
    heeds = request.param == "careful"
    fakes: dict[str, Any] = {}
    folder: Path = tmp_path_factory.mktemp(request.param)
    specs = f"{DESK}---\n{CAREFUL if heeds else OPEN}"
    return prepare(folder, {"specs/all.yaml": specs, "policies/roles.yaml": ROLES}, fakes), heeds, fakes


@settings(max_examples=150, deadline=None)
@given(history=HISTORIES)
def test_histories(made: tuple[Scenario, bool, dict[str, Any]], history: list[Ask | str]) -> None:
    scenario, heeds, fakes = made
    backend = Backend(heeds=heeds)
    fakes |= {"desk.open": backend, "careful.open": backend}
    asyncio.run(live(scenario, backend, history))


async def live(scenario: Scenario, backend: Backend, history: list[Ask | str]) -> None:
    model, running = Model(heeds=backend.heeds), Process(scenario, backend.drawer)
    shown: set[str] = set()
    for event in history:
        if not isinstance(event, Ask):
            running.clock.shift += LONG
            model.time_passes()
            continue
        backend.happens, backend.key, backend.left_behind = event.happens, event.key, None
        answer = await running.ask({"text": event.text}, event.key)
        if backend.left_behind is not None:  # nothing after the death has happened
            backend.drawer.entries = backend.left_behind
            assert model.expect(event) is None
            continue
        assert told(answer) == model.expect(event)
        if answer.status == "complete":
            shown.add(event.key)
    await running.close()
    assert all(count == 1 for count in backend.effects.values())
    assert shown <= backend.effects.keys()
