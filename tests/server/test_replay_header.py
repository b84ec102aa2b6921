from __future__ import annotations

import pytest

from gateway.server.outgoing import Outgoing
from gateway.server.replay_header import REPLAYED, with_replay
from tests.policies.exchanges import make_exchange


@pytest.mark.parametrize("result", [None, "run", "running", "mismatch", "unknown", "unavailable"])
def test_a_new_answer_has_no_such_header(result: str | None) -> None:
    exchange = make_exchange()
    if result is not None:
        exchange.notes["idempotency"] = result
    outgoing = Outgoing(200, b"{}")
    assert with_replay(outgoing, exchange) is outgoing


def test_an_earlier_answer_tells_that_it_is_one() -> None:
    exchange = make_exchange()
    exchange.notes["idempotency"] = "replayed"
    assert with_replay(Outgoing(200, b"{}", headers=((b"a", b"b"),)), exchange).headers == ((b"a", b"b"), REPLAYED)
