"""One token, kept while it is good and renewed once for everybody who waits for it.

A token is renewed early, by one request in the background while the old one still serves. Without a good token the first caller
starts the request and all wait for it, each to its own deadline. A waiter whose time is up leaves the request running, for those who
come next: a slow server would else never be heard. When the last waiter is cancelled before that, the request is.
A failure is remembered for a moment, longer from one to the next, so that a broken server isn't stormed; a new secret ends that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import random

from gateway.sdk import BackendFailure, Clock, Timeout, Unavailable
from gateway.sources.backend_auth import Proof
from gateway.sources.token_endpoint import UNPROVEN, Client, TokenEndpoint

EARLY_SHARE = 0.1
EARLIEST = 30.0
"""A token is renewed when a tenth of its life is left, or these seconds if that is less."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds after a failure in which nothing is asked, a quarter more or less; doubled from failure to failure."""

BETWEEN_REFUSALS = 10.0
"""Seconds between two tokens given up because a backend refused them: one that refuses every token costs no more than that."""

SLACK = 0.01
"""Seconds before a deadline from which on a cancelled waiter counts as one whose time is up."""


class Token:
    """A token as it is sent; times are on the clock's monotonic scale."""

    __slots__ = ("expires", "proof", "renew")

    def __init__(self, text: str, asked: float, lifetime: float) -> None:
        self.proof = Proof("Authorization", f"Bearer {text}", (text,))
        self.expires = asked + lifetime
        self.renew = self.expires - min(lifetime * EARLY_SHARE, EARLIEST)


class _Flight:
    """A request for a token under way. `waiting` counts the callers who can't do without."""

    __slots__ = ("landed", "needed", "task", "waiting")

    def __init__(self, landed: asyncio.Future[Token]) -> None:
        self.landed = landed
        self.task: asyncio.Task[None] | None = None
        self.waiting = 0

    def fail(self, error: BackendFailure) -> None:
        if not self.landed.done():
            self.landed.set_exception(error)
            self.landed.exception()  # looked at, in case nobody waits


class _Failure:
    """What went wrong last: until when it is remembered, and for which client."""

    __slots__ = ("client", "error", "until")

    def __init__(self, error: BackendFailure, until: float, client: Client) -> None:
        self.error = error
        self.until = until
        self.client = client


class TokenKeeper:
    """Keeps the token of one tenant at one endpoint. `chance` gives numbers from 0 to 1."""

    def __init__(self, endpoint: TokenEndpoint, clock: Clock, chance: Callable[[], float] = random) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._chance = chance
        self._token: Token | None = None
        self._flight: _Flight | None = None
        self._failure: _Failure | None = None
        self._failures = 0
        self._may_refuse = 0.0

    async def proof(self, deadline: float) -> Proof:
        """A header with a good token. Raises `Timeout` at the deadline, else the failure that keeps one from being there."""
        now = self._clock.monotonic()
        token = self._token
        if token is None or now >= token.expires:
            token = await self._wait(deadline, now)
        elif now >= token.renew and self._flight is None and self._recent_failure(now) is None:
            self._start()
        return token.proof

    def refused(self, proof: Proof) -> bool:
        """A backend said 401 to a token. Tells whether another one is there, or worth asking for."""
        token = self._token
        if token is None or token.proof is not proof:
            return True
        now = self._clock.monotonic()
        if now < self._may_refuse:
            return False
        self._may_refuse = now + BETWEEN_REFUSALS
        self._token = None
        self._endpoint.count("rejected")
        return True

    async def close(self) -> None:
        """Ends the request under way; whoever waits for it is told `unavailable`."""
        flight, self._flight = self._flight, None
        if flight is not None and flight.task is not None:
            flight.fail(Unavailable(UNPROVEN))
            flight.task.cancel()
            await asyncio.gather(flight.task, return_exceptions=True)

    async def _wait(self, deadline: float, now: float) -> Token:
        if deadline <= now:
            raise Timeout
        if self._flight is None and (failure := self._recent_failure(now)) is not None:
            raise type(failure.error)(failure.error.message)
        flight = self._flight or self._start()
        flight.waiting += 1
        try:
            async with asyncio.timeout(deadline - now):
                return await asyncio.shield(flight.landed)
        except TimeoutError:
            raise Timeout from None
        except BackendFailure as error:
            raise type(error)(error.message) from None
        except asyncio.CancelledError:
            self._abandoned(flight, deadline)
            raise
        finally:
            flight.waiting -= 1

    def _abandoned(self, flight: _Flight, deadline: float) -> None:
        """A waiter was cancelled: the last one, before its time, ends the request."""
        last = flight.waiting == 1 and flight is self._flight
        if last and flight.task is not None and self._clock.monotonic() < deadline - SLACK:
            self._flight = None
            flight.task.cancel()

    def _start(self) -> _Flight:
        loop = asyncio.get_running_loop()
        flight = self._flight = _Flight(loop.create_future())
        flight.task = loop.create_task(self._ask(flight))
        return flight

    async def _ask(self, flight: _Flight) -> None:
        asked, client = self._clock.monotonic(), self._endpoint.client
        try:
            grant = await self._endpoint.ask()
        except BackendFailure as error:
            self._failed(error, client)
            flight.fail(error)
        except BaseException:
            flight.fail(Unavailable(UNPROVEN))
            raise
        else:
            self._failures, self._failure = 0, None
            self._token = Token(grant.token, asked, grant.lifetime)
            if not flight.landed.done():
                flight.landed.set_result(self._token)
        finally:
            if self._flight is flight:
                self._flight = None

    def _failed(self, error: BackendFailure, client: Client) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10)) * (0.75 + 0.5 * self._chance())
        self._failures += 1
        self._failure = _Failure(error, self._clock.monotonic() + pause, client)

    def _recent_failure(self, now: float) -> _Failure | None:
        failure = self._failure
        if failure is None or now >= failure.until or failure.client is not self._endpoint.client:
            return None
        return failure
