"""The state machine of a keyed request: what is recorded when it ends, and what the next one with its key is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.runtime.once import MARGIN, RETENTION
from gateway.sdk import BackendError, CircuitOpen, Conflict, Reply, Response, Timeout, Unavailable
from gateway.sdk.idempotency import Entry
from gateway.testing.idempotency import Drawer
from tests.runtime.keyed import ANN, BOB, CAREFUL, OPEN, process, told

RUNNING = ("failed", "conflict", "still_running")
UNKNOWN = ("failed", "conflict", "outcome_unknown")
NOT_KEPT = ("failed", "conflict", "answer_not_kept")
REUSED = ("failed", "invalid_request", "idempotency_key_reused")
AWAY = ("failed", "unavailable", "idempotency_unavailable")


class Desk:
    """Opens tickets; `failures` are what comes of the next calls instead (None: it is opened)."""

    def __init__(self, *failures: Any, seconds: float = 0.0) -> None:
        self.failures = list(failures)
        self.seconds = seconds
        self.opened: list[str] = []
        self.begun = asyncio.Event()

    async def __call__(self, text: str = "") -> Any:
        self.begun.set()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        await asyncio.sleep(self.seconds)
        self.opened.append(text)
        return {"id": len(self.opened)}


def at_desk(desk: Desk) -> dict[str, Any]:
    return {"desk.open": desk, "careful.open": desk, "desk.bill": None, "desk.look": {"open": True}}


async def test_the_answer_is_given_again(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        first, second = await running.ask(), await running.ask()
        assert told(first) == told(second) == ("complete", {"id": 1})
        assert (first.level, first.errors, second.level, second.errors) == ("full", [], "full", [])
        assert desk.opened == ["hello"]
        assert (running.count("run"), running.count("replayed")) == (1, 1)
        assert {name: report.attempts for name, report in second.steps.items()} == {"ticket": 0}


async def test_without_a_key_it_is_done_as_often_as_it_is_asked_for(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        assert [told(await running.ask(key=None)) for _ in range(2)] == [("complete", {"id": 1}), ("complete", {"id": 2})]
        assert running.drawer.commits == 0


async def test_another_input_under_the_same_key_is_refused(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        await running.ask({"text": "hello"})
        assert told(await running.ask({"text": "bye"})) == REUSED
        assert desk.opened == ["hello"]
        assert running.count("mismatch") == 1


@pytest.mark.parametrize("other", [{"user": BOB}, {"tenant": "other"}, {"user": None}, {"key": "l"}])
async def test_keys_of_others_are_others(tmp_path: Path, other: dict[str, Any]) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        await running.ask({"text": "mine"})
        assert told(await running.ask({"text": "theirs"}, **other)) == ("complete", {"id": 2})
        assert told(await running.ask({"text": "mine"})) == ("complete", {"id": 1})


async def test_an_intents_own_key_is_as_good_as_the_callers(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN + "idempotency_key: [input.text]\n", at_desk(desk)) as running:
        for text in ("a", "a", "b"):
            await running.ask({"text": text}, key=None)
        assert desk.opened == ["a", "b"]


async def test_a_null_in_an_intents_own_key_is_a_fault(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN + "idempotency_key: [input.text]\n", at_desk(desk)) as running:
        exchange = running.exchange({}, None)
        assert told(await running.stage(exchange, running.executor)) == ("failed", "expression_error", None)
        assert desk.opened == []


async def test_while_one_is_at_work_the_others_are_sent_away(tmp_path: Path) -> None:
    desk = Desk(seconds=0.03)
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        first = asyncio.ensure_future(running.ask())
        await desk.begun.wait()
        second = await running.ask()
        assert told(second) == RUNNING
        assert second.error is not None
        assert (second.error.passing, second.error.retry_after) == (True, 1.0)
        assert told(await running.ask({"text": "bye"})) == REUSED
        assert told(await first) == told(await running.ask()) == ("complete", {"id": 1})
        assert running.count("running") == 1


async def test_of_many_at_once_one_writes(tmp_path: Path) -> None:
    desk, drawer = Desk(seconds=0.005), Drawer()
    async with process(tmp_path, OPEN, at_desk(desk), drawer) as one, process(tmp_path, OPEN, at_desk(desk), drawer) as other:
        answers = await asyncio.gather(*(each.ask() for each in (one, other) * 5))
    assert desk.opened == ["hello"]
    assert {told(answer) for answer in answers if answer.error} == {RUNNING}
    assert ("complete", {"id": 1}) in [told(answer) for answer in answers if not answer.error]


@pytest.mark.parametrize(
    ("failure", "first"),
    [
        (Conflict(status_code=409), ("failed", "conflict", None)),
        (BackendError(status_code=422, detail_code="no_such_text"), ("failed", "backend_error", "no_such_text")),
        (CircuitOpen(), ("failed", "circuit_open", None)),
    ],
)
@pytest.mark.parametrize("specs", [OPEN, CAREFUL])
async def test_what_was_refused_may_be_asked_for_again(tmp_path: Path, failure: Any, first: Any, specs: str) -> None:
    desk = Desk(failure)
    async with process(tmp_path, specs, at_desk(desk)) as running:
        assert told(await running.ask()) == first
        assert running.drawer.entries == {}
        assert told(await running.ask({"text": "mended"})) == ("complete", {"id": 1})


@pytest.mark.parametrize("failure", [Timeout(), Unavailable(), BackendError(status_code=500), BackendError(status_code=408)])
async def test_what_may_have_been_done_is_not_done_again(tmp_path: Path, failure: Any) -> None:
    desk = Desk(failure)
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        assert (await running.ask()).status == "failed"
        assert running.entry.state == "unknown"
        answer = await running.ask()
        assert told(answer) == UNKNOWN
        assert isinstance(answer.reply, Reply)
        assert "person" in str(answer.reply.text)
        assert (desk.opened, running.count("unknown")) == ([], 1)
        assert told(await running.ask({"text": "bye"})) == REUSED


async def test_where_backends_heed_keys_it_is_sent_again_with_the_same_one(tmp_path: Path) -> None:
    desk = Desk(Timeout(), BackendError(status_code=409), None)
    async with process(tmp_path, CAREFUL, at_desk(desk)) as running:
        assert told(await running.ask()) == ("failed", "timeout", None)
        # A refusal tells nothing of what the first one did.
        assert told(await running.ask()) == ("failed", "backend_error", None)
        assert running.entry.state == "unknown"
        assert told(await running.ask()) == told(await running.ask()) == ("complete", {"id": 1})
        keys = [call.idempotency_key for call in running.made.calls]
        assert len(keys) == 3
        assert len(set(keys)) == 1
        assert keys[0] is not None


TWO = """
intent: ask
input: {type: object, properties: {text: {type: string}}}
steps:
  ticket: {call: desk.open, with: {text: "${input.text}"}}
  look: {call: desk.look, depends_on: [ticket], ensure: [{check: result.open}]}
