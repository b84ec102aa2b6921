"""Which calls a binding tells apart."""

from __future__ import annotations

from tests.policies.calls_under_way import FakeOperation, binding_of


def test_who_is_apart_has_a_lane_and_all_others_have_one_together() -> None:
    binding = binding_of(FakeOperation(), apart=frozenset({"acme", "zeta"}))
    assert [binding.lane(tenant) for tenant in ("acme", "zeta", "default", "trial")] == ["acme", "zeta", "", ""]


def test_where_nobody_is_apart_there_is_one_lane() -> None:
    binding = binding_of(FakeOperation())
    assert {binding.lane(tenant) for tenant in ("acme", "default")} == {""}
