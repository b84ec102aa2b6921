"""Stage `authenticate`: finds out who is calling. A presented credential that can't be verified is never anonymous."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.sdk import (
    CONNECTION,
    Answer,
    Authenticator,
    BackendFailure,
    Caller,
    Component,
    Counter,
    Exchange,
    Handler,
    Metrics,
    Model,
    Services,
    Unauthorized,
)

CREDENTIALS = frozenset({"authorization", "x-api-key"})
"""Headers that carry a credential whether or not anything is configured to read it."""

BEARER = "Bearer "
REFUSED = ', error="invalid_token"'
"""What a challenge says besides where a token was presented (RFC 6750 §3.1)."""

NOT_VALID = "The credential is not valid."


class AuthenticateConfig(Model, frozen=True):
    """The identity kinds of `identity` by name, built, in the order written."""

    authenticators: tuple[tuple[str, Any], ...] = ()


class Kind:
    """One identity kind: what it is called, who it knows, and how often it was asked with which result."""

    __slots__ = ("accepted", "authenticator", "name", "refused", "unavailable")

    def __init__(self, name: str, authenticator: Authenticator, metrics: Metrics) -> None:
        self.name = name
        self.authenticator = authenticator
        self.accepted = _counter(metrics, name, "accepted")
        self.refused = _counter(metrics, name, "refused")
        self.unavailable = _counter(metrics, name, "unavailable")

    @property
    def challenges(self) -> tuple[str, ...]:
        """How to get in, for a caller whose credential of this kind was refused."""
        challenge = self.authenticator.challenge
        if challenge.startswith(BEARER):
            return (challenge + REFUSED,)
        return (challenge,) if challenge else ()


class Authenticate:
    """Asks the identity kinds in order; the first that knows the caller decides.

    Raises `Unauthorized` for more than one credential, for one that nobody reads or knows, and for none where nothing lets
    anonymous callers in; `Unavailable` for one that can't be verified now. The record tells which kind refused, and why.
    """

    def __init__(self, authenticators: Sequence[tuple[str, Authenticator]], services: Services) -> None:
        kinds = tuple(Kind(name, authenticator, services.metrics) for name, authenticator in authenticators)
        self._config = services.config
        self._standings = services.standings
        self._credentials = CREDENTIALS.union(*(kind.authenticator.reads for kind in kinds))
        self._kinds = kinds
        self._without = tuple(kind for kind in kinds if not kind.authenticator.reads)
        self._readers = {
            frozenset({header}): tuple(kind for kind in kinds if header in kind.authenticator.reads) for header in self._credentials
        }
        self._nobody = _counter(services.metrics, "none", "refused")
        self._challenges = tuple(dict.fromkeys(kind.authenticator.challenge for kind in kinds if kind.authenticator.challenge))

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        try:
            exchange.caller = await self._caller(exchange)
            open_circuits = self._standings.open_circuits(exchange.tenant.id, exchange.started)
            exchange.scope = exchange.policy_scope(self._config, open_circuits)
            answer = await proceed(exchange)
        except Unauthorized as error:
            error.challenges = error.challenges or self._challenges
            raise
        if isinstance(answer.error, Unauthorized):
            answer.error.challenges = answer.error.challenges or self._challenges
        return answer

    async def _caller(self, exchange: Exchange) -> Caller:
        presented = frozenset(self._credentials & exchange.headers.keys())
        if exchange.certificate is not None and CONNECTION in self._credentials:
            presented |= {CONNECTION}
        for kind in self._asked(presented):
            try:
                caller = await kind.authenticator(exchange)
            except Unauthorized as error:
                kind.refused.inc()
                error.challenges = error.challenges or kind.challenges
                _note(exchange, kind.name, error.reason)
                raise
            except BackendFailure:
                kind.unavailable.inc()
                _note(exchange, kind.name, "could not be verified")
                raise
            if caller is not None:
                kind.accepted.inc()
                return caller
        self._nobody.inc()
        if presented:
            _note(exchange, "none", "nobody reads this credential" if len(presented) == 1 else "more than one credential")
        raise Unauthorized(_refusal(len(presented)))

    def _asked(self, presented: frozenset[str]) -> tuple[Kind, ...]:
        """The kinds that read everything that was presented: several headers may make up one credential, never two."""
        if not presented:
            return self._without
        readers = self._readers.get(presented)
        return readers if readers is not None else tuple(kind for kind in self._kinds if presented <= kind.authenticator.reads)


def _refusal(credentials: int) -> str | None:
    if credentials > 1:
        return "More than one credential was sent."
    return NOT_VALID if credentials else None


def _note(exchange: Exchange, kind: str, reason: str | None) -> None:
    exchange.notes["credential"] = f"{kind}: {reason or 'not valid'}"


def _counter(metrics: Metrics, kind: str, result: str) -> Counter:
    return metrics.counter("gateway_authentications_total", "Callers by identity kind and result.", kind=kind, result=result)


def build(config: AuthenticateConfig, services: Services) -> Authenticate:
    """Always in the chain; without any identity kind it lets nobody in."""
    return Authenticate(config.authenticators, services)


component = Component(
    kind="stage",
    name="authenticate",
    phase="identify",
    Config=AuthenticateConfig,
    build=build,
    summary="Who is calling.",
    example="identity: [{anonymous: {roles: [anonymous]}}]",
)