output: {id: "${steps.ticket.id}", open: "${steps.look.open}"}
"""
"""A write, then a read with a check."""


async def test_what_failed_after_something_was_done_fails_the_same_again(tmp_path: Path) -> None:
    desk = Desk()
    fakes = {**at_desk(desk), "desk.look": Timeout()}
    async with process(tmp_path, TWO.replace(", ensure: [{check: result.open}]", ""), fakes) as running:
        first, second = await running.ask(), await running.ask()
        assert told(first) == told(second) == ("failed", "timeout", None)
        assert [(entry.step, entry.code) for entry in second.errors] == [("look", "timeout")]
        assert second.error is not None
        assert second.error.settled
        assert desk.opened == ["hello"]
        assert running.entry.state == "finished"


async def test_what_was_denied_after_something_was_done_is_denied_again(tmp_path: Path) -> None:
    desk = Desk()
    # What it reads of the ticket lets the check come after the write.
    specs = TWO.replace("depends_on: [ticket]", "with: {id: '${steps.ticket.id}'}")
    async with process(tmp_path, specs, {**at_desk(desk), "desk.look": lambda **_: {"open": False}}) as running:
        first, second = await running.ask(), await running.ask()
        assert told(first) == told(second) == ("denied", "forbidden", None)
        assert desk.opened == ["hello"]


async def test_a_business_that_says_no_said_it(tmp_path: Path) -> None:
    desk = Desk()
    specs = OPEN.replace("desk.open", "strict.open")
    strict = "source: strict\ntype: fake\noperations: {open: {effect: write, success: body.ok}}\n---\n"
    fakes = {**at_desk(desk), "strict.open": Response({"ok": False})}
    async with process(tmp_path, strict + specs, fakes) as running:
        assert told(await running.ask()) == told(await running.ask()) == ("failed", "backend_error", None)
        assert (running.entry.state, len(running.made.calls)) == ("finished", 1)


LOOK_FIRST = """
intent: ask
input: {type: object, properties: {text: {type: string}}}
steps:
  look: {call: desk.look}
  ticket: {call: desk.open, with: {text: "${input.text}"}, depends_on: [look]}
