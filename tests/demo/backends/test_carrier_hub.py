"""The carriers' service tells the same story as our own, in other words."""

from __future__ import annotations

from tests.demo.backends.conftest import Ask


async def test_tells_what_the_delivery_service_tells(ask: Ask) -> None:
    ours = (await ask.get("delivery", "/v2/shipments/NW00001007DE")).json()
    theirs = (await ask.get("carrier_hub", "/tracking/NW00001007DE")).json()["tracking"]
    assert (theirs["number"], theirs["eta"]) == (ours["tracking_no"], ours["eta"])
    assert [(event["at"], event["hub"], event["code"]) for event in theirs["events"]] == [
        (event["time"], event["place"], event["code"]) for event in ours["events"]
    ]
    assert "state" not in theirs
