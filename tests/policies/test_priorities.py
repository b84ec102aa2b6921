"""The rank of a request by names, and the intent that one seems to mean."""

from __future__ import annotations

import pytest

from gateway.policies.priorities import CHAT_PATH, FAR, Priorities, apparent_intent
from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL

PRIORITIES = Priorities({"block_card": CRITICAL, "list_offers": LOW}, {"acme": HIGH, "trial": LOW})


@pytest.mark.parametrize(
    ("intent", "tenant", "rank"),
    [
        ("block_card", None, CRITICAL),
        ("block_card", "trial", HIGH),
        ("list_offers", "acme", NORMAL),
        ("list_offers", "unheard_of", LOW),
        ("unheard_of", "acme", HIGH),
        (None, "trial", LOW),
        (None, None, NORMAL),
    ],
)
def test_intent_and_tenant_make_the_rank(intent: str | None, tenant: str | None, rank: int) -> None:
    assert PRIORITIES.rank(intent, tenant) == rank


def test_where_none_are_given_all_are_normal() -> None:
    assert Priorities().rank("block_card", "acme") == NORMAL


def test_the_path_names_the_intent() -> None:
    assert apparent_intent("/v1/intents/block_card", b'{"intent": "list_offers"}') == "block_card"


@pytest.mark.parametrize(
    ("body", "intent"),
    [
        (b'{"intent":"block_card"}', "block_card"),
        (b'{"text": "hello", "intent" : \n "block_card", "input": {}}', "block_card"),
        (bytearray(b'{"intent": "a.b-c_1"}'), "a.b-c_1"),
        (b'{"text": "block my card"}', None),
        (b'{"intent": 7}', None),
        (b'{"intent": "gr\xc3\xbc\xc3\x9fe"}', None),
        (b'{"intent": "' + b"x" * 129 + b'"}', None),
        (b'{"intent": "blo', None),
        (b"", None),
    ],
)
def test_a_body_of_the_chat_may_name_it(body: bytes | bytearray, intent: str | None) -> None:
    assert apparent_intent(CHAT_PATH, body) == intent


def test_only_the_beginning_of_a_body_is_looked_through() -> None:
    named = b'"intent": "block_card"'
    assert apparent_intent(CHAT_PATH, b" " * (FAR - len(named)) + named) == "block_card"
    assert apparent_intent(CHAT_PATH, b" " * (FAR - len(named) + 1) + named) is None


def test_no_other_path_means_an_intent() -> None:
    body = b'{"intent": "block_card"}'
    assert [apparent_intent(path, body) for path in ("/v1/intents", "/v1/chat/", "/cards", "/")] == [None] * 4