output: {id: "${steps.ticket.id}", seen: "${steps.look.id}"}
"""


async def test_before_anything_was_sent_a_failure_leaves_nothing(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, LOOK_FIRST, {**at_desk(desk), "desk.look": Desk(Timeout())}) as running:
        assert told(await running.ask()) == ("failed", "timeout", None)
        assert (running.drawer.commits, running.drawer.entries) == (0, {})
        assert told(await running.ask()) == ("complete", {"id": 1, "seen": 1})


async def test_an_answer_for_which_nothing_was_written_is_given_again_too(tmp_path: Path) -> None:
    desk = Desk()
    specs = OPEN.replace("{call: desk.open,", "{when: input.text == 'yes', call: desk.open,")
    async with process(tmp_path, specs, at_desk(desk)) as running:
        assert told(await running.ask({"text": "no"})) == told(await running.ask({"text": "no"})) == ("complete", {"id": None})
        assert (running.count("replayed"), running.drawer.commits) == (1, 1)
        assert told(await running.ask({"text": "yes"})) == REUSED
        assert desk.opened == []


async def test_a_partial_answer_is_an_answer(tmp_path: Path) -> None:
    desk = Desk(Timeout())
    async with process(tmp_path, OPEN.replace('with: {text: "${input.text}"}', "required: false"), at_desk(desk)) as running:
        first, second = await running.ask(), await running.ask()
        assert told(first) == told(second) == ("partial", {"id": None})
        assert [(entry.step, entry.code) for entry in second.errors] == [("ticket", "timeout")]
        assert len(running.made.calls) == 1


async def test_no_rung_stands_in_for_a_write_that_must_not_be_sent(tmp_path: Path) -> None:
    desk, drawer = Desk(), Drawer()
    specs = LOOK_FIRST.replace("desk.open,", "desk.open, fallback: [{return: {id: made-up}}],")
    found: list[Entry] = []

    def look() -> Any:
        """Another process begins the same meanwhile."""
        drawer.entries |= {entry.record: entry for entry in found}
        return {"id": 1}

    async with process(tmp_path, specs, {**at_desk(desk), "desk.look": look}, drawer) as running:
        assert (await running.ask()).status == "complete"
        found.append(msgspec.structs.replace(running.entry, owner="other", state="started", answer=None))
        drawer.entries = {}
        assert told(await running.ask()) == RUNNING
        drawer.entries, found[0] = {}, msgspec.structs.replace(found[0], state="unknown")
        assert told(await running.ask()) == RUNNING
        drawer.entries, found[0] = {}, msgspec.structs.replace(found[0], fingerprint="of another")
        assert told(await running.ask()) == REUSED
        assert desk.opened == ["hello"]


async def test_a_record_whose_owner_is_gone_is_unknown_once_its_lease_is_over(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        await running.ask()
        entry = running.entry
        assert entry.lease_until - entry.at == pytest.approx(10.0 + MARGIN, abs=0.5)
        assert entry.kept_until - entry.at == RETENTION
        dead = msgspec.structs.replace(entry, state="started", answer=None)
        running.drawer.entries[entry.record] = dead
        assert told(await running.ask()) == RUNNING
        running.clock.shift = 10.0 + MARGIN + 1
        assert told(await running.ask()) == UNKNOWN
        assert running.entry == dead
        running.clock.shift = RETENTION + 1
        assert told(await running.ask()) == ("complete", {"id": 2})


async def test_a_record_whose_owner_is_gone_is_taken_over_by_one(tmp_path: Path) -> None:
    desk = Desk(seconds=0.005)
    async with process(tmp_path, CAREFUL, at_desk(desk)) as running:
        await running.ask()
        entry = running.entry
        running.drawer.entries[entry.record] = msgspec.structs.replace(entry, state="started", answer=None)
        running.clock.shift = 100.0
        answers = await asyncio.gather(*(running.ask() for _ in range(5)))
        assert sorted(told(answer) for answer in answers if not answer.error) == [("complete", {"id": 2})]
        assert {told(answer) for answer in answers if answer.error} == {RUNNING}
        assert len({call.idempotency_key for call in running.made.calls}) == 1
        assert running.entry.owner != entry.owner


@pytest.mark.parametrize(("specs", "state"), [(OPEN, "finished"), (CAREFUL, "started")])
async def test_what_another_configuration_did_is_neither_done_again_nor_read(tmp_path: Path, specs: str, state: Any) -> None:
    desk = Desk()
    async with process(tmp_path, specs, at_desk(desk)) as running:
        await running.ask()
        entry = running.entry
        answer = entry.answer if state == "finished" else None
        running.drawer.entries[entry.record] = msgspec.structs.replace(entry, revision="earlier", state=state, answer=answer)
        running.clock.shift = 100.0
        assert told(await running.ask()) == (NOT_KEPT if state == "finished" else UNKNOWN)
        assert desk.opened == ["hello"]


async def test_an_answer_outlasts_a_move_of_its_backend_and_a_repetition_does_not(tmp_path: Path) -> None:
    desk = Desk()
    async with process(tmp_path, CAREFUL, at_desk(desk)) as running:
        await running.ask()
        moved = msgspec.structs.replace(running.entry, revision=running.entry.revision.partition(":")[0] + ":elsewhere")
        running.drawer.entries[moved.record] = moved
        assert told(await running.ask()) == ("complete", {"id": 1})
        running.drawer.entries[moved.record] = msgspec.structs.replace(moved, state="unknown", answer=None)
        assert told(await running.ask()) == UNKNOWN


@pytest.mark.parametrize("answer", [None, "spoilt", "AAAA"])
async def test_an_answer_that_can_not_be_read_is_not_made_anew(tmp_path: Path, answer: str | None) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        await running.ask()
        running.drawer.entries[running.entry.record] = msgspec.structs.replace(running.entry, answer=answer)
        assert told(await running.ask()) == NOT_KEPT
        assert desk.opened == ["hello"]


async def test_a_large_answer_is_given_once(tmp_path: Path) -> None:
    async with process(tmp_path, OPEN, {**at_desk(Desk()), "desk.open": {"id": "x" * (1 << 20)}}) as running:
        assert (await running.ask()).status == "complete"
        assert told(await running.ask()) == NOT_KEPT


async def test_guards_and_ensures_are_asked_anew(tmp_path: Path) -> None:
    desk = Desk()
    specs = OPEN + "guard: [{check: \"user.number == 'C1'\"}]\n"
    async with process(tmp_path, specs, at_desk(desk)) as running:
        assert (await running.ask()).status == "complete"
        assert told(await running.ask(user={**ANN, "number": "C9"})) == ("denied", "forbidden", None)
        assert told(await running.ask()) == ("complete", {"id": 1})


async def test_with_its_store_away_a_keyed_write_is_not_sent(tmp_path: Path) -> None:
    desk, drawer = Desk(), Drawer()
    drawer.fault = "no disk"
    async with process(tmp_path, OPEN, at_desk(desk), drawer) as running:
        assert told(await running.ask()) == AWAY
        assert (desk.opened, running.count("unavailable"), running.made.calls) == ([], 1, [])
        assert told(await running.ask(key=None)) == ("complete", {"id": 1})


async def test_a_record_that_could_not_be_made_stops_the_write_and_is_taken_back(tmp_path: Path) -> None:
    desk, drawer = Desk(), Drawer()
    drawer.forgetful = True
    async with process(tmp_path, OPEN, at_desk(desk), drawer) as running:
        assert told(await running.ask()) == AWAY
        assert desk.opened == []
    assert drawer.entries == {}


async def test_an_end_that_can_not_be_recorded_is_told_and_recorded_later(tmp_path: Path) -> None:
    desk, drawer = Desk(), Drawer()

    async def open_ticket(text: str) -> Any:
        drawer.fault = "no disk"
        return await desk(text)

    async with process(tmp_path, OPEN, {**at_desk(desk), "desk.open": open_ticket}, drawer) as running:
        assert told(await running.ask()) == ("complete", {"id": 1})
        assert running.entry.state == "started"
        drawer.fault = None
    assert next(iter(drawer.entries.values())).state == "finished"


async def test_who_hangs_up_after_the_write_began_finds_the_answer(tmp_path: Path) -> None:
    desk = Desk(seconds=0.02)
    async with process(tmp_path, OPEN, at_desk(desk)) as running:
        asking = asyncio.ensure_future(running.ask())
        await desk.begun.wait()
        asking.cancel()
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert told(await running.ask()) == ("complete", {"id": 1})
        assert desk.opened == ["hello"]


async def test_who_hangs_up_before_leaves_nothing(tmp_path: Path) -> None:
    desk, look = Desk(), Desk(seconds=10)
    async with process(tmp_path, LOOK_FIRST, {**at_desk(desk), "desk.look": look}) as running:
        asking = asyncio.ensure_future(running.ask())
        await look.begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (running.drawer.commits, desk.opened) == (0, [])


@pytest.mark.parametrize(("fails", "state"), [("before", None), ("after", "unknown")])
async def test_a_fault_of_the_gateway_itself_after_a_write_leaves_it_unknown(tmp_path: Path, fails: str, state: str | None) -> None:
    desk = Desk()
    async with process(tmp_path, OPEN, at_desk(desk)) as running:

        async def broken(exchange: Any) -> Any:
            if fails == "after":
                await running.executor(exchange)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await running.stage(running.exchange({"text": "hello"}), broken)
    assert [entry.state for entry in running.drawer.entries.values()] == ([] if state is None else [state])


async def test_an_input_that_can_not_be_compared_is_refused(tmp_path: Path) -> None:
    async with process(tmp_path, OPEN, at_desk(Desk())) as running:
        assert told(await running.ask({"text": "\ud800"})) == ("failed", "invalid_request", None)
        assert running.made.calls == []
