"""The kept answers of one intent: when they are given, and how they come to be kept."""

from __future__ import annotations

import copy
import math
from collections.abc import Hashable
from functools import partial
from typing import NamedTuple

from gateway.policies.auditor import NOTE as AUDIT
from gateway.policies.auditor import Witness
from gateway.policies.cache import PAUSE, QUIET, WITHDRAWN, lets_stand_in
from gateway.policies.levels import InForce
from gateway.policies.single_flight import SingleFlight
from gateway.runtime.endings import context_of, failed, first_frame
from gateway.runtime.intent_cache import IntentCache
from gateway.runtime.intents import run_sub_intent
from gateway.runtime.recording import NOTE, Recording, Run
from gateway.runtime.replay import as_kept, as_waited_for, replay
from gateway.sdk import (
    Answer,
    BackendFailure,
    Call,
    CallContext,
    Counter,
    Exchange,
    ExpressionFault,
    GatewayError,
    Handler,
    Level,
    Scope,
    Services,
)
from gateway.sdk.kept import Kept, Shelf
from gateway.sdk.levels import NOTE as LEVEL

ROOTS = ("user", "tenant", "ctx", "config", "input", "session", "flags")
"""The roots of a request before its steps run."""

UNWRITABLE = (TypeError, ValueError, RecursionError, OverflowError)
"""What canonical JSON raises for values that it has no place for; no key, no cache."""


class Counters(NamedTuple):
    """What became of requests, and of refreshes."""

    hit: Counter
    stale: Counter
    miss: Counter
    negative: Counter
    bypass: Counter
    failures: Counter


class Outcome(NamedTuple):
    """What a run for several gave: `answer` to the request `of`, to all others what `run` says. Where that is None, each must ask for
    itself."""

    answer: Answer
    of: Exchange
    run: Run | None


