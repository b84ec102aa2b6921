"""Stage `render`: turns whatever came of a request into its final answer, with its reply and only the fields asked for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gateway.policies.default_replies import DefaultReplies
from gateway.policies.levels import InForce
from gateway.policies.selection import narrow, selection
from gateway.sdk import (
    Answer,
    Component,
    ErrorEntry,
    Exchange,
    Forbidden,
    GatewayError,
    Handler,
    IntentCard,
    InvalidRequest,
    Maintenance,
    Model,
    Scope,
    Services,
    Unauthorized,
)
from gateway.sdk.levels import NOTE as LEVEL
from gateway.sdk.levels import worst

MASKED = "masked"
"""The note of the paths of hidden fields, in order. What a route's own answer hides besides isn't among them."""


class RenderConfig(Model, frozen=True):
    """What is said where an intent has nothing to say."""

    replies: Any = None


class Render:
    """Never raises a `GatewayError`: a refusal or failure becomes an answer with `error`.

    A fault of the gateway itself goes on its way; what is said to it is left as the exchange's answer.
    """

    def __init__(self, flags: dict[str, object], replies: DefaultReplies) -> None:
        self._flags = flags
        self._replies = replies

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        try:
            answer = await self._answer(exchange, proceed)
        except Exception:
            exchange.answer = Answer("failed", reply=self._replies(None, exchange.locale, exchange.scope))
            raise
        if answer.error is not None and answer.reply is None:
            answer.reply = self._replies(answer.error, exchange.locale, exchange.scope)
        force: InForce | None = exchange.notes.get(LEVEL)
        if force is not None:
            answer.level = worst(answer.level, force.level)
        exchange.answer = answer
        return answer

    async def _answer(self, exchange: Exchange, proceed: Handler) -> Answer:
        try:
            if exchange.error is not None:
                raise exchange.error
            answer = await proceed(exchange)
        except GatewayError as error:
            answer = refusal(error)
        chosen = exchange.chosen
        if chosen is not None:
            answer.intent, answer.version = chosen.name, chosen.version
            if exchange.scope is not None:
                hidden = _hide(chosen, exchange.scope, answer)
                if answer.reply is None:
                    self._reply(chosen, exchange.scope, answer)
                if hidden:
                    exchange.notes[MASKED] = sorted(hidden)
        if exchange.fields is not None and answer.error is None:
            _narrow(answer, exchange.fields)
        return answer

    def _reply(self, chosen: IntentCard, scope: Scope, answer: Answer) -> None:
        """A fault in the reply costs the reply, never the answer."""
        unset = {"input": {}, "session": None, "flags": self._flags, "steps": {}, "status": {}, "meta": {}}
        try:
            answer.reply = chosen.reply({**unset, **scope}, answer)
        except GatewayError as error:
            _lacks(answer, ErrorEntry(None, error.code, error.message, path="/reply"))


def _hide(chosen: IntentCard, scope: Scope, answer: Answer) -> Collection[str]:
    """Leaves what the caller may see. What can't be masked is not shown."""
    try:
        return chosen.hide(scope, answer)
    except GatewayError as error:
        answer.masked(None)
        answer.status, answer.level, answer.error = "failed", "reduced", error
        answer.errors = [*answer.errors, ErrorEntry(None, error.code, error.message, path="/data")]
        return ()


def _narrow(answer: Answer, fields: list[str]) -> None:
    """Keeps what was asked for. Where the shape was not known beforehand, what the data turns out not to have is told."""
    wanted, data = selection(fields), answer.data
    if isinstance(data, dict):
        for name in sorted(wanted.keys() - data.keys()):
            _lacks(answer, ErrorEntry(None, InvalidRequest.code, f"The answer has no field `{name}`.", path="/fields"))
    answer.data = narrow(data, wanted)


def _lacks(answer: Answer, entry: ErrorEntry) -> None:
    answer.errors = [*answer.errors, entry]
    if answer.status == "complete":
        answer.status = "partial"
    if answer.level == "full":
        answer.level = "reduced"


def refusal(error: GatewayError) -> Answer:
    """The answer to a request that never reached its steps."""
    return Answer(
        status="denied" if isinstance(error, Unauthorized | Forbidden) else "failed",
        level="maintenance" if isinstance(error, Maintenance) else "full",
        error=error,
    )


def build(config: RenderConfig, services: Services) -> Render:
    """Always in the chain."""
    return Render(services.flags, config.replies or DefaultReplies())


component = Component(
    kind="stage",
    name="render",
    phase="render",
    Config=RenderConfig,
    build=build,
    summary="The final answer: reply, errors, wanted fields.",
    example="reply: Order ${ output.order_id } is ${ output.state }.",
)
