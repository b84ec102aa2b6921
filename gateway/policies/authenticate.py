"""Stage `authenticate`: finds out who is calling. A presented credential that can't be verified is never anonymous."""

from __future__ import annotations

from typing import Any

from gateway.sdk import Answer, Authenticator, Caller, Component, Exchange, Handler, Model, Services, Unauthorized

CREDENTIALS = frozenset({"authorization", "x-api-key"})
"""Headers that carry a credential whether or not anything is configured to read it."""


class AuthenticateConfig(Model, frozen=True):
    """The identity kinds of `identity`, built, in the order written."""

    authenticators: tuple[Any, ...] = ()


class Authenticate:
    """Asks the identity kinds in order; the first that knows the caller decides.

    Raises `Unauthorized` for more than one credential, for one that nobody reads or knows, and for none where nothing lets
    anonymous callers in.
    """

    def __init__(self, authenticators: tuple[Authenticator, ...], config: dict[str, Any]) -> None:
        self._config = config
        self._credentials = CREDENTIALS.union(*(authenticator.reads for authenticator in authenticators))
        self._without = tuple(authenticator for authenticator in authenticators if not authenticator.reads)
        self._readers = {
            header: tuple(authenticator for authenticator in authenticators if header in authenticator.reads)
            for header in self._credentials
        }

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        exchange.caller = await self._caller(exchange)
        exchange.scope = exchange.policy_scope(self._config)
        return await proceed(exchange)

    async def _caller(self, exchange: Exchange) -> Caller:
        presented = self._credentials & exchange.headers.keys()
        if len(presented) > 1:
            raise Unauthorized("More than one credential was sent.")
        asked = self._readers[next(iter(presented))] if presented else self._without
        for authenticator in asked:
            caller = await authenticator(exchange)
            if caller is not None:
                return caller
        raise Unauthorized("The credential is not valid." if presented else None)


def build(config: AuthenticateConfig, services: Services) -> Authenticate:
    """Always in the chain; without any identity kind it lets nobody in."""
    return Authenticate(config.authenticators, services.config)


component = Component(
    kind="stage",
    name="authenticate",
    phase="identify",
    Config=AuthenticateConfig,
    build=build,
    summary="Who is calling.",
    example="identity: [{anonymous: {roles: [anonymous]}}]",
)
