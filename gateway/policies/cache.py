"""Interceptor `cache`: answers of reads are kept and given again, fresh or not, to whoever may have them (language §3 `cache`).

    fresh                                   given at once
    stale, within `stale_while_revalidate`  given at once, while one new answer is fetched in the background
    a failure, within `stale_if_error`      given in place of the failure, unless the step's ladder decides that
    a rung `stale`                          given where it is young enough; nothing is sent
    a level at which nothing is sent        given as in place of a failure (`gateway.runtime.level`)

Equal calls that find nothing become one (single flight under the key of the cache).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from gateway.policies.cache_key import CacheKeys
from gateway.policies.freshness import same_validator
from gateway.policies.joint_flight import JointFlight
from gateway.policies.keeping import RESULT, Asked, Keeping, conditions
from gateway.policies.single_flight import SingleFlight
from gateway.sdk import (
    NO_LIMITS,
    BackendError,
    BadResponse,
    Binding,
    Call,
    CallHandler,
    CircuitOpen,
    Clock,
    Component,
    Counter,
    Course,
    GatewayError,
    NotFound,
    Overloaded,
    Result,
    Services,
    Timeout,
    Unavailable,
)
from gateway.sdk.kept import Kept, Shelf
from gateway.sdk.sharing import Sharing
from gateway.sdk.source_config import Cache

NOT_MODIFIED = 304

PAUSE = 1.0
"""Seconds after a refresh that failed until the next is tried."""

QUIET = 60.0
"""Seconds between two log records of refreshes of one operation that failed."""

WITHDRAWN = frozenset({401, 403, 404, 410, 451})
"""Statuses that tell that an earlier answer is not to be given any more."""


class Counters(NamedTuple):
    """What became of calls, and of refreshes."""

    hit: Counter
    stale: Counter
    miss: Counter
    revalidated: Counter
    negative: Counter
    bypass: Counter
    failures: Counter


class Answered(NamedTuple):
    """A backend's answer; `how` is what to count: `miss`, `revalidated`, or `bypass` where it may not be kept."""

    result: Result
    how: Counter
    cached: bool = False


