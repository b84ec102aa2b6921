"""One for all tenants, and one more for each that is apart."""

from __future__ import annotations

from gateway.sdk.lanes import Lanes


def test_who_is_apart_has_one_of_its_own() -> None:
    lanes = Lanes(lambda lane: [lane], {"b", "a"})
    assert [lanes.of(tenant) for tenant in ("a", "b", "c", "")] == [["a"], ["b"], [""], [""]]
    assert lanes.of("c") is lanes.of("d")
    assert list(lanes) == [[""], ["a"], ["b"]]
