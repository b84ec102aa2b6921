"""Stage `understand`: which intent is meant, by name or by message."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from gateway.policies.examples import Examples, Text
from gateway.sdk import (
    Answer,
    Caller,
    Component,
    Exchange,
    Handler,
    IntentCard,
    InvalidRequest,
    Malformed,
    Model,
    NotFound,
    Reply,
    Scope,
    Services,
)

LONGEST_MESSAGE = 4000
"""Characters."""

MOST_SUGGESTIONS = 3


class UnderstandConfig(Model, frozen=True):
    """Nothing to set."""


class Understand:
    """Sets `chosen` and, for a route or a message, `input`. A name wins over a message.

    Raises `NotFound` for an unknown or internal intent, `InvalidRequest` where a message would write (nothing asks the caller to
    confirm it yet). A message that means no intent, or several, is answered with what could be asked instead.
    """

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._examples = Examples(services.catalogue)

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        caller, scope = exchange.caller, exchange.scope
        if caller is None or scope is None:
            raise RuntimeError("the pipeline does not know the caller")
        if caller.anonymous:
            exchange.session = secrets.token_urlsafe(16)
        if exchange.compose is not None:
            exchange.input = exchange.compose(scope)
        if exchange.intent is not None:
            exchange.chosen = self._named(exchange.intent)
        elif exchange.message is not None:
            answer = self._from_message(exchange, exchange.message, _usable_by(caller, scope))
            if answer is not None:
                return answer
        else:
            raise Malformed("A request names an `intent`, or has a `message`.")
        exchange.confidence = 1.0
        return await proceed(exchange)

    def _named(self, name: str) -> IntentCard:
        card = self._catalogue.get(name)
        if card is None or card.access.internal:
            raise NotFound("There is no such intent.")
        return card

    def _from_message(self, exchange: Exchange, message: str, allowed: Callable[[IntentCard], bool]) -> Answer | None:
        if len(message) > LONGEST_MESSAGE:
            raise Malformed(f"A message has at most {LONGEST_MESSAGE} characters.")
        text = Text(message)
        match = self._examples.find(text, allowed)
        if match is None:
            return _unclear(self._examples.closest(text, allowed, MOST_SUGGESTIONS))
        exchange.chosen = match.card
        if match.card.writes:
            raise InvalidRequest("This would change something and needs a confirmation.", detail_code="confirmation_required")
        exchange.input = {**match.values, **exchange.input}
        return None


def _usable_by(caller: Caller, scope: Scope) -> Callable[[IntentCard], bool]:
    """Whether the caller may use an intent; decided once for each."""
    decided: dict[str, bool] = {}

    def usable(card: IntentCard) -> bool:
        if card.name not in decided:
            decided[card.name] = card.access.permits(caller, scope)
        return decided[card.name]

    return usable


def _unclear(suggestions: list[str]) -> Answer:
    error = InvalidRequest("It is not clear what is meant.", detail_code="intent_unclear")
    return Answer("failed", error=error, reply=Reply(suggestions=suggestions))


def build(config: UnderstandConfig, services: Services) -> Understand:
    """Always in the chain. Examples are prepared here."""
    del config
    return Understand(services)


component = Component(
    kind="stage",
    name="understand",
    phase="understand",
    Config=UnderstandConfig,
    build=build,
    summary="Which intent is meant, by name or by message.",
    example='examples: ["where is my order 1007?", "track {order_id}"]',
)