class AnswerCache:
    """Keeps the answers of one operation. `timeout` is how long a refresh in the background may take, in seconds; `complain` tells
    the operators of one that failed."""

    def __init__(
        self,
        keys: CacheKeys,
        keeping: Keeping,
        shelf: Shelf[Result],
        *,
        clock: Clock,
        counters: Counters,
        timeout: float,
        complain: Callable[[str], None],
    ) -> None:
        self._keys = keys
        self._keeping = keeping
        self._shelf = shelf
        self._clock = clock
        self._count = counters
        self._timeout = timeout
        self._flights: JointFlight[Answered] = JointFlight(clock, lambda answered: answered.result.response)
        self._fetches: SingleFlight[Kept[Result] | None] = SingleFlight(clock)
        self._complain = complain
        self._told = -math.inf

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        scope = self._keys.scope(call)
        key = self._keys.of(call, scope)
        kept = self._shelf.look(key)
        if call.stale is not None:
            return await self._for_rung(call, key, kept)
        if kept is not None and self._clock.monotonic() - kept.born < _fresh(kept, call):
            return self._give(call, kept)
        if kept is not None and (given := self._stale(call, key, kept, proceed)) is not None:
            return given
        if self._shelf.shared and (kept := await self._fetch(key, call)) is not None:
            if self._clock.monotonic() - kept.born < _fresh(kept, call):
                return self._give(call, kept)
            if (given := self._stale(call, key, kept, proceed)) is not None:
                return given
        if call.kept_only:
            return self._stand_in(call, key, Unavailable())
        try:
            answered = await self._flights.fly(key, call, partial(self._ask, proceed, key))
        except GatewayError as error:
            return self._stand_in(call, key, error)
        answered.how.inc()
        call.course.cached = call.course.cached or answered.cached
        return answered.result

    async def close(self) -> None:
        """Ends refreshes, and calls under way."""
        await self._flights.close()
        await self._fetches.close()

    def _give(self, call: Call, kept: Kept[Result], *, stale: bool = False) -> Result:
        """Raises `NotFound` where an absence is what is kept."""
        course = call.course
        course.cached, course.born = True, min(course.born, kept.born)
        if kept.content is None:
            self._count.negative.inc()
            raise _absent(kept)
        if stale:
            course.stale = True
            self._count.stale.inc()
        else:
            self._count.hit.inc()
        return kept.content

    async def _fetch(self, key: Hashable, call: Call) -> Kept[Result] | None:
        return await self._fetches.fly(key, call, lambda _: self._shelf.fetch(key))

    def _stale(self, call: Call, key: Hashable, kept: Kept[Result], proceed: CallHandler) -> Result | None:
        """What is kept, where it may be given while a new one is fetched."""
        now = self._clock.monotonic()
        age, longest = now - kept.born, _fresh(kept, call) + _least(kept.while_revalidate, call, "stale_while_revalidate")
        if kept.content is None or age >= longest:
            return None
        if not call.kept_only and key not in self._flights and now >= kept.resting:
            refresh = call.replace(deadline=now + self._timeout)
            refresh.course, refresh.limits, refresh.timeout = Course(), NO_LIMITS, self._timeout
            self._flights.send(key, refresh, partial(self._refresh, proceed, key, kept))
        return self._give(call, kept, stale=True)

    def _stand_in(self, call: Call, key: Hashable, error: GatewayError) -> Result:
        """What is kept in place of a failure of the backend. Raises the error where there is nothing."""
        kept = self._shelf.look(key)
        if kept is not None and kept.content is not None and not call.limits.stale_by_ladder and lets_stand_in(error):
            longest = _fresh(kept, call) + _least(kept.if_error, call, "stale_if_error")
            if self._clock.monotonic() - kept.born < longest:
                return self._give(call, kept, stale=True)
        if not call.kept_only:
            self._count.miss.inc()
        raise error

    async def _for_rung(self, call: Call, key: Hashable, kept: Kept[Result] | None) -> Result:
        """An answer that is no older than the rung says. Raises `Unavailable` where there is none; nothing is sent."""
        if not self._young(call, kept) and self._shelf.shared and call.deadline > self._clock.monotonic():
            kept = await self._fetch(key, call)
        if kept is None or not self._young(call, kept):
            raise Unavailable
        return self._give(call, kept, stale=True)

    def _young(self, call: Call, kept: Kept[Result] | None) -> bool:
        if kept is None or kept.content is None or call.stale is None:
            return False
        age = self._clock.monotonic() - kept.born
        return age <= call.stale and age < kept.fresh + max(kept.while_revalidate, kept.if_error)

    async def _refresh(self, proceed: CallHandler, key: Hashable, kept: Kept[Result], call: Call) -> Answered:
        """In the background. Whoever waits for it by then is told of its failure, and the operators are now and then."""
        anew = await self._shelf.fetch(key) if self._shelf.shared else None
        if anew is not None and anew.content is not None and self._clock.monotonic() - anew.born < anew.fresh:
            return Answered(anew.content, self._count.hit, cached=True)
        try:
            answered = await self._ask(proceed, key, call)
        except GatewayError as error:
            self._rest(kept, error.code)
            raise
        if call.course.stale:
            self._rest(kept, "what is behind it gives a kept answer too")
        return answered

    def _rest(self, kept: Kept[Result], why: str) -> None:
        now = self._clock.monotonic()
        kept.resting = now + PAUSE
        self._count.failures.inc()
        if now >= self._told + QUIET:
            self._told = now
            self._complain(why)

    async def _ask(self, proceed: CallHandler, key: Hashable, call: Call) -> Answered:
        """Asks the backend, whether the answer that is kept is still good where that can be asked, and keeps what it says."""
        scope = self._keys.scope(call)
        tenant = "" if scope == "public" else call.context.identity[0]
        asked = Asked(self._clock.monotonic(), self._clock.now().timestamp(), wide=scope != "user", tenant=tenant)
        earlier = self._shelf.look(key)
        asking = conditions(earlier)
        try:
            result = await proceed(call.replace(conditions=asking) if asking else call)
            if asking and earlier is not None and result.response.status_code == NOT_MODIFIED:
                if (answered := self._renew(key, earlier, result, asked)) is not None:
                    return answered
                result = await proceed(call)
        except NotFound as error:
            self._keep(key, self._keeping.absence(error, call, asked))
            raise
        except BackendError as error:
            if error.status_code in WITHDRAWN:
                self._shelf.drop(key)
            raise
        if call.course.stale:  # by a cache behind a batch: to keep it would make it fresh
            return Answered(result, self._count.bypass)
        answer = self._keeping.answer(result, call, asked)
        if answer is not None:
            answer.born = min(answer.born, call.course.born)
        return Answered(result, self._count.miss if self._keep(key, answer) else self._count.bypass)

    def _renew(self, key: Hashable, earlier: Kept[Result], result: Result, asked: Asked) -> Answered | None:
        """None where the backend spoke of another answer than the one that is kept."""
        if earlier.content is None or not same_validator(earlier.etag, result.response.headers.get("etag")):
            return None
        self._keep(key, self._keeping.renewed(earlier, result.response, asked))
        return Answered(earlier.content, self._count.revalidated, cached=True)

    def _keep(self, key: Hashable, kept: Kept[Result] | None) -> bool:
        """What is not kept takes the place of what was all the same."""
        if kept is not None and self._shelf.keep(key, kept):
            return True
        self._shelf.drop(key)
        return False


