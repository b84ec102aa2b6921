"""One intent that writes: a request with an idempotency key is carried out once, and its answer is given again (language §4 "Keys").

What becomes of the record when a run ends, by what it answers and what became of its writes (`gateway.runtime.claim`):

    writes                          answer with data    failed or denied
    none sent                       finished            no record: the key is as good as new
    all of them refused             finished            removed: the same
    some done or failed             finished            finished with the failure; where it may be repeated: unknown
    some unknown                    finished            unknown
    taken over from another run     finished            unknown
    the process died meanwhile                          started, until its lease is over; from then on as unknown

What a request is answered whose key has a record:

    made for another input          422 `invalid_request`, `idempotency_key_reused`
    started                         409 `conflict`, `still_running`, with `Retry-After`
    unknown, may be repeated        it is taken over and carried out again: all its writes go out with the keys that they had before, and
                                    the backends, which heed these, do nothing twice
    unknown otherwise               409 `conflict`, `outcome_unknown`, and a reply that offers a person
    finished                        the answer that it had: guards and ensures are asked anew, reply and masks are made anew
    finished, answer not readable   409 `conflict`, `answer_not_kept`: too large, or the configuration of the intent was changed since
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal, NamedTuple

import msgspec

from gateway.policies.auditor import NOTE as AUDIT
from gateway.policies.auditor import Witness
from gateway.policies.journal import Journal
from gateway.runtime.claim import NOTE as CLAIM
from gateway.runtime.claim import STORE_SECONDS, Claim, Withheld
from gateway.runtime.endings import context_of, failed, first_frame
from gateway.runtime.intents import run_sub_intent
from gateway.runtime.keys import request_key
from gateway.runtime.plan import IntentPlan
from gateway.runtime.recording import NOTE as RECORDING
from gateway.runtime.recording import Recording
from gateway.runtime.replay import Barriers, as_kept, known, replay
from gateway.runtime.sealed_answer import UNWRITABLE, Finished, failure_of, record_name, seal, unseal
from gateway.runtime.unsure_reply import offer_a_person
from gateway.sdk import Answer, Clock, Conflict, Counter, Exchange, GatewayError, Handler, InvalidRequest, Unavailable
from gateway.sdk.idempotency import Entry, Held
from gateway.sdk.records import RecordsUnavailable
from gateway.sdk.sharing import canonical

NOTE = "idempotency"
"""What became of a request with a key, in `Exchange.notes`: a `Result`."""

Result = Literal["run", "replayed", "mismatch", "running", "unknown", "unavailable"]

RETENTION = 24 * 3600.0
"""Seconds for which a record is kept, from its beginning on."""

MARGIN = 10.0
"""Seconds by which a lease outlasts its request's deadline; clocks of machines that share a store differ by less."""

LEAST_PATIENCE = 0.1
"""Seconds that an end may take to be recorded, however late it is."""

SOON = 1.0
"""Seconds after which to ask again about what is still running."""


class Revision(NamedTuple):
    """What an intent's configuration is, as digests: `answers` differs where an answer may mean something else, or may have to be hidden,
    `calls` where what is sent again may not be what was sent."""

    answers: str
    calls: str

    def __str__(self) -> str:
        return f"{self.answers}:{self.calls}"

    @classmethod
    def of(cls, text: str) -> Revision:
        """The one that a record names."""
        answers, _, calls = text.partition(":")
        return cls(answers, calls)


class OncePlan(msgspec.Struct, frozen=True):
    """An intent that writes. `repeatable`: which writes it sends depends on its input alone, and each goes out with a key that its backend
    heeds. `involved` as in `IntentCache`."""

    intent: IntentPlan
    barriers: Mapping[str, Barriers]
    revision: Revision
    repeatable: bool = False
    involved: Mapping[str, tuple[str, ...]] = {}


class Tools(NamedTuple):
    """What all intents share."""

    journal: Journal
    clock: Clock
    counters: Mapping[Result, Counter]


class Asked(NamedTuple):
    """One request, as records know it."""

    exchange: Exchange
    claim: Claim
    record: str
    fingerprint: str
    owner: str


