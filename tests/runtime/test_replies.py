from __future__ import annotations

import pytest

from gateway.sdk import Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import intent

REPLY = """
steps: {orders: {call: erp.orders}}
output: {n: "${ length(steps.orders) }"}
reply:
  - {when: error.code, text: {en: "sorry, ${ error.code }", de: "leider, ${ error.code }"}}
  - when: output.n == `0`
    text: nothing
  - text: {de: "${ output.n } da", en: "${ output.n } here", de-CH: "${ output.n } doo"}
    blocks: [{list: {$each: steps.orders, $as: o, $do: "${ o }"}}]
    actions: {label: more}
    suggestions: ["again?"]
"""


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "2 here"), ("de", "2 da"), ("de-AT", "2 da"), ("de-CH", "2 doo"), ("fr", "2 here"), ("", "2 here")],
)
async def test_the_text_of_the_nearest_locale_is_taken(gateway: Make, locale: str, text: str) -> None:
    made = await gateway(intent(REPLY), {"erp.orders": ["a", "b"]})
    reply = (await made.ask("ask", {}, user=USER, locale=locale)).reply
    assert reply is not None
    assert (reply.text, reply.blocks, reply.actions, reply.suggestions) == (text, [{"list": ["a", "b"]}], [{"label": "more"}], ["again?"])


async def test_the_first_form_that_applies_is_taken(gateway: Make) -> None:
    made = await gateway(intent(REPLY), {"erp.orders": []})
    reply = (await made.ask("ask", {}, user=USER)).reply
    assert reply is not None
    assert reply.text == "nothing"


async def test_a_failed_answer_takes_only_forms_for_failures(gateway: Make) -> None:
    made = await gateway(intent(REPLY), {"erp.orders": Unavailable()})
    reply = (await made.ask("ask", {}, user=USER, locale="de")).reply
    assert reply is not None
    assert reply.text == "leider, unavailable"
    made = await gateway(intent(REPLY.replace("error.code, text", "input.never, text")), {"erp.orders": Unavailable()})
    reply = (await made.ask("ask", {}, user=USER)).reply
    assert reply is not None
    assert reply.text is not None
    assert reply.text.startswith("Sorry, I can't reach"), "nobody has written anything for the case"


async def test_one_text_is_the_whole_reply(gateway: Make) -> None:
    made = await gateway(intent("reply: Hello ${ input.name }"), {})
    reply = (await made.ask("ask", {"name": "Ada ${ user.id }"}, user=USER)).reply
    assert reply is not None
    assert reply.text == "Hello Ada ${ user.id }"