def _fresh(kept: Kept[Result], call: Call) -> float:
    """How long an answer is fresh for this step."""
    narrowed = call.limits.cache
    return kept.fresh if narrowed is None or math.isnan(narrowed.ttl) else min(kept.fresh, narrowed.ttl)


def _least(kept: float, call: Call, name: str) -> float:
    """A time of what is kept, or the step's own where that is shorter."""
    own: float | None = getattr(call.limits.cache, name, None)
    return kept if own is None else min(kept, own)


def lets_stand_in(error: GatewayError) -> bool:
    """Whether it is a failure of the backend or of the way to it; what a backend refuses is no failure."""
    if isinstance(error, BackendError):
        return error.status_code is not None and error.status_code >= 500
    return isinstance(error, Unavailable | Timeout | CircuitOpen | Overloaded | BadResponse)


def _absent(kept: Kept[Result]) -> NotFound:
    absence = kept.absence
    if absence is None:
        return NotFound()
    return NotFound(absence.message, status_code=absence.status_code, detail_code=absence.detail_code)


def build(binding: Binding, services: Services) -> AnswerCache | None:
    """Where a read has `cache`."""
    config = binding.config.cache
    if config is None or binding.operation.effect == "write":
        return None
    further = [services.expression(text, path=("cache", "key", number)) for number, text in enumerate(config.key or ())]
    tags = [services.template(tag, path=("cache", "tags", number)) for number, tag in enumerate(config.tags)]
    cache = AnswerCache(
        CacheKeys(Sharing(*binding.involved), config.scope, apart=binding.apart, further=further),
        Keeping(config, tags, services.clock, validates=binding.config.batch is None),
        services.answers.shelf(binding.id, RESULT, _revision(binding)),
        clock=services.clock,
        counters=_counters(binding, services),
        timeout=float(binding.source.timeout if binding.config.timeout is None else binding.config.timeout),
        complain=partial(services.logger.warning, "a kept answer could not be refreshed: %s"),
    )
    services.at_close(cache.close)
    return cache


def _counters(binding: Binding, services: Services) -> Counters:
    source, _, operation = binding.id.partition(".")
    names = {"source": source, "operation": operation}

    def of(result: str) -> Counter:
        text = "Calls of operations with a cache, by what it had."
        return services.metrics.counter("gateway_cache_requests_total", text, **names, result=result)

    return Counters(
        hit=of("hit"),
        stale=of("stale"),
        miss=of("miss"),
        revalidated=of("revalidated"),
        negative=of("negative"),
        bypass=of("bypass"),
        failures=services.metrics.counter("gateway_cache_refresh_failures_total", "Refreshes in the background that failed.", **names),
    )


def _revision(binding: Binding) -> bytes:
    """Differs where what is asked for, or what is made of the answer, does: two releases of a configuration then share nothing."""
    revision = blake2b(digest_size=16)
    for operation in binding.involved:
        revision.update(repr((operation.name, operation.params, sorted(operation.identity, key=repr), sorted(operation.forwards))).encode())
    config = msgspec.structs.replace(binding.config, cache=None, timeout=None, retry=None, circuit_breaker=None, hedge=None, summary=None)
    key = binding.config.cache.key if binding.config.cache is not None else None
    revision.update(repr((config, key, getattr(binding.source, "servers", None))).encode())
    return revision.digest()


component = Component(
    kind="interceptor",
    name="cache",
    Config=Cache,
    build=build,
    summary="Answers are kept, and given again to whoever may have them.",
    example="cache: {ttl: 30s, stale_while_revalidate: 30s, stale_if_error: 10m, tags: [stock]}",
)