class Once:
    """The records of one intent's requests."""

    def __init__(self, plan: OncePlan, tools: Tools) -> None:
        self._plan = plan
        self._journal = tools.journal
        self._clock = tools.clock
        self._count = tools.counters

    async def answer(self, exchange: Exchange, proceed: Handler) -> Answer:
        """Carries it out, or gives the answer that it had. A request without a key is carried out."""
        try:
            asked = self._asked(exchange)
        except GatewayError as error:
            return self._refused(exchange, error)
        if asked is None:
            return await proceed(exchange)
        now = self._now()
        try:
            held = await self._journal.look(asked.record, lambda rows: rows.find(asked.record, now), within=self._patience(exchange))
            answer = None if held is None else await self._of_held(asked, held)
        except RecordsUnavailable:
            return self._unavailable(exchange)
        return await self._run(asked, proceed) if answer is None else answer

    def _asked(self, exchange: Exchange) -> Asked | None:
        """Raises `ExpressionFault` for an intent's key that has a null in it, `InvalidRequest` for an input that can't be compared."""
        scope = exchange.scope
        if scope is None:
            raise RuntimeError("the pipeline does not know the caller")
        key = request_key(self._plan.intent, exchange.idempotency_key, context_of(exchange), scope)
        if key is None:
            return None
        try:
            fingerprint = sha256(canonical(exchange.input)).hexdigest()
        except UNWRITABLE:
            raise InvalidRequest("This input can't be compared with another one.") from None
        record, owner = record_name(key), secrets.token_hex(16)

        def entry() -> Entry:
            return self._entry(exchange, record, fingerprint, owner)

        return Asked(exchange, Claim(key, self._journal, entry, lambda: self._patience(exchange)), record, fingerprint, owner)

    def _entry(self, exchange: Exchange, record: str, fingerprint: str, owner: str) -> Entry:
        at = self._now()
        return Entry(
            record=record,
            fingerprint=fingerprint,
            revision=str(self._plan.revision),
            owner=owner,
            at=at,
            lease_until=at + self._lease(exchange),
            kept_until=at + RETENTION,
        )

    async def _of_held(self, asked: Asked, held: Held) -> Answer | None:
        """The answer to a request whose key has a record; None where it is to be carried out again."""
        exchange = asked.exchange
        if held.fingerprint != asked.fingerprint:
            self._tell(exchange, "mismatch")
            return self._refused(exchange, _reused())
        if held.state == "finished":
            self._tell(exchange, "replayed")
            return self._replay(asked, held)
        if held.is_running(self._now()):
            return self._running(exchange)
        if not self._plan.repeatable or Revision.of(held.revision) != self._plan.revision:
            self._tell(exchange, "unknown")
            return offer_a_person(exchange, self._refused(exchange, _unknown()))
        until = self._now() + self._lease(exchange)
        asked.claim.taken_over = await self._journal.write(
            asked.record, lambda rows: rows.take_over(asked.record, held.owner, asked.owner, until), within=self._patience(exchange)
        )
        return None if asked.claim.taken_over else self._running(exchange)

    async def _run(self, asked: Asked, proceed: Handler) -> Answer:
        """To its end, once a write may have gone out: whoever asked and went away will ask again."""
        run = asyncio.ensure_future(self._run_and_record(asked, proceed))
        try:
            return await asyncio.shield(run)
        except asyncio.CancelledError:
            if not asked.claim.begun:
                run.cancel()
            while not run.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([run])
            if not run.cancelled():
                run.exception()  # looked at: nobody is left to be told
            raise

    async def _run_and_record(self, asked: Asked, proceed: Handler) -> Answer:
        exchange, claim = asked.exchange, asked.claim
        recording = exchange.notes[RECORDING] = Recording()
        exchange.notes[CLAIM] = claim
        exchange.notes[NOTE] = "run"
        concluded = False
        try:
            answer = await proceed(exchange)
            answer = await self._conclude(asked, answer, recording)
            concluded = True
        except Withheld as reason:
            concluded = True
            return await self._withheld(asked, reason)
        finally:
            if exchange.notes[NOTE] == "run":
                self._count["run"].inc()
            if not concluded and claim.begun:
                self._abandon(asked)
        return answer

    async def _conclude(self, asked: Asked, answer: Answer, recording: Recording) -> Answer:
        """Records how it ended, before anybody is told. What can't be recorded now will be, and the answer is given: it is true."""
        claim, record, owner = asked.claim, asked.record, asked.owner
        has_record = await claim.made()
        patience = max(LEAST_PATIENCE, self._patience(asked.exchange))
        if answer.error is not None and claim.harmless:
            if has_record:
                await self._journal.insist(record, lambda rows: rows.remove(record, owner), within=patience)
            return answer
        if answer.error is not None and (claim.uncertain or self._plan.repeatable):
            await self._journal.insist(record, lambda rows: rows.give_up(record, owner), within=patience)
            return answer
        run = recording.own_run(answer)
        sealed = None if run is None else seal(Finished(as_kept(run, stale=False), failure_of(answer)), claim.key)
        if has_record:
            await self._journal.insist(record, lambda rows: rows.finish(record, owner, sealed), within=patience)
            return answer
        return await self._keep(asked, answer, sealed)

    async def _keep(self, asked: Asked, answer: Answer, sealed: str | None) -> Answer:
        """Records an answer for which nothing was written. Where another request was faster with the same key its record counts."""
        entry = msgspec.structs.replace(
            self._entry(asked.exchange, asked.record, asked.fingerprint, asked.owner), state="finished", answer=sealed
        )
        try:
            held = await self._journal.write(asked.record, lambda rows: rows.add(entry), within=self._patience(asked.exchange))
        except RecordsUnavailable:
            return answer
        if held is None:
            return answer
        return await self._instead(asked, held)

    async def _withheld(self, asked: Asked, reason: Withheld) -> Answer:
        return self._unavailable(asked.exchange) if reason.held is None else await self._instead(asked, reason.held)

    async def _instead(self, asked: Asked, held: Held) -> Answer:
        """The answer by the record of another request, which was faster. What has not finished in this moment is asked about later."""
        if held.fingerprint == asked.fingerprint and held.state != "finished":
            return self._running(asked.exchange)
        return await self._of_held(asked, held) or self._running(asked.exchange)

    def _abandon(self, asked: Asked) -> None:
        """The gateway itself failed, or is being stopped."""
        record, owner, harmless = asked.record, asked.owner, asked.claim.harmless
        self._journal.owe(record, lambda rows: rows.remove(record, owner) if harmless else rows.give_up(record, owner))

    def _replay(self, asked: Asked, held: Held) -> Answer:
        exchange = asked.exchange
        same = Revision.of(held.revision).answers == self._plan.revision.answers
        finished = unseal(held.answer, asked.claim.key) if same and held.answer is not None else None
        if finished is None or not known(self._plan.barriers, finished.run.evidence):
            return self._refused(exchange, _not_kept())
        run, failure = finished.run, finished.failure
        witness = exchange.notes.get(AUDIT)
        if isinstance(witness, Witness):
            involved = self._plan.involved
            witness.operations |= {part: None for name in run.operations for part in involved.get(name, (name,))}
        frame = first_frame(exchange, self._clock, run_sub_intent)
        answer = replay(exchange, frame, run, self._plan.barriers, None if failure is None else failure.error())
        if failure is not None and failure.denied:
            answer.status = "denied"
        return answer

    def _running(self, exchange: Exchange) -> Answer:
        self._tell(exchange, "running")
        return self._refused(exchange, _still_running())

    def _unavailable(self, exchange: Exchange) -> Answer:
        self._tell(exchange, "unavailable")
        return self._refused(exchange, Unavailable("The service is not available at the moment.", detail_code="idempotency_unavailable"))

    def _refused(self, exchange: Exchange, error: GatewayError) -> Answer:
        return failed(exchange, first_frame(exchange, self._clock, run_sub_intent), error, None)

    def _tell(self, exchange: Exchange, result: Result) -> None:
        exchange.notes[NOTE] = result
        self._count[result].inc()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _left(self, exchange: Exchange) -> float:
        return max(0.0, exchange.deadline - self._clock.monotonic())

    def _patience(self, exchange: Exchange) -> float:
        return min(STORE_SECONDS, self._left(exchange))

    def _lease(self, exchange: Exchange) -> float:
        return self._left(exchange) + MARGIN


def _reused() -> GatewayError:
    return InvalidRequest("This idempotency key was used for another request.", detail_code="idempotency_key_reused")


def _still_running() -> GatewayError:
    error = Conflict("The same request is being carried out at the moment.", detail_code="still_running")
    error.passing, error.retry_after = True, SOON
    return error


def _unknown() -> GatewayError:
    return Conflict("Whether this was carried out is not known, so it is not done again.", detail_code="outcome_unknown")


def _not_kept() -> GatewayError:
    return Conflict("This was carried out already; its answer can't be given again.", detail_code="answer_not_kept")
