"""Stage `validate`: input against the intent's schema, wanted fields against its output, and how long there is."""

from __future__ import annotations

from typing import Any

from gateway.policies.selection import check, selection
from gateway.sdk import Answer, Component, Exchange, Handler, InvalidRequest, Model, Services


class ValidateConfig(Model, frozen=True):
    """Nothing to set."""


class Validate:
    """Completes the scope with `input session flags` and sets the deadline.

    Input is coerced from text where its schema says number or boolean: chat, forms and URLs know nothing but text. Raises
    `InvalidRequest` with every fault, placed by a JSON pointer into the request's body.
    """

    def __init__(self, flags: dict[str, Any]) -> None:
        self._flags = flags

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        scope, chosen = exchange.scope, exchange.chosen
        if scope is None or chosen is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        limit = exchange.deadline_limit
        exchange.deadline = exchange.started + (chosen.deadline if limit is None else min(chosen.deadline, limit))
        if exchange.fields is not None:
            check(selection(exchange.fields), chosen.output_schema)
        try:
            exchange.input = chosen.accept(exchange.input, from_text=True)
        except InvalidRequest as error:
            raise InvalidRequest(
                error.message, detail_code=error.detail_code, details=[_below(exchange.input_pointer, fault) for fault in error.details]
            ) from None
        scope["input"] = exchange.input
        scope["session"] = {
            "id": exchange.session,
            "context": {},
            "preferences": {},
            "turns": [],
            "pending": None,
            "new": True,
        }
        scope["flags"] = self._flags
        return await proceed(exchange)


def _below(pointer: str, fault: dict[str, Any]) -> dict[str, Any]:
    return {**fault, "pointer": pointer + str(fault.get("pointer", ""))}


def build(config: ValidateConfig, services: Services) -> Validate:
    """Always in the chain."""
    del config
    return Validate(services.flags)


component = Component(
    kind="stage",
    name="validate",
    phase="validate",
    Config=ValidateConfig,
    build=build,
    summary="Input against the intent's schema.",
    example="input: {type: object, properties: {order_id: {type: string}}}",
)
