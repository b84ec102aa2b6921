"""The delivery service: parcels from their first scan on."""

from __future__ import annotations

from tests.demo.backends.conftest import Ask


async def test_a_parcel_comes_with_its_scans(ask: Ask) -> None:
    parcel = (await ask.get("delivery", "/v2/shipments/NW00001007DE")).json()
    assert (parcel["state"], parcel["eta"]) == ("in_transit", "2026-11-22")
    assert [event["code"] for event in parcel["events"]] == ["PU", "DP", "AR"]


async def test_a_parcel_that_was_not_scanned_is_unknown(ask: Ask) -> None:
    answer = await ask.get("delivery", "/v2/shipments/NW00001009DE")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_scanned")
