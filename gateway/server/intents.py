"""`GET /v1/intents`: what the caller may ask for. `POST /v1/intents/{name}`: asking for one, the body being its input."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.runtime.plan import IntentPlan, Plan
from gateway.sdk import Answer, Exchange, Handler, Malformed
from gateway.server.answers import encoded, whole_answer
from gateway.server.endpoint import Incoming, IntentEndpoint
from gateway.server.outgoing import Outgoing
from gateway.server.request_body import read_json


class Entry(msgspec.Struct, frozen=True):
    """What is told of an intent."""

    name: str
    version: int
    summary: str | None
    description: str | None
    examples: tuple[str, ...]
    tags: tuple[str, ...]
    input: dict[str, Any]
    output: Any
    writes: bool


class Listing:
    """Encodes each intent once, at load; who asks only decides which are told."""

    takes_body = False

    def __init__(self, plan: Plan) -> None:
        encode = msgspec.json.Encoder().encode
        cards = sorted(plan.catalogue, key=lambda card: card.name)
        self._entries = [(card, msgspec.Raw(encode(_entry(card)))) for card in cards if not card.access.internal]

    def handler(self, plan: Plan) -> Handler:
        """Identity and limits, no intent."""
        return plan.front

    def read(self, exchange: Exchange, incoming: Incoming) -> None:
        """Reads nothing."""
        del exchange, incoming

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float) -> Outgoing:
        """The intents that the caller may use, by name."""
        caller, scope = exchange.caller, exchange.scope
        if answer.error is not None or caller is None or scope is None:
            return whole_answer(plan, exchange, answer, now)
        told = [entry for card, entry in self._entries if card.access.permits(caller, scope)]
        return encoded(200, {"intents": told}, exchange)


class RunIntent(IntentEndpoint):
    """The body is the input; none is an empty one."""

    def read(self, exchange: Exchange, incoming: Incoming) -> None:
        """Raises `Malformed` where the body is no JSON object."""
        exchange.intent = incoming.parameters["name"]
        exchange.input_pointer = ""
        if incoming.body:
            given = read_json(incoming.body, exchange.headers)
            if not isinstance(given, dict):
                raise Malformed("The body must be a JSON object.")
            exchange.input = given


def _entry(card: IntentPlan) -> Entry:
    return Entry(
        name=card.name,
        version=card.version,
        summary=card.summary,
        description=card.description,
        examples=card.examples,
        tags=card.tags,
        input=card.input_schema,
        output=card.output_schema,
        writes=card.writes,
    )
