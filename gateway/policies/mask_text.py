"""Stage `mask_text`: hides personal data in the texts of replies, from everybody (language §6 `free_text`)."""

from __future__ import annotations

from typing import Any

from gateway.policies.free_text import KINDS, FreeText
from gateway.sdk import Answer, Component, Counter, Exchange, Handler, Metrics, Model, Reply, Services

INPUT = "input"
"""The member of an action that is data for the next request, and no text."""


class MaskTextConfig(Model, frozen=True):
    """`free_text` finds the data; without it the stage is not there."""

    free_text: FreeText | None = None


class MaskText:
    """Goes through `text`, blocks, suggestions and actions, but for what an action gives to its intent."""

    def __init__(self, free_text: FreeText, metrics: Metrics) -> None:
        self._free_text = free_text
        self._counters: dict[str, Counter] = {
            kind: metrics.counter("gateway_masked_values_total", "Values that were masked in answers.", classification=kind)
            for kind in KINDS
        }

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        answer = await proceed(exchange)
        reply = answer.reply
        if reply is not None:
            answer.reply = Reply(self._of(reply.text), self._of(reply.blocks), self._actions(reply.actions), self._of(reply.suggestions))
        return answer

    def _of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._of(item) for item in value]
        return {name: self._of(member) for name, member in value.items()} if isinstance(value, dict) else value

    def _actions(self, actions: list[Any]) -> list[Any]:
        return [
            {name: member if name == INPUT else self._of(member) for name, member in action.items()}
            if isinstance(action, dict)
            else self._of(action)
            for action in actions
        ]

    def _text(self, text: str) -> str:
        for span in self._free_text.found(text):
            self._counters[span.kind].inc()
        return self._free_text(text)


def build(config: MaskTextConfig, services: Services) -> MaskText | None:
    """In the chain where a policy says `free_text: {replies: true}`."""
    return None if config.free_text is None else MaskText(config.free_text, services.metrics)


component = Component(
    kind="stage",
    name="mask_text",
    phase="render",
    Config=MaskTextConfig,
    build=build,
    summary="Personal data in the texts of replies.",
    example="free_text: {replies: true, kinds: [email, iban]}",
)
