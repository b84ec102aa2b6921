from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.keys import _digest, write_key
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import intent


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_different_parts_never_give_one_key(one: list[bytes], other: list[bytes]) -> None:
    assert (_digest(one) == _digest(other)) == (one == other)


def test_a_write_has_a_key_of_its_step_and_item_only_where_the_request_has_one() -> None:
    assert write_key(None, "note") is None
    keys = {
        write_key("k", "note"),
        write_key("k", "other"),
        write_key("k", "note", b"0"),
        write_key("k", "note", b"1"),
        write_key("l", "note"),
    }
    assert len(keys) == 5


INNER = """
intent: inner
input: {type: object, properties: {text: {type: string}}}
idempotency_key: [input.text]
steps: {a: {call: erp.note, with: {text: "${ input.text }"}}}
output: 1
"""


async def test_a_sub_intents_own_key_counts_where_its_caller_has_none(gateway: Make) -> None:
    outer = intent('steps: {b: {call: intent.inner, with: {text: "${ input.text }"}}}\noutput: 1')
    made = await gateway(f"{outer}\n---\n{INNER}", {"erp.note": 1})
    for text in ("a", "a", "b"):
        await made.ask("ask", {"text": text}, user=USER)
    await made.ask("ask", {"text": "a"}, user=USER, idempotency_key="k")
    first, second, other, of_caller = (call.idempotency_key for call in made.calls)
    assert first == second
    assert len({first, other, of_caller, None}) == 4
