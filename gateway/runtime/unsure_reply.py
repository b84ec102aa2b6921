"""What is said where nobody knows whether a request was carried out: a person is to look it up."""

from __future__ import annotations

from gateway.sdk import Answer, Exchange, GatewayError, Reply

TEXTS = {
    "en": "I can't tell whether that went through, so I won't do it again. Would you like a person to look it up?",
    "de": "Ich kann nicht sagen, ob das geklappt hat, und mache es deshalb nicht noch einmal. Soll ein Mensch für Sie nachsehen?",
}
FALLBACK = "en"


def offer_a_person(exchange: Exchange, answer: Answer) -> Answer:
    """The same answer; where its intent has no reply for the case, with ours."""
    if not _has_own(exchange, answer):
        answer.reply = Reply(TEXTS.get(exchange.locale.partition("-")[0], TEXTS[FALLBACK]))
    return answer


def _has_own(exchange: Exchange, answer: Answer) -> bool:
    """The reply itself is made later, when it is known what of it may be shown."""
    if exchange.chosen is None or exchange.scope is None:
        return False
    try:
        return exchange.chosen.reply(exchange.scope, answer) is not None
    except GatewayError:
        return False