class KeptIntent:
    """One intent with a cache."""

    def __init__(self, cache: IntentCache, shelf: Shelf[Run], counters: Counters, services: Services) -> None:
        self._cache = cache
        self._shelf = shelf
        self._count = counters
        self._clock = services.clock
        self._logger = services.logger
        self._flights: SingleFlight[Outcome] = SingleFlight(services.clock)
        self._fetches: SingleFlight[Kept[Run] | None] = SingleFlight(services.clock)
        self._told = -math.inf

    async def answer(self, exchange: Exchange, proceed: Handler) -> Answer:
        """From what is kept, or by a run."""
        context, scope = _all_roots(exchange)
        try:
            key = self._cache.key(context, scope)
        except ExpressionFault as fault:
            return failed(exchange, first_frame(exchange, self._clock, run_sub_intent), fault, None)
        except UNWRITABLE:
            self._count.bypass.inc()
            return await proceed(exchange)
        if (given := self._give(exchange, proceed, key, self._shelf.look(key))) is not None:
            return given
        if self._shelf.shared and (given := self._give(exchange, proceed, key, await self._fetch(exchange, key, context))) is not None:
            return given
        return await self._run(exchange, proceed, key, context)

    async def close(self) -> None:
        """Ends refreshes, and runs under way."""
        await self._flights.close()
        await self._fetches.close()

    def _give(self, exchange: Exchange, proceed: Handler, key: Hashable, kept: Kept[Run] | None) -> Answer | None:
        """What is kept, where it may be given without asking."""
        if kept is None or kept.content is None:
            return None
        now = self._clock.monotonic()
        age = now - kept.born
        if age < kept.fresh:
            (self._count.hit if kept.content.absence is None else self._count.negative).inc()
            return self._replay(exchange, kept.content)
        if age >= kept.fresh + kept.while_revalidate:
            return None
        self._count.stale.inc()
        answer = self._replay(exchange, as_kept(kept.content, stale=True))
        if now >= kept.resting and answer.status != "denied" and _level(exchange) == "full":
            refresh = self._apart(exchange)
            call = self._call(refresh, context_of(refresh))
            self._flights.send((key, call.timeout, "full"), call, partial(self._refresh, refresh, proceed, key, kept))
        return answer

    async def _fetch(self, exchange: Exchange, key: Hashable, context: CallContext) -> Kept[Run] | None:
        """What other processes keep. Where that takes too long there is none."""
        try:
            return await self._fetches.fly(key, self._call(exchange, context), lambda _: self._shelf.fetch(key))
        except BackendFailure:
            return None

    async def _run(self, exchange: Exchange, proceed: Handler, key: Hashable, context: CallContext) -> Answer:
        """One run for all who ask alike and have as much time. A failure of backends lets what is kept stand in."""
        call = self._call(exchange, context)
        try:
            outcome = await self._flights.fly((key, call.timeout, _level(exchange)), call, partial(self._lead, exchange, proceed, key))
        except GatewayError as error:  # the time is up, or the gateway is closing
            return self._stand_in(exchange, key, error) or failed(exchange, first_frame(exchange, self._clock, run_sub_intent), error, None)
        own = outcome.of is exchange
        if outcome.run is None and not own:
            self._count.bypass.inc()
            return await proceed(exchange)
        failure = outcome.answer.error
        if failure is not None and (given := self._stand_in(exchange, key, failure)) is not None:
            return given
        self._count.miss.inc()
        return outcome.answer if own or outcome.run is None else self._replay(exchange, as_waited_for(outcome.run), failure)

    def _stand_in(self, exchange: Exchange, key: Hashable, error: GatewayError) -> Answer | None:
        """What is kept in place of a failure of backends."""
        kept = self._shelf.look(key)
        if kept is None or kept.content is None or kept.content.absence is not None or not lets_stand_in(error):
            return None
        if self._clock.monotonic() - kept.born >= kept.fresh + kept.if_error:
            return None
        self._count.stale.inc()
        return self._replay(exchange, as_kept(kept.content, stale=True))

    async def _lead(self, exchange: Exchange, proceed: Handler, key: Hashable, call: Call) -> Outcome:
        """Runs the steps for `exchange`, and keeps what comes of it."""
        del call
        recording = exchange.notes[NOTE] = Recording()
        asked = self._clock.now().timestamp()
        answer = await proceed(exchange)
        run = recording.run(answer)
        if recording.private and self._cache.scope != "user":
            run = None
        kept = None if run is None else self._kept(exchange, run, asked)
        if (kept is None or not self._shelf.keep(key, kept)) and self._outdates(answer):
            self._shelf.drop(key)
        return Outcome(answer, exchange, run)

    async def _refresh(self, exchange: Exchange, proceed: Handler, key: Hashable, kept: Kept[Run], call: Call) -> Outcome:
        """In the background. The operators are told now and then that it fails."""
        outcome = await self._lead(exchange, proceed, key, call)
        if self._shelf.look(key) is kept:
            now = self._clock.monotonic()
            kept.resting = now + PAUSE
            self._count.failures.inc()
            if now >= self._told + QUIET:
                self._told = now
                error = outcome.answer.error
                why = outcome.answer.status if error is None else error.code
                self._logger.warning("a kept answer of %s could not be refreshed: %s", self._cache.intent.name, why)
        return outcome

    def _outdates(self, answer: Answer) -> bool:
        """Whether an answer that isn't kept itself says that an earlier one is not to be given any more."""
        if answer.error is None:
            return answer.status == "complete"
        if answer.status == "denied":
            return self._cache.scope == "user"  # of others it says nothing
        return answer.error.status_code in WITHDRAWN

    def _kept(self, exchange: Exchange, run: Run, asked: float) -> Kept[Run] | None:
        cache = self._cache
        absent = run.absence is not None
        if not (cache.negative if absent else (run.status, run.level) == ("complete", "full")):
            return None
        try:
            tags = cache.tags_of(exchange.scope or {})
        except ExpressionFault:
            return None  # what could not be purged
        return Kept(
            as_kept(run, stale=False),
            self._clock.monotonic(),
            asked,
            cache.negative if absent else cache.fresh,
            0.0 if absent else cache.while_revalidate,
            0.0 if absent else cache.if_error,
            tenant="" if cache.scope == "public" else exchange.tenant.id,
            tags=tags,
        )

    def _replay(self, exchange: Exchange, run: Run, error: GatewayError | None = None) -> Answer:
        witness = exchange.notes.get(AUDIT)
        if isinstance(witness, Witness):
            witness.operations |= dict.fromkeys(self._cache.operations(run.operations))
        frame = first_frame(exchange, self._clock, run_sub_intent)
        if error is None and run.absence is not None:
            error = run.absence.error()
        return replay(exchange, frame, run, self._cache.barriers, error)

    def _call(self, exchange: Exchange, context: CallContext) -> Call:
        """The run as single flight knows it: how long it may take, and until when it is waited for."""
        intent, limit = self._cache.intent, exchange.deadline_limit
        longest = intent.deadline if limit is None else min(limit, intent.deadline)
        return Call(f"intent.{intent.name}", exchange.input, context, exchange.deadline, timeout=longest)

    def _apart(self, exchange: Exchange) -> Exchange:
        """The same request by the same caller, as of now and with all the time that the intent gives: for a run that nobody waits for."""
        other = copy.copy(exchange)
        other.started = self._clock.monotonic()
        other.deadline = other.started + self._cache.intent.deadline
        other.scope = {root: value for root, value in (exchange.scope or {}).items() if root in ROOTS}
        other.deadline_limit, other.notes = None, {}
        return other


def _level(exchange: Exchange) -> Level:
    """A run at one level is none of those who are served at another."""
    force: InForce | None = exchange.notes.get(LEVEL)
    return "full" if force is None else force.level


def _all_roots(exchange: Exchange) -> tuple[CallContext, Scope]:
    """What a key is made of: `context` sees `session` and `flags` too."""
    scope, caller = exchange.scope, exchange.caller
    if scope is None or caller is None:
        raise RuntimeError("the pipeline does not know the caller")
    return CallContext(scope, (exchange.tenant.id, *caller.key), exchange.headers), scope
