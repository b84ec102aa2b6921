from __future__ import annotations

from typing import Any

import pytest

from gateway.runtime.claim import NOTE, Claim, Withheld
from gateway.runtime.keyed_writes import KeyedWrites, component
from gateway.sdk import Call, Response, Result
from gateway.testing.calls import call_of


class Recorded(Claim):
    def __init__(self, events: list[str], *, withheld: bool = False) -> None:
        super().__init__("key", None, None, None)  # type: ignore[arg-type]
        self._events = events
        self._withheld = withheld

    async def make(self) -> None:
        self._events.append("made")
        if self._withheld:
            raise Withheld(None)


def asked(note: Any) -> tuple[Call, list[str], Any]:
    events: list[str] = []
    call = call_of("s.o")

    async def proceed(call: Call) -> Result:
        events.append("sent")
        return Result(call.operation, Response(1))

    if note is not None:
        call.context.notes[NOTE] = note(events)
    return call, events, proceed


async def test_the_record_comes_first() -> None:
    call, events, proceed = asked(Recorded)
    assert (await KeyedWrites()(call, proceed)).value == "s.o"
    assert events == ["made", "sent"]
    assert call.context.notes[NOTE].fates == {"done": 1}


async def test_without_a_record_nothing_is_sent() -> None:
    call, events, proceed = asked(lambda events: Recorded(events, withheld=True))
    with pytest.raises(Withheld):
        await KeyedWrites()(call, proceed)
    assert events == ["made"]


async def test_a_request_without_a_key_is_sent() -> None:
    call, events, proceed = asked(None)
    await KeyedWrites()(call, proceed)
    assert events == ["sent"]


def test_it_is_an_interceptor() -> None:
    assert (component.kind, component.name) == ("interceptor", "once")
