"""Personal data in the texts of replies."""

from __future__ import annotations

from gateway.policies.free_text import KINDS, FreeText
from gateway.policies.mask_text import component
from gateway.sdk import Answer, Reply
from tests.policies.exchanges import FakeServices, answering, make_exchange

MAIL = "ann@example.org"


async def shown(reply: Reply | None, services: FakeServices | None = None) -> Reply | None:
    assert component.build is not None
    stage = component.build(component.Config(free_text=FreeText()), services or FakeServices())
    answer = await stage(make_exchange(), answering(Answer("complete", data={"mail": MAIL}, reply=reply)))
    assert isinstance(answer, Answer)
    assert answer.data == {"mail": MAIL}
    return answer.reply


async def test_every_text_but_what_an_action_gives_to_its_intent() -> None:
    reply = Reply(
        text=f"Write to {MAIL}!",
        blocks=[{"title": MAIL, "list": [MAIL, 1, None, {"text": MAIL}]}],
        actions=[{"label": MAIL, "intent": "write", "input": {"to": MAIL}}, MAIL],
        suggestions=[f"Who is {MAIL}?"],
    )
    assert await shown(reply) == Reply(
        text="Write to [email]!",
        blocks=[{"title": "[email]", "list": ["[email]", 1, None, {"text": "[email]"}]}],
        actions=[{"label": "[email]", "intent": "write", "input": {"to": MAIL}}, "[email]"],
        suggestions=["Who is [email]?"],
    )


async def test_an_answer_may_have_no_reply_and_a_reply_no_text() -> None:
    assert await shown(None) is None
    assert await shown(Reply()) == Reply()


async def test_what_is_hidden_is_counted_by_its_kind() -> None:
    services = FakeServices()
    await shown(Reply(text=f"{MAIL} {MAIL} 4111111111111111"), services)
    counted = {kind: services.metrics.total("gateway_masked_values_total", classification=kind) for kind in KINDS}
    assert counted == {"email": 2, "card": 1, "phone": 0, "iban": 0}


def test_it_is_not_in_the_chain_where_nobody_asks_for_it() -> None:
    assert component.build is not None
    assert component.build(component.Config(), FakeServices()) is None
