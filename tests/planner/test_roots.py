from __future__ import annotations

from gateway.planner import roots


def test_no_item_may_take_the_name_of_any_position_s_root() -> None:
    positions = [value for name, value in vars(roots).items() if name.isupper() and not name.endswith("_FIELDS") and name != "ALL"]
    assert len(positions) > 5
    assert all(position <= roots.ALL for position in positions)


def test_what_comes_before_the_answer_sees_nothing_of_it() -> None:
    assert roots.GUARD.isdisjoint({"steps", "status", "meta", "result", "output", "error"})
    assert sorted(roots.POLICY) == ["config", "ctx", "tenant", "user"]
    assert "result" not in roots.LADDER
    assert "user" not in roots.TRANSFORM
