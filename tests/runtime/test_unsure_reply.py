from __future__ import annotations

from typing import Any

import pytest

from gateway.runtime.unsure_reply import TEXTS, offer_a_person
from gateway.sdk import Answer, Conflict, Exchange, ExpressionFault, Reply
from tests.policies.exchanges import make_exchange
from tests.server.gateways import make_intent


def asked(reply: Any, locale: str = "en") -> Exchange:
    exchange = make_exchange()
    exchange.chosen, exchange.scope, exchange.locale = make_intent(render=reply), {}, locale
    return exchange


def unsure() -> Answer:
    return Answer("failed", error=Conflict(detail_code="outcome_unknown"))


@pytest.mark.parametrize(("locale", "text"), [("en", "en"), ("de-AT", "de"), ("fr", "en")])
def test_a_person_is_offered_in_the_callers_language(locale: str, text: str) -> None:
    assert offer_a_person(asked(lambda scope, answer: None, locale), unsure()).reply == Reply(TEXTS[text])


def test_an_intents_own_reply_is_left_to_be_made() -> None:
    assert offer_a_person(asked(lambda scope, answer: Reply("Call us.")), unsure()).reply is None


def test_a_reply_with_a_fault_in_it_does_not_stand_in_the_way() -> None:
    def broken(scope: Any, answer: Answer) -> Reply:
        raise ExpressionFault

    assert offer_a_person(asked(broken), unsure()).reply == Reply(TEXTS["en"])


def test_before_an_intent_is_known_there_is_only_ours() -> None:
    assert offer_a_person(make_exchange(), unsure()).reply == Reply(TEXTS["en"])
